"""Exact search and enrolment at 1,000,000 x 128. Searches are ratios of one read: what one core takes to read the gallery's floats once, in the
same run. A durable enrolment is a ratio of a bare LMDB commit of one page on the same disk."""
import os
import statistics
import tempfile

from harness import DIMENSION, TemporaryStore, alternating, answer_of, at_least, at_most

FULL = 1_000_000
KERNELS = ("scalar", "avx2", "avx-vnni", "vnni", "amx")
AIMS = {
    "one_avx2_reads": at_most(0.35, "reads"),
    "one_vnni_reads": at_most(0.35, "reads"),
    "plain_of_memory": at_most(1.3),
    "sealed_reads": at_most(3, "reads"),
    "many_reads": at_most(0.10, "reads"),
    "faiss_of_memory": at_least(10),
    "faiss_of_sealed": at_least(1),
    "one_shot_plain_ms": at_most(30, "ms"),
    "one_shot_sealed_ms": at_most(80, "ms"),
    "one_shot_sealed_of_one_thread": at_most(0.6),  # with two processors
    # A fifth more than the codes' bytes, and 60 MB for the program.
    "peak_plain_mb": at_most(1.2 * FULL * DIMENSION / 1e6 + 60, "MB"),
    "peak_sealed_mb": at_most(1.2 * FULL * DIMENSION / 1e6 + 60, "MB"),
    "durable_plain": at_most(1.5),
    "durable_sealed": at_most(1.5),
    "bulk_plain_per_s": at_least(200_000, "/s"),
    "manifest_plain_per_s": at_least(100_000, "/s"),
}
OPTIONAL = ("one_avx2_reads", "one_vnni_reads", "faiss_*", "floats_of_many")  # kernels of this processor; FAISS where it was found


def in_memory(bench, faces, dimension=DIMENSION):
    """`match_scan` has the searches in memory, `facesearch bench` those from a store. Each has a read of its own."""
    bench.say(f"match_scan: {faces:,} templates of {dimension} numbers in memory")
    scan = answer_of([bench.program("match_scan"), "--rows", faces, "--dimension", dimension, "--rounds", bench.size(9, 1)])
    bench.say(f"facesearch bench: {faces:,} templates in two collections")
    with tempfile.TemporaryDirectory(dir=bench.parent, prefix="facesearch-bench-") as folder:
        stores = answer_of([bench.program("facesearch"), "--quiet", "bench", "--faces", faces, "--dimension", dimension, "--in", folder,
                            "--json"])
    kernels = [name for name in KERNELS if "one_" + name in scan]
    figures = {f"one_{name}_reads": scan["one_" + name] for name in kernels}
    fastest = stores["search"][kernels[-1]]
    figures.update({
        "faces": faces,
        "read_ms": scan["read_ms"],
        "survivors": scan["survivors"],
        "plain_of_memory": fastest["plain"]["ms"] / fastest["memory"]["ms"],
        "plain_anew_of_memory": fastest["plain_opened_anew"]["ms"] / fastest["memory"]["ms"],
        "sealed_reads": fastest["sealed"]["reads"],
        "sealed_anew_reads": fastest["sealed_opened_anew"]["reads"],
        "many_reads": min(scan["many_" + name] for name in kernels),
        "many_threads_reads": stores["probes_at_once"]["reads"],
    })
    for peer in ("floats", "faiss"):
        if "many_" + peer in scan:
            figures[f"{peer}_of_many"] = scan["many_" + peer] / figures["many_reads"]
    if "faiss" in scan:
        figures["faiss_of_memory"] = scan["faiss"] / min(scan["one_" + name] for name in kernels)
        # Two processes with two reads: so by the clock.
        figures["faiss_of_sealed"] = scan["faiss"] * scan["read_ms"] / fastest["sealed"]["ms"]
    return figures


def durable(bench, store, prefix=""):
    """One durable enrolment, in ms and as a ratio of a bare commit on the same file system, by turns."""
    enrolments = bench.size(64, 2)  # of so many one moves the tail to its blocks
    ratios, times, bares, written = {"plain": [], "sealed": []}, {"plain": [], "sealed": []}, [], []
    for _ in range(bench.size(5, 1)):
        for name, found in ratios.items():
            bare = answer_of([bench.program("lmdb_bare_commit"), store.folder / "bare", enrolments])
            filled = store.fill(name, 0, enrolments)
            found.append(filled["one_ms"] / bare)
            times[name].append(filled["one_ms"])
            bares.append(bare)
            written.append(filled["one_kb"])
    figures = {f"{prefix}bare_commit_ms": statistics.median(bares), f"{prefix}enroll_written_kb": statistics.median(written)}
    for name in ratios:
        figures[f"{prefix}durable_{name}"] = statistics.median(ratios[name])
        figures[f"{prefix}durable_{name}_ms"] = statistics.median(times[name])
    return figures


def by_manifest(bench, store):
    """Templates a second that the command enrols from a file of JSON, with all threads."""
    figures = {}
    faces = store.manifest("faces.jsonl", bench.size(50_000, 100), userName="bench")
    for name, words in (("plain", ["--no-encryption"]), ("sealed", [])):
        bench.say(f"enrolling templates of a manifest, {name}")
        found = []
        for run in range(bench.size(3, 1)):
            store.run("collection", "create", f"{name}-{run}", *words)
            found.append(store.batch("enroll", os.cpu_count(), "--collection", f"{name}-{run}", "--manifest", faces))
        figures[f"manifest_{name}_per_s"] = statistics.median(found)
    return figures


def measure(bench):
    faces = bench.size(FULL, 2_000)
    figures = in_memory(bench, faces)
    with bench.store() as store:
        for name in ("plain", "sealed"):
            bench.say(f"filling {name} with {faces:,} faces")
            figures[f"bulk_{name}_per_s"] = store.fill(name, faces)["faces_per_s"]
        bench.say("one-shot searches and durable enrolments")
        template = store.template()
        peaks = {"plain": [], "sealed": []}

        def search(name):
            took, peak = store.search(name, template)
            peaks[name].append(peak)
            return took

        runs = {name: lambda name=name: search(name) for name in peaks}
        runs.update({f"{name}_one_thread": lambda name=name: store.search(name, template, "--threads", 1)[0] for name in peaks})
        median = alternating(bench.size(11, 1), runs)
        for name, found in peaks.items():
            figures[f"one_shot_{name}_ms"] = median[name]
            figures[f"one_shot_{name}_of_one_thread"] = median[name] / median[f"{name}_one_thread"]
            figures[f"peak_{name}_mb"] = statistics.median(found)
        figures.update(durable(bench, store))
        figures.update(by_manifest(bench, store))
    with tempfile.TemporaryDirectory(dir="/dev/shm", prefix="facesearch-bench-") as memory:
        figures.update(durable(bench, TemporaryStore(bench, memory), "tmpfs_"))
    return figures
