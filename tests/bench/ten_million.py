"""10,000,000 encrypted templates: filling, size on disk, one-shot searches. Checks first whether disk and memory have the room."""
import shutil
import statistics
import tempfile

from harness import CannotRun

AIMS = {}
OPTIONAL = ("*",)


def require_room(bench, faces):
    disk, memory = faces * 900 / 1e6 + 500, faces * 200 / 1e6 + 500  # MB: the file and its growth; the codes and a batch
    folder = bench.parent or tempfile.gettempdir()
    free = shutil.disk_usage(folder).free / 1e6
    if free < disk:
        raise CannotRun(f"{faces:,} templates need {disk:.0f} MB in {folder}; {free:.0f} MB are free. Name another folder with --in.")
    with open("/proc/meminfo", encoding="ascii") as file:
        available = next(int(line.split()[1]) for line in file if line.startswith("MemAvailable:")) * 1024 / 1e6
    if available < memory:
        raise CannotRun(f"{faces:,} templates need {memory:.0f} MB of memory; {available:.0f} MB are available.")


def measure(bench):
    faces = bench.size(10_000_000, 3_000)
    require_room(bench, faces)
    with bench.store() as store:
        bench.say(f"filling a collection with {faces:,} faces")
        filled = store.fill("sealed", faces)
        template = store.template()
        runs = [store.search("sealed", template) for _ in range(bench.size(5, 1))]
        size = sum(file.stat().st_size for file in (store.folder / "store").rglob("data.mdb"))
    return {"faces": faces, "filled_per_s": filled["faces_per_s"], "files_gb": size / 1e9,
            "search_ms": statistics.median(took for took, _ in runs), "peak_gb": max(peak for _, peak in runs) / 1000}
