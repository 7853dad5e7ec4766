"""A store of random templates and the program at work on it: what the benchmarks share."""
import base64
import json
import os
import pathlib
import random
import statistics
import struct
import subprocess
import sys
import time

RUNS = 5
DIMENSION = 128


def answer(words, environment):
    return json.loads(subprocess.run([str(word) for word in words], env=environment, stdin=subprocess.DEVNULL,
                                     stdout=subprocess.PIPE, check=True).stdout)


def one_shot(words, environment):
    """Milliseconds of a process from its start to its end, and the most MB it had resident."""
    start = time.perf_counter()
    child = subprocess.Popen([str(word) for word in words], env=environment, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL)
    _, status, usage = os.wait4(child.pid, 0)
    took = 1000 * (time.perf_counter() - start)
    child.returncode = os.waitstatus_to_exitcode(status)
    if child.returncode != 0:
        sys.exit(f"{words} ended with {child.returncode}")
    return took, usage.ru_maxrss / 1000


def template_member(numbers):
    """A random template as requests have it."""
    values = [numbers.gauss(0, 1) for _ in range(DIMENSION)]
    length = sum(value * value for value in values) ** 0.5
    return base64.b64encode(struct.pack(f"<{DIMENSION}f", *(value / length for value in values))).decode()


def template_file(folder, fingerprint):
    path = pathlib.Path(folder) / "template.json"
    path.write_text(json.dumps({"template": template_member(random.Random(7)), "fingerprint": fingerprint, "pack": "mini",
                                "dimension": DIMENSION}))
    return path


class Place:
    """A store with a plain and a sealed collection below a folder."""

    def __init__(self, build, folder):
        self.build, self.folder = build, folder
        self.environment = dict(os.environ, HOME=str(folder), XDG_CONFIG_HOME=f"{folder}/config", FACESEARCH_STORE=f"{folder}/store")
        for name in ("FACESEARCH_MODELS", "FACESEARCH_API_KEY", "FACESEARCH_MASTER_KEYS", "XDG_DATA_HOME"):
            self.environment.pop(name, None)
        self.run("init")
        self.run("collection", "create", "plain", "--no-encryption")
        self.run("collection", "create", "sealed")

    def run(self, *words):
        return answer([self.build / "bin" / "facesearch", *words], self.environment)

    def fill(self, collection, faces, one_by_one=0):
        return answer([self.build / "bin" / "fill_store", f"{self.folder}/store", collection, faces, one_by_one], self.environment)

    def one_shot(self, *words):
        return one_shot([self.build / "bin" / "facesearch", *words], self.environment)

    def search(self, collection, template):
        """`collection`: or several, with commas."""
        return self.one_shot("search", "--collections", collection, "--name", "bench", "--template", template)

    def durable(self, collection):
        """One enrolment as a multiple of a bare commit on this file system, by turns."""
        ratios = []
        for turn in range(RUNS):
            bare = subprocess.run([self.build / "bin" / "lmdb_bare_commit", f"{self.folder}/bare", "11"],
                                  stdout=subprocess.PIPE, check=True, text=True)
            ratios.append(self.fill(collection, 0, 11)["one_ms"] / float(bare.stdout))
        return statistics.median(ratios)
