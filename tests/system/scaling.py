"""A collection in parts: shared by the tests of docs/scaling.md. The scripts and lines that they run are those of the document."""
import json
import os
import pathlib
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time

from program import PEOPLE

HERE = pathlib.Path(__file__).resolve().parent
DOCUMENT = HERE.parent.parent / "docs" / "scaling.md"
PARTS = (1, 2, 3, 4)
OF_A_SEARCH = ("searchId", "seconds", "per_second")  # what differs between any two searches
OF_A_FACE = ("faceIdList", "face_id", "meta_face_id", "collection_id")  # what two enrolments of one picture differ in


def documented(test):
    """The lines that the document has tests/system/<test> run, a list for each of its places."""
    places = re.findall(rf"^```sh tests/system/{test}\n(.*?)^```", DOCUMENT.read_text(), re.M | re.S)
    return [place.splitlines() for place in places]


def answers(text):
    return [json.loads(line) for line in text.splitlines()]


def without(value, names):
    if isinstance(value, dict):
        return {name: without(part, names) for name, part in value.items() if name not in names}
    return [without(part, names) for part in value] if isinstance(value, list) else value


class Scaling:
    """`with Scaling(program) as work:` the folder that all machines share, with photos, probes and the document's scripts, and a folder
    for what is a machine's own."""

    def __init__(self, program):
        self.program, self.faults, self.seconds = pathlib.Path(program).resolve(), [], {}

    def __enter__(self):
        self.temporary = tempfile.TemporaryDirectory(prefix="scaling-")
        self.top = pathlib.Path(self.temporary.name)
        self.shared, self.machine = self.top / "shared", self.top / "machine"
        for folder in (self.shared, self.machine, self.top / "bin", self.top / ".parallel"):
            folder.mkdir()
        (self.top / ".parallel" / "will-cite").touch()  # parallel asks every new user for that
        (self.top / "bin" / "facesearch").symlink_to(self.program)
        self.environment = {"HOME": str(self.top), "TMPDIR": str(self.machine), "FACESEARCH_STORE": str(self.top / "store"),
                            "PATH": f"{self.top / 'bin'}:{os.environ['PATH']}", "LC_ALL": "C.UTF-8"}
        self.photos = []
        for picture in sorted(PEOPLE.glob("*.jpg")):
            person, number = picture.stem.split("-")
            photo = self.shared / "photos" / person / f"{number}.jpg"
            photo.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(picture, photo)
            self.photos.append(str(photo.relative_to(self.shared)))
        (self.shared / "probes").mkdir()
        for picture in PEOPLE.glob("*-1.jpg"):
            shutil.copy(picture, self.shared / "probes")
        for script in (HERE / "scaling").iterdir():
            shutil.copy(script, self.shared)
        return self

    def __exit__(self, *_):
        self.temporary.cleanup()

    def expect(self, holds, what):
        if not holds:
            self.faults.append(what)

    def attempt(self, line, **environment):
        return subprocess.run(["bash", "-c", line], cwd=self.shared, env=self.environment | environment, stdin=subprocess.DEVNULL,
                              capture_output=True, text=True, timeout=100, check=False)

    def run(self, line, **environment):
        """What a line of shell writes. It must succeed."""
        began = time.monotonic()
        done = self.attempt(line, **environment)
        self.seconds[line] = time.monotonic() - began
        if done.returncode != 0:
            sys.exit(f"{line}: {done.returncode}\n{done.stdout[-2000:]}{done.stderr[-2000:]}")
        return done.stdout

    def read(self, name):
        return answers((self.shared / name).read_text())

    def one_enrolment(self):
        """What a search answers where everything was enrolled at once, on one machine."""
        store = {"FACESEARCH_STORE": str(self.top / "one-store")}
        self.run("facesearch init", **store)
        self.run("facesearch collection create one", **store)
        self.run("facesearch enroll --collection one --name-from '{parent}' --one-person-per-name photos", **store)
        return answers(self.run("facesearch search --collection one probes", **store))

    def interrupt(self, part):
        """Begins a part and ends it while it enrols: it leaves no backup, and nothing on its machine."""
        said = self.shared / "parts" / f"{part}.jsonl"
        process = subprocess.Popen(["./part", "enrol", str(part)], cwd=self.shared, env=self.environment, start_new_session=True,
                                   stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        until = time.monotonic() + 20
        while process.poll() is None and not (said.exists() and said.stat().st_size) and time.monotonic() < until:
            time.sleep(0.002)
        if process.poll() is None:
            os.killpg(process.pid, signal.SIGTERM)
        status = process.wait(20)
        self.expect(status != 0, f"part {part} was to be interrupted, and ended with {status}")
        self.expect(not (self.shared / "parts" / f"{part}.fsb").exists(), f"part {part} was interrupted, and is there")
        self.expect(self.attempt("./join").returncode != 0, f"part {part} is missing, and the parts were joined")
        self.check_machine()

    def check_machine(self):
        left = [path.name for path in self.machine.iterdir()]
        self.expect(not left, f"left on the machine: {left}")

    def check_faces(self):
        """Every photograph is in one part, and the joined collection has the faces that the parts answered."""
        said = [line for part in PARTS for line in self.read(f"parts/{part}.jsonl")]
        enrolled = [line for line in said if line.get("message") == "success"]
        self.expect(sorted(line["input"] for line in enrolled) == self.photos, "not every photograph is in one part")
        count = re.search(r"^    (jq .*\.succeeded - \.already_enrolled.*)$", DOCUMENT.read_text(), re.M).group(1)
        for line in (count, count.replace(".succeeded - .already_enrolled", ".inputs")):
            self.expect(int(self.run(line)) == len(self.photos), f"the parts count other than {len(self.photos)}: {line}")
        faces, page = [], 1
        while batch := answers(self.run(f"facesearch face list --collection staff --page {page}"))[0]["result"]:
            faces, page = faces + batch, page + 1
        self.expect(sorted(face["face_id"] for face in faces) == sorted(line["faceId"] for line in enrolled),
                    "the joined collection has other faces than the parts answered")
        persons = {(face["user_name"], face["meta_face_id"]) for face in faces}
        self.expect(len(persons) == len({name for name, _ in persons}) == 20, f"20 people are {len(persons)} persons")
        self.check_machine()

    def check_answers(self, one):
        """The joined collection, its parts in one store and the parts on their machines answer as the one collection does."""
        joined, apart, merged = (without(self.read(name), OF_A_SEARCH) for name in ("joined.jsonl", "apart.jsonl", "merged.jsonl"))
        one = without(one, OF_A_SEARCH + OF_A_FACE)
        self.expect(len(one) == 20 + 1 and all(len(answer["result"]) >= 4 for answer in one[:-1]), "not every probe finds its person")
        self.expect(without(joined, OF_A_FACE) == one, "the joined collection answers other than the one")
        ids = ("collection_id",)
        self.expect(without(apart, ids) == without(joined, ids), "the parts apart answer other than joined")
        self.expect(without(merged, ids) == without(joined, ids), "the merged answers are other than those of the joined collection")
        for line in ("facesearch search --collections part-1,part-2,part-3 probes", "facesearch search --merge answers/[123].jsonl"):
            fewer = without(answers(self.run(line)), OF_A_SEARCH + ids)
            self.expect(fewer != without(joined, ids), f"a part is left out, and nothing shows it: {line}")

    def end(self):
        for line, seconds in self.seconds.items():
            print(f"{seconds:6.2f} s  {line}")
        for fault in self.faults:
            print("FAULT:", fault)
        print("the parts are the one collection" if not self.faults else f"{len(self.faults)} faults")
        sys.exit(1 if self.faults else 0)
