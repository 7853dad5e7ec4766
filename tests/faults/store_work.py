"""What the fault tests share: a store of their own, templates that are as good as photographs and take milliseconds, and
words on the command line that replay a run.

    work = Work(options)            # a folder with HOME and store; gone at the end, kept where a test fails
    status, document = work.run("enroll", "--collection", "people", "--name", "n", "--template", "-", input=work.face(7))
"""
import argparse
import base64
import functools
import json
import os
import pathlib
import random
import shutil
import struct
import subprocess
import sys
import tempfile
import time

PEOPLE = pathlib.Path(__file__).resolve().parent.parent / "data" / "people"
DIMENSION = 128  # of the built-in pack's templates
HANG_S = 60
SIGNALLED = 128  # a status from here on, or a negative one, is a death by signal


def options_of(description, size, small=0.1, **more):
    """--program, --shim, --seed, --size, --expect and `more` (name = default); prints the seed. `size` says what size 1 is, which
    scripts/test --full takes (FACESEARCH_FULL), with a new seed; else it is `small`, and the seed is 1."""
    full = "FACESEARCH_FULL" in os.environ
    parser = argparse.ArgumentParser(description=description)
    parser.add_argument("program")
    parser.add_argument("--shim", help="faultshim.so")
    parser.add_argument("--seed", type=int, default=None)
    parser.add_argument("--size", type=float, default=1.0 if full else small, help=f"1 is {size}")
    parser.add_argument("--expect", help="a broken program: this must be among the findings")
    parser.add_argument("--keep", action="store_true", help="keep the folder")
    for name, default in more.items():
        parser.add_argument(f"--{name}", type=type(default), default=default)
    options = parser.parse_args()
    if options.seed is None:
        options.seed = random.SystemRandom().randrange(1 << 31) if full else 1
    print(f"seed {options.seed}, size {options.size:g}", flush=True)
    options.program = str(pathlib.Path(options.program).resolve())
    return options


class Findings:
    """What is not as it was promised, by kind. A kind is a few words that do not change: --expect names one."""

    def __init__(self, options):
        self.options, self.kinds, self.began = options, {}, time.monotonic()
        options.findings = self

    def add(self, kind, what):
        self.kinds.setdefault(kind, []).append(what)
        if len(self.kinds[kind]) <= 3:
            print(f"{kind}: {what}", flush=True)

    @property
    def enough(self):
        """What was expected of a broken program is found."""
        return self.options.expect in self.kinds

    def end(self, summary, skipped=None):
        """Says what was found and ends the test: 0 where all is as promised, or where what was expected of a broken
        program was found; 77 where a part was skipped and the rest is as promised. `skipped` says why."""
        found = ", ".join(f"{len(all_)} x {kind}" for kind, all_ in self.kinds.items()) or "nothing amiss"
        print(f"{summary}; {found}; {time.monotonic() - self.began:.1f} s")
        wanted = self.options.expect
        if wanted is None:
            good = not self.kinds
            if not good:
                print(f"replay with --seed {self.options.seed} --size {self.options.size:g}")
        else:
            good = wanted in self.kinds
            if not good:
                print(f"the broken program was expected to show: {wanted}")
        if good and skipped:
            print(f"skipped: {skipped}")
            sys.exit(77)
        sys.exit(0 if good else 1)


class Work:
    """A folder with a HOME, a store (`init`) and what a test makes in there."""

    def __init__(self, options, init=True):
        self.options, self.program = options, options.program
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="facesearch-faults-"))
        self.at(self.folder)
        if init:
            self.must("init")

    def at(self, folder):
        """Works in another folder (a copy) from here on."""
        folder = pathlib.Path(folder)
        self.home, self.store = folder / "home", folder / "store"
        self.home.mkdir(exist_ok=True)
        self.environment = {"HOME": str(self.home), "FACESEARCH_STORE": str(self.store), "PATH": os.environ["PATH"],
                            "LC_ALL": "C.UTF-8"}
        return self

    def other(self, folder):
        """The same in another folder, beside this one."""
        twin = object.__new__(Work)
        twin.options, twin.program, twin.folder = self.options, self.program, self.folder
        twin.__dict__.update({name: value for name, value in self.__dict__.items() if name.startswith("_cached")})
        return twin.at(folder)

    def close(self):
        if self.options.keep:
            print(f"kept: {self.folder}")
        else:
            shutil.rmtree(self.folder, ignore_errors=True)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    def start(self, *words, environment=None, program=None, **more):
        """A process whose streams are pipes."""
        return subprocess.Popen([program or self.program, *map(str, words)],
                                env={**self.environment, **(environment or {})},
                                **{"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "stderr": subprocess.PIPE,
                                   **more})

    def run(self, *words, input=None, environment=None, timeout=HANG_S, program=None, **more):
        """(status, document); a document that is no JSON is its text, a hang is the status "hang". The words on standard
        error of the last run are in self.words."""
        process = self.start(*words, environment=environment, program=program, **more)
        try:
            out, err = process.communicate((input or "").encode(), timeout=timeout)
        except subprocess.TimeoutExpired:
            process.kill()
            process.communicate()
            return "hang", {}
        self.words = err.decode(errors="replace")
        return process.returncode, document_of(out)

    def must(self, *words, **more):
        status, document = self.run(*words, **more)
        if status != 0:
            if self.options.findings.enough:  # a broken program, found out before
                self.options.findings.end("ended early")
            sys.exit(f"{' '.join(map(str, words))}: {status} {document} {self.words}")
        return document

    def snapshot(self, name="snapshot"):
        """A copy of HOME and store; other(copy) works there."""
        target = self.folder / name
        copy_tree(self.home, target / "home")
        copy_tree(self.store, target / "store")
        return target

    @functools.cached_property
    def _cached_document(self):
        return self.must("template", "extract", "--image", PEOPLE / "person01-1.jpg")

    def face(self, number):
        """A template document: the same for the same number, far from that of any other one."""
        return json.dumps({**self._cached_document, "template": template_of(number)})

    def enroll(self, number, collection="people", **more):
        return self.run("enroll", "--collection", collection, "--name", f"n{number}", "--template", "-",
                        input=self.face(number), **more)

    def search(self, number, collection="people", **more):
        return self.run("search", "--collection", collection, "--name", "probe", "--template", "-",
                        input=self.face(number), **more)

    def faces(self, collection="people", **more):
        """The ids of all faces."""
        return [face["face_id"] for face in self.records(collection, **more)]

    def records(self, collection="people", **more):
        """All faces, by the pages of `face list`."""
        found, page = [], 1
        while True:
            listed = self.must("face", "list", "--collection", collection, "--page", page, **more)["result"]
            if not listed:
                return found
            found += listed
            page += 1


def template_of(number):
    drawn = random.Random(number)
    values = [drawn.gauss(0, 1) for _ in range(DIMENSION)]
    norm = sum(value * value for value in values) ** .5
    return base64.b64encode(struct.pack(f"<{DIMENSION}f", *(value / norm for value in values))).decode()


def document_of(out):
    try:
        return json.loads(out)
    except ValueError:
        return out.decode(errors="replace")


def code_of(document):
    return document.get("errorCode") if isinstance(document, dict) else None


def was_signalled(status):
    return isinstance(status, int) and (status < 0 or status >= SIGNALLED and status != 130)


def copy_tree(source, target):
    """Quicker than shutil for many small files: holes stay holes."""
    shutil.rmtree(target, ignore_errors=True)
    target.parent.mkdir(parents=True, exist_ok=True)
    subprocess.run(["cp", "-a", "--sparse=always", str(source), str(target)], check=True)
