"""What the benchmarks share: how large a run is, the programs of a build, and a store of random templates.

A benchmark is a module of this folder with AIMS and measure(bench); `run` is the registry and the command line."""
import base64
import contextlib
import json
import os
import pathlib
import random
import statistics
import struct
import subprocess
import sys
import tempfile
import time

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
PEOPLE = sorted((ROOT / "tests" / "data" / "people").glob("*.jpg"))
DIMENSION = 128
SETTINGS = ("FACESEARCH_MODELS", "FACESEARCH_API_KEY", "FACESEARCH_MASTER_KEYS", "FACESEARCH_MASTER_KEY_FILE",
            "FACESEARCH_PASSPHRASE", "FACESEARCH_PASSPHRASE_FILE", "XDG_DATA_HOME")


class CannotRun(Exception):
    """This machine lacks what a benchmark needs. Its figures are left out; that is no failure."""


def at_most(limit, unit="x"):
    return {"limit": limit, "more": False, "unit": unit}


def at_least(limit, unit="x"):
    return {"limit": limit, "more": True, "unit": unit}


class Bench:
    """The build that is measured, the folder for its stores, and the size of the run."""

    def __init__(self, build, parent=None, small=False):
        self.build, self.parent, self.small = pathlib.Path(build).resolve(), parent, small

    def size(self, full, small):
        return small if self.small else full

    def say(self, text):
        print(f"  {text}", file=sys.stderr, flush=True)

    def program(self, name):
        return self.build / "bin" / name

    @contextlib.contextmanager
    def store(self):
        with tempfile.TemporaryDirectory(dir=self.parent, prefix="facesearch-bench-") as folder:
            yield TemporaryStore(self, folder)

    def picture_640x480(self, path):
        """A 640x480 photograph with one face."""
        subprocess.run([self.program("picture_640x480"), ROOT / "tests" / "data" / "people" / "person01-2.jpg", path], check=True)

    def bare_pictures(self, files, threads):
        """Pictures a second of the networks alone, without a store."""
        answer = answer_of([self.program("bare_pictures"), ROOT / "models", self.build / "lib" / "facesearch", threads], text="\n".join(files))
        if not answer["embedded"]:
            raise RuntimeError(f"bare_pictures embedded none of {len(files)} pictures")
        return answer["per_second"]


def clean_environment(folder):
    """The environment of a user whose home is this folder."""
    environment = dict(os.environ, HOME=str(folder), XDG_CONFIG_HOME=f"{folder}/config", FACESEARCH_STORE=f"{folder}/store")
    for name in SETTINGS:
        environment.pop(name, None)
    return environment


def answer_of(words, environment=None, text=""):
    """The JSON document that a program prints."""
    return json.loads(subprocess.run([str(word) for word in words], env=environment, input=text, stdout=subprocess.PIPE, text=True,
                                     check=True).stdout)


def usage_of(words, environment, output=os.devnull):
    """Of a process: milliseconds from its start to its end and of processor time, and its peak memory in MB. Its answer goes into `output`."""
    with open(output, "wb") as answer:
        start = time.perf_counter()
        child = subprocess.Popen([str(word) for word in words], env=environment, stdin=subprocess.DEVNULL, stdout=answer)
        _, status, usage = os.wait4(child.pid, 0)
        took = 1000 * (time.perf_counter() - start)
    child.returncode = os.waitstatus_to_exitcode(status)
    if child.returncode != 0:
        raise RuntimeError(f"{' '.join(map(str, words))} ended with {child.returncode}")
    return {"ms": took, "processor_ms": 1000 * (usage.ru_utime + usage.ru_stime), "peak_mb": usage.ru_maxrss * 1024 / 1e6}


def one_shot(words, environment):
    """Milliseconds from the start of a process to its end, and its peak memory in MB."""
    used = usage_of(words, environment)
    return used["ms"], used["peak_mb"]


def alternating(rounds, measures):
    """The median of each measure. A round runs each of them once, so a slow minute slows all of them."""
    found = {name: [] for name in measures}
    for _ in range(rounds):
        for name, measure in measures.items():
            found[name].append(measure())
    return {name: statistics.median(values) for name, values in found.items()}


def template_member(numbers):
    """A random template as a request has it."""
    values = [numbers.gauss(0, 1) for _ in range(DIMENSION)]
    length = sum(value * value for value in values) ** 0.5
    return base64.b64encode(struct.pack(f"<{DIMENSION}f", *(value / length for value in values))).decode()


class TemporaryStore:
    """A store with a plain and an encrypted collection (`sealed`), in a folder of its own."""

    def __init__(self, bench, folder):
        self.bench, self.folder = bench, pathlib.Path(folder)
        self.environment = clean_environment(folder)
        self.run("init")
        self.run("collection", "create", "plain", "--no-encryption")
        self.run("collection", "create", "sealed")
        self.fingerprint = self.run("collection", "show", "sealed")["collection"]["fingerprint"]

    def words(self, *words):
        return [self.bench.program("facesearch"), *words]

    def run(self, *words):
        return answer_of(self.words("--quiet", *words), self.environment)

    def one_shot(self, *words):
        return one_shot(self.words(*words), self.environment)

    def time(self, words):
        """Milliseconds of a process."""
        return one_shot(words, self.environment)[0]

    def fill(self, collection, faces, one_by_one=0, faces_a_person=1):
        """Random templates, 16,384 a commit; then some one by one."""
        return answer_of([self.bench.program("fill_store"), f"{self.folder}/store", collection, faces, one_by_one, faces_a_person],
                         self.environment)

    def template(self):
        """A file with a random template."""
        path = self.folder / "template.json"
        path.write_text(json.dumps({"template": template_member(random.Random(7)), "fingerprint": self.fingerprint, "pack": "mini",
                                    "dimension": DIMENSION}))
        return path

    def manifest(self, name, count, **members):
        """A file with as many random templates, a line each, as a batch takes it."""
        numbers = random.Random(name)
        path = self.folder / name
        with open(path, "w", encoding="utf-8") as file:
            for number in range(count):
                file.write(json.dumps({**members, "requestName": str(number), "template": template_member(numbers),
                                       "fingerprint": self.fingerprint}) + "\n")
        return path

    def search(self, collections, template, *words):
        """`collections`: one, or several with commas. Milliseconds, and peak MB."""
        return self.one_shot("search", "--collections", collections, "--name", "bench", "--template", template, *words)

    def batch(self, verb, threads, *words, files=(), most_failed=0.0):
        """Inputs a second of a batch. Fails where more than `most_failed` of them failed."""
        done = subprocess.run([str(word) for word in self.words("--quiet", verb, "--threads", threads, *words)], env=self.environment,
                              input="\n".join(files), stdout=subprocess.PIPE, text=True, check=False)
        summary = json.loads(done.stdout.splitlines()[-1])
        if not summary["succeeded"] or summary["failed"] > most_failed * summary["inputs"]:
            raise RuntimeError(f"{verb}: {summary}")
        return summary["per_second"]
