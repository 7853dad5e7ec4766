"""The peers' libraries in a virtual environment, build/bench/venv: pinned versions, whose files pip checks by their hashes."""
import hashlib
import pathlib
import shutil
import subprocess
import sys

from harness import ROOT, CannotRun

HERE = pathlib.Path(__file__).resolve().parent
FOLDER = ROOT / "build" / "bench" / "venv"
LISTS = (("libraries.txt", ()), ("hnswlib.txt", ("--no-deps", "--no-build-isolation")))
# Debian's own first: sqlite-vec is an extension, which some other Pythons' sqlite3 cannot load.
PYTHONS = ("/usr/bin/python3", sys.executable)
CAN_LOAD = "import sqlite3, ensurepip; sqlite3.Connection.enable_load_extension"


def run(words, what):
    done = subprocess.run([str(word) for word in words], capture_output=True, text=True, check=False)
    if done.returncode != 0:
        lines = (done.stderr or done.stdout).strip().splitlines() or ["no reason given"]
        errors = [line.strip() for line in lines if "error:" in line.lower()] or lines[-1:]
        raise CannotRun(f"{what} failed: {errors[0]}")


def python_for_it():
    for python in PYTHONS:
        if pathlib.Path(python).exists() and subprocess.run([python, "-c", CAN_LOAD], capture_output=True, check=False).returncode == 0:
            return python
    raise CannotRun("no Python 3 has venv and an sqlite3 that loads extensions. Install them: scripts/install-deps peers")


def make(bench):
    """The Python of the environment. Makes it, or keeps that of an earlier run with the same lists. Throws CannotRun, for example without a
    network."""
    python, mark = python_for_it(), FOLDER / "made-of"
    digest = hashlib.sha256(b"".join((HERE / name).read_bytes() for name, _ in LISTS) + python.encode()).hexdigest()
    if not mark.exists() or mark.read_text(encoding="utf-8") != digest:
        bench.say(f"installing the peers from PyPI into {FOLDER.relative_to(ROOT)}")
        shutil.rmtree(FOLDER, ignore_errors=True)
        run([python, "-m", "venv", FOLDER], "python3 -m venv")
        pip = [FOLDER / "bin" / "python", "-m", "pip", "--disable-pip-version-check", "--quiet", "install", "--require-hashes"]
        for name, words in LISTS:
            run([*pip, *words, "-r", HERE / name], f"pip install -r tests/bench/peers/{name}")
        mark.write_text(digest, encoding="utf-8")
    return FOLDER / "bin" / "python"
