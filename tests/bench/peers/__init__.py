"""The program beside other libraries, at 1,000,000 x 128: one probe, many, all pairs, one process a search. `scripts/bench --peers` runs it; it
needs PyPI, so it is none of the ordinary benchmarks.

Everybody searches the same templates, which lie as faces' do (programs/face_like.hpp), for the ten best. Each peer has a process of its own, and
they take turns, with one thread each; times are processor time. Peers that are exact must give the program's lists, up to ties: otherwise the
benchmark fails."""
import base64
import contextlib
import json
import os
import pathlib
import statistics
import struct
import subprocess

from harness import DIMENSION, ROOT, answer_of, at_least, usage_of
from peers import libraries

AIMS = {"many_of_faiss": at_least(2.5), "plain_of_kernel": at_least(0.8), "sealed_of_kernel": at_least(0.8)}
OPTIONAL = ("*",)  # none of them is measured by an ordinary run

PACK = ROOT / "models" / "mini" / "manifest.json"
HERE = pathlib.Path(__file__).resolve().parent
OWN = ("memory", "plain-anew", "plain-kept", "sealed-anew", "sealed-kept")
EXACT = ("faiss", "usearch", "sqlite-vec")
WIDTHS = (64, 128, 256, 512)  # ef: candidates that a search in an HNSW graph keeps
GRAPHS = ("hnswlib", "faiss-hnsw")
TOLERANCE = 2e-6  # of a cosine summed in floats
TOGETHER = 20  # probes of an approximate index in each round
THRESHOLD = 90  # similarity of `dedupe`: the cosine that one in 100,000 comparisons of different people exceeds


def key(*words):
    return "_".join(str(word).replace("-", "_") for word in words)


class Worker:
    """A process that answers lines with lines of JSON."""

    def __init__(self, words, environment):
        self.words = [str(word) for word in words]
        self.process = subprocess.Popen(self.words, env=environment, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)

    def read(self):
        line = self.process.stdout.readline()
        if not line:
            raise RuntimeError(f"{' '.join(self.words)} ended with {self.process.wait()}")
        return json.loads(line)

    def ask(self, *words):
        self.process.stdin.write(" ".join(map(str, words)) + "\n")
        self.process.stdin.flush()
        return self.read()

    def close(self):
        self.process.stdin.close()
        self.process.wait()


def same(exact, found):
    """True if the lists are equal. Rows may change places where their cosines are the same to float."""
    for rows, scores, their_rows, their_scores in zip(exact["rows"], exact["scores"], found["rows"], found["scores"], strict=True):
        cosines = dict(zip(rows, scores))
        if len(rows) != len(their_rows):
            return False
        for score, row, their_score in zip(scores, their_rows, their_scores):
            if abs(score - their_score) > TOLERANCE or abs(cosines.get(row, scores[-1]) - score) > TOLERANCE:
                return False
    return True


def require_same(name, exact, found):
    if not same(exact, found):
        raise RuntimeError(f"{name} finds other faces than the program does")


class Sides:
    """Everybody who searches: the program's worker and those of the peers."""

    def __init__(self, bench, store, python, stack):
        self.bench, self.store, self.python, self.stack = bench, store, python, stack
        self.rows, self.probes = bench.size(1_000_000, 4_000), bench.size(10_000, 240)
        self.folder = store.folder / "peers"
        self.folder.mkdir()
        self.environment = dict(store.environment, OMP_NUM_THREADS="1", OPENBLAS_NUM_THREADS="1")
        self.versions = {}
        worker = bench.program("gallery_worker")
        bench.say(f"making {self.rows:,} templates, and two collections of them")
        self.run(worker, "make", self.folder, self.rows, self.probes)
        for collection in ("plain", "sealed"):
            self.run(worker, "fill", store.folder / "store", collection, self.folder)
        self.own = self.start(worker, "serve", store.folder / "store", self.folder)
        self.ways = self.own.ask("ways")
        self.peers = {}
        for name in EXACT + ("sq8",):
            self.peers[name] = self.add_peer(name)[0]

    def run(self, *words):
        subprocess.run([str(word) for word in words], env=self.environment, check=True)

    def start(self, *words):
        worker = Worker(words, self.environment)
        self.stack.callback(worker.close)
        return worker

    def add_peer(self, name):
        self.bench.say(f"building {name}")
        worker = self.start(self.python, HERE / "worker.py", name, self.folder)
        built = worker.read()
        self.versions[key(name)] = f"{built['version']} ({built['build']})"
        return worker, built


class Medians:
    """Times by name, and what they are of one read and of the program in memory."""

    def __init__(self):
        self.times = {}

    def add(self, name, answer):
        self.times.setdefault(name, []).append(answer["cpu_ms"])

    def figures(self):
        medians = {name: statistics.median(times) for name, times in self.times.items()}
        figures = {"read_ms": medians.pop("read")}
        for name, median in medians.items():
            figures.update({key(name, "ms"): median, key(name, "reads"): median / figures["read_ms"],
                            key(name, "of_ours"): median / medians["memory"]})
        return figures


def one_probe(sides):
    medians, same_lists = Medians(), []
    for number in range(-1, sides.bench.size(11, 2)):  # the first only warms up
        probe, several = max(0, number), (TOGETHER * max(0, number), TOGETHER)
        found = {"read": sides.own.ask("read", probe, 1)}
        for way in OWN:
            if way.endswith("-anew"):
                sides.own.ask("close")
            found[way] = sides.own.ask(way, probe, 1)
            require_same(way, found["memory"], found[way])
        sides.own.ask("close")
        if "debian-faiss" in sides.ways["ways"]:
            found["debian-faiss"] = sides.own.ask("debian-faiss", probe, 1)
            require_same("Debian's FAISS", found["memory"], found["debian-faiss"])
        for name in EXACT:
            found[name] = sides.peers[name].ask("one", probe, 1)
            require_same(name, found["memory"], found[name])
        exact = sides.own.ask("memory", *several)
        found["sq8"] = sides.peers["sq8"].ask("one", *several)
        if number < 0:
            continue
        for name, answer in found.items():
            medians.add(name, answer)
        same_lists += [set(rows) == set(theirs) for rows, theirs in zip(exact["rows"], found["sq8"]["rows"], strict=True)]
    return {**medians.figures(), "sq8_same": sum(same_lists), "sq8_searches": len(same_lists)}


def graph(sides, name):
    """An approximate index, beside the program in memory: built with all processors, searched with one. It answers several probes in a round,
    since one takes it a moment."""
    worker, built = sides.add_peer(name)
    medians, recalls = Medians(), {}
    for number in range(-1, sides.bench.size(11, 2)):
        first = TOGETHER * max(0, number)
        found = {"read": sides.own.ask("read", 0, 1), "memory": sides.own.ask("memory", max(0, number), 1)}
        exact = sides.own.ask("memory", first, TOGETHER)
        for width in WIDTHS:
            found[key(name, width)] = worker.ask("one", first, TOGETHER, width)
        if number < 0:
            continue
        for what, answer in found.items():
            medians.add(what, answer)
            recalls.setdefault(what, []).extend(len(set(rows) & set(theirs)) / len(rows)
                                                for rows, theirs in zip(exact["rows"], answer["rows"]))
    worker.close()
    figures = {figure: value for figure, value in medians.figures().items() if figure.startswith(key(name))}
    figures.update({key(name, width, "recall"): statistics.mean(recalls[key(name, width)]) for width in WIDTHS})
    return {**figures, key(name, "build_s"): built["build_s"], key(name, "build_processor_s"): built["build_processor_s"]}


def many_probes(sides):
    """Answers a second of one core: 512 probes at once, and 10,000."""
    few, rounds = sides.bench.size(512, 32), sides.bench.size(3, 1)
    times = {}

    def add(name, count, took_ms):
        times.setdefault(name, []).append(1000 * count / took_ms)

    for number in range(rounds):
        exact = sides.own.ask("memory", 0, few)
        add("many_memory", few, exact["cpu_ms"])
        add("many_floats", few, sides.own.ask("floats", 0, few)["cpu_ms"])
        for name in ("faiss", "usearch"):
            found = sides.peers[name].ask("many", 0, few)
            require_same(name, exact, found)
            add(f"many_{name}", few, few * found["cpu_ms"])
        if number == 0 and "debian-faiss" in sides.ways["ways"]:
            add("many_debian_faiss", few, sides.own.ask("debian-faiss", 0, few)["cpu_ms"])
        exact = sides.own.ask("memory", 0, sides.probes)
        add("all_memory", sides.probes, exact["cpu_ms"])
        found = sides.peers["faiss"].ask("many", 0, sides.probes)
        require_same("faiss", exact, found)
        add("all_faiss", sides.probes, sides.probes * found["cpu_ms"])
    figures = {"few": few, **{f"{name}_per_s": statistics.median(found) for name, found in times.items()}}
    figures["many_of_faiss"] = figures["many_memory_per_s"] / figures["many_faiss_per_s"]
    return figures, exact


def manifest(sides, name, count):
    """A file with probes as `search --manifest` takes them."""
    path = sides.folder / name
    templates = (sides.folder / "probes.f32").read_bytes()
    size = 4 * DIMENSION
    with open(path, "w", encoding="utf-8") as file:
        for number in range(count):
            template = base64.b64encode(templates[number * size:(number + 1) * size]).decode()
            file.write(json.dumps({"requestName": str(number), "template": template, "fingerprint": sides.store.fingerprint}) + "\n")
    return path


def listed(line):
    """The rows of an answer: a face's id begins with its row."""
    return [int(face.replace("-", "")[:16], 16) for face in line["faceIdList"]]


def require_lists(output, exact):
    """Each answer of a batch is the beginning of the exact list, down to the collection's threshold."""
    lines = [json.loads(line) for line in output.read_text(encoding="utf-8").splitlines()]
    found = {int(line["requestName"]): listed(line) for line in lines if "faceIdList" in line}
    if len(found) != len(exact["rows"]) or not any(found.values()) or any(exact["rows"][name][:len(rows)] != rows for name, rows in found.items()):
        raise RuntimeError("search --manifest finds other faces than the kernel")


def batches(sides, exact):
    """`search --manifest` with one thread: answers a second, start and all, and its peak memory."""
    figures, times = {"batch_few": sides.bench.size(2_048, 40)}, {}
    manifests = {"few": manifest(sides, "few.jsonl", figures["batch_few"]), "all": manifest(sides, "all.jsonl", sides.probes)}
    output = sides.folder / "answers.jsonl"
    for number in range(sides.bench.size(3, 1)):
        for collection in ("plain", "sealed"):
            for size, path in manifests.items():
                words = sides.store.words("--quiet", "search", "--threads", 1, "--collection", collection, "--limit", 10, "--manifest", path)
                used = usage_of(words, sides.store.environment, output)
                times.setdefault(f"{size}_{collection}", []).append(used["processor_ms"])
                name = f"batch_{size}_{collection}_mb"
                figures[name] = max(figures.get(name, 0), used["peak_mb"])
            if number == 0:
                require_lists(output, exact)
    for collection in ("plain", "sealed"):
        figures[f"all_{collection}_per_s"] = 1000 * sides.probes / statistics.median(times[f"all_{collection}"])
    return figures


def cosine_of_threshold():
    pack = json.loads(PACK.read_text(encoding="utf-8"))
    return pack["calibration"]["cosine_at_fmr"][-1]


def all_pairs(sides):
    rows, cosine = sides.bench.size(100_000, 2_000), cosine_of_threshold()
    sides.bench.say(f"all pairs of {rows:,}")
    sides.store.run("collection", "create", "pairs")
    sides.run(sides.bench.program("gallery_worker"), "fill", sides.store.folder / "store", "pairs", sides.folder, rows)
    file, times = sides.folder / "pairs.u32", {}
    for _ in range(sides.bench.size(3, 1)):
        ours = sides.own.ask("pairs", rows, cosine, file)
        theirs = sides.peers["faiss"].ask("pairs", rows, cosine, file)
        if theirs["farthest"] > TOLERANCE:
            raise RuntimeError(f"faiss finds other pairs than the program: {theirs}")
        output = sides.folder / "dedupe.json"
        dedupe = usage_of(sides.store.words("--quiet", "dedupe", "--collection", "pairs", "--threshold", THRESHOLD, "--threads", 1),
                          sides.store.environment, output)
        found = json.loads(output.read_text(encoding="utf-8"))["pairs_total"]
        if found != ours["pairs"]:
            raise RuntimeError(f"dedupe finds {found} pairs, the kernel {ours['pairs']}")
        for name, took in (("memory", ours["cpu_ms"]), ("faiss", theirs["cpu_ms"]), ("dedupe", dedupe["processor_ms"])):
            times.setdefault(f"pairs_{name}_s", []).append(took / 1000)
    figures = {"pairs_rows": rows, "pairs_cosine": cosine, "pairs_found": found}
    figures.update({name: statistics.median(found) for name, found in times.items()})
    figures["pairs_faiss_of_ours"] = figures["pairs_faiss_s"] / figures["pairs_memory_s"]
    return figures


def processes(sides):
    """One process a search: milliseconds of processor time and by the clock."""
    index, template, output = sides.folder / "faiss.index", sides.folder / "probe.json", sides.folder / "once.txt"
    sides.peers["faiss"].ask("save", index)
    probes = sides.folder / "probes.f32"
    values = struct.unpack(f"<{DIMENSION}f", probes.read_bytes()[:4 * DIMENSION])
    template.write_text(json.dumps({"template": base64.b64encode(struct.pack(f"<{DIMENSION}f", *values)).decode(), "pack": "mini",
                                    "fingerprint": sides.store.fingerprint, "dimension": DIMENSION}))
    exact = sides.own.ask("memory", 0, 1)["rows"][0]
    environment = dict(sides.environment, PYTHONDONTWRITEBYTECODE="1")
    once = [sides.python, HERE / "once.py"]
    ways = {collection: sides.store.words("--quiet", "search", "--collection", collection, "--name", "n", "--limit", 10, "--template", template)
            for collection in ("plain", "sealed")}
    ways["sqlite_vec"] = [*once, "sqlite-vec", sides.folder / "sqlite-vec.db", probes, 0]
    ways["faiss"] = [*once, "faiss", index, probes, 0]
    found = {}
    for _ in range(sides.bench.size(9, 1)):
        for name, words in ways.items():
            used = usage_of(words, environment, output)
            text = output.read_text(encoding="utf-8")
            rows = listed(json.loads(text)) if name in ("plain", "sealed") else [int(word) for word in text.split()]
            if not rows or set(exact[:len(rows)]) != set(rows):
                raise RuntimeError(f"a process of {name} finds other faces than the kernel: {rows}")
            found.setdefault(name, []).append(used)
    return {key("process", name, unit): statistics.median(used[unit] for used in all_used)
            for name, all_used in found.items() for unit in ("processor_ms", "ms", "peak_mb")}


def system_blas():
    """Which of Debian's is the system's libblas.so.3: the folder's name, `blas` for the plain one."""
    found = [path.resolve().parent.name for path in pathlib.Path("/usr/lib").glob("*-linux-gnu/libblas.so.3")]
    return found[0] if found else "unknown"


def measure(bench):
    """Its figures; with them `versions`, a dictionary of texts."""
    python = libraries.make(bench)
    with bench.store() as store, contextlib.ExitStack() as stack:
        sides = Sides(bench, store, python, stack)
        bench.say("one probe")
        figures = {"rows": sides.rows, "probes": sides.probes, **one_probe(sides)}
        bench.say("many probes")
        many, exact = many_probes(sides)
        figures.update(many)
        bench.say("search --manifest")
        figures.update(batches(sides, exact))
        for collection in ("plain", "sealed"):
            figures[f"{collection}_of_kernel"] = figures[f"all_{collection}_per_s"] / figures["all_memory_per_s"]
        figures.update(all_pairs(sides))
        bench.say("one process a search")
        figures.update(processes(sides))
        for worker in sides.peers.values():  # a graph needs memory
            worker.close()
        for name in GRAPHS:
            figures.update(graph(sides, name))
        versions = {**sides.versions, "kernel": sides.ways["kernel"]}
        if "debian-faiss" in sides.ways["ways"]:
            versions["debian_faiss"] = f"libfaiss-dev {sides.ways['faiss']} (BLAS: {system_blas()})"
    return {**figures, "versions": versions}
