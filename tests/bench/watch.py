"""How long a picture that appears in a watched folder waits for its answer, compared with a process for each picture. Pictures come one at a time,
alternating, each once the previous one is answered."""
import itertools
import json
import pathlib
import shutil
import statistics
import subprocess
import time

from harness import PEOPLE

AIMS = {}


class Watch:
    """`facesearch watch` of an empty folder."""

    def __init__(self, store, verb, *words):
        self.folder = store.folder / f"arrivals-{verb}"
        self.folder.mkdir()
        self.process = subprocess.Popen([str(word) for word in store.words("--quiet", "watch", verb, *words, self.folder)],
                                        env=store.environment, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, text=True)
        self.numbers = itertools.count()

    def __enter__(self):
        self.answer_ms(PEOPLE[-1])  # the networks are loaded after the first
        return self

    def __exit__(self, *_):
        self.process.terminate()
        self.process.communicate()

    def answer_ms(self, picture):
        """Milliseconds from the moment the picture has its name until its answer is read."""
        name = f"{next(self.numbers)}.jpg"
        hidden = self.folder / f".{name}"
        shutil.copy(picture, hidden)
        start = time.perf_counter()
        hidden.rename(self.folder / name)
        line = self.process.stdout.readline()
        took = 1000 * (time.perf_counter() - start)
        answer = json.loads(line) if line else {}
        if pathlib.Path(answer.get("input", "")).name != name or answer.get("message") != "success":
            raise RuntimeError(f"watch answered: {line!r}")
        return took


def measure(bench):
    found = {"process": [], "search": [], "enroll": []}
    pictures = bench.size(60, 2)
    with bench.store() as store:
        store.fill("sealed", bench.size(10_000, 200))
        with Watch(store, "search", "--collection", "sealed") as search, \
                Watch(store, "enroll", "--collection", "sealed", "--name-from", "{stem}") as enroll:
            for number in range(pictures):
                picture = PEOPLE[number % len(PEOPLE)]
                found["process"].append(store.one_shot("search", "--collection", "sealed", "--name", "n", "--image", picture)[0])
                found["search"].append(search.answer_ms(picture))
                # Other bytes each time: what is enrolled already is answered without reading the face.
                copy = store.folder / "copy.jpg"
                copy.write_bytes(picture.read_bytes() + number.to_bytes(4, "big"))
                found["enroll"].append(enroll.answer_ms(copy))
    figures = {"pictures": pictures}
    for name, times in found.items():
        figures[f"{name}_ms"] = statistics.median(times)
        figures[f"{name}_slow_ms"] = sorted(times)[-max(1, len(times) // 20)]  # one of twenty is slower
    return figures
