"""Batches in a gallery of a million encrypted faces. Searches by template beside a process each, and beside one read of the floats; searches by
picture beside the bare networks; enrolments by template that look for duplicates."""
from harness import PEOPLE, alternating, answer_of

AIMS = {}


def measure(bench):
    faces, probes, new = bench.size(1_000_000, 3_000), bench.size(2_000, 40), bench.size(2_048, 40)
    files = [str(PEOPLE[number % len(PEOPLE)]) for number in range(bench.size(320, 4))]
    rounds = bench.size(3, 1)
    with bench.store() as store:
        store.run("collection", "create", "few")
        bench.say(f"filling a collection with {faces:,} faces")
        store.fill("sealed", faces)
        read = answer_of([bench.program("match_scan"), "--rows", faces, "--rounds", rounds])["read_ms"]
        manifest = store.manifest("probes.jsonl", probes)
        template = store.template()

        def by_template(threads):
            return 1000 / store.batch("search", threads, "--collection", "sealed", "--manifest", manifest)

        def by_picture(collection):
            return store.batch("search", 2, "--collection", collection, "--name", "n", "--list", "-", files=files)

        bench.say("searches by template and by picture")
        median = alternating(rounds, {
            "process": lambda: store.search("sealed", template)[0],
            "one": lambda: by_template(1),
            "two": lambda: by_template(2),
            "bare": lambda: bench.bare_pictures(files, 2),
            "few": lambda: by_picture("few"),
            "sealed": lambda: by_picture("sealed"),
        })
        bench.say("enrolments that look for duplicates")
        store.run("collection", "update", "sealed", "--duplicates", "warn")
        manifests = iter([store.manifest(f"new-{number}", new, userName="n") for number in range(rounds)])
        enroll = alternating(rounds, {"enroll": lambda: store.batch("enroll", 2, "--collection", "sealed", "--manifest", next(manifests))})
    figures = {"faces": faces, "probes": probes, "new": new, "read_ms": read, "process_ms": median["process"], "enroll_per_s": enroll["enroll"],
               "picture_few_of_bare": median["few"] / median["bare"], "picture_of_bare": median["sealed"] / median["bare"]}
    for number in ("one", "two"):
        figures.update({f"{number}_ms": median[number], f"{number}_reads": median[number] / read,
                        f"{number}_times_as_many": median["process"] / median[number]})
    return figures
