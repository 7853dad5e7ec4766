"""One-shot search of a 640x480 photograph over 10,000 faces, compared with its floor: a bare program that loads and runs the same networks. Also the
start of `facesearch --version`."""
from harness import alternating, at_most

AIMS = {"search_of_floor": at_most(1.3), "version_ms": at_most(10, "ms")}


def measure(bench):
    pack = bench.build / "share" / "facesearch" / "models" / "mini"
    with bench.store() as store:
        photograph = store.folder / "640x480.jpg"
        store.fill("sealed", bench.size(10_000, 200))
        bench.picture_640x480(photograph)
        floor = [bench.program("opencv_floor"), pack / "detector.onnx", "640", "480", "1", pack / "landmarks.onnx", "64", "64", "1",
                 pack / "embedder.onnx", "112", "112", "2"]
        search = store.words("search", "--collection", "sealed", "--name", "bench", "--image", photograph)
        median = alternating(bench.size(21, 1), {
            "floor": lambda: store.time(floor),
            "search": lambda: store.time(search),
            "version": lambda: store.time(store.words("--version")),
        })
    return {"floor_ms": median["floor"], "search_ms": median["search"], "search_of_floor": median["search"] / median["floor"],
            "version_ms": median["version"]}
