"""What a 640x480 photograph with one face costs the pack `mini`: processor time with loaded networks, and the time to load them."""
from harness import ROOT, answer_of

AIMS = {}


def measure(bench):
    with bench.store() as store:
        photograph = store.folder / "640x480.jpg"
        bench.picture_640x480(photograph)
        answer = answer_of([bench.program("stages"), ROOT / "models", bench.build / "lib" / "facesearch", photograph])
    return {name: answer[name] for name in ("decode_ms", "find_ms", "template_ms", "picture_ms", "load_ms")}
