"""Pictures a second of a batch, compared with the bare networks on as many threads, with one thread and with two. Also its peak memory at 100 and
at 10,000 inputs. Pictures: the sample people, and lfw-dev if ../shared has it."""

from harness import PEOPLE, ROOT, alternating, at_least, at_most

LFW = ROOT.parent / "shared" / "data" / "lfw-dev" / "images"
VERBS = ("enroll", "search")
AIMS = {f"{pictures}_{verb}_{ratio}": aim for pictures in ("people", "lfw") for verb in VERBS
        for ratio, aim in (("of_bare", at_least(0.9)), ("two_of_one", at_least(1.8)))}
AIMS.update({f"memory_{verb}_growth": at_most(1.1) for verb in VERBS})
OPTIONAL = ("lfw_*",)


def batch(bench, verb, files, threads):
    with bench.store() as store:
        # A network finds no face on some photographs of lfw-dev.
        return store.batch(verb, threads, "--collection", "sealed", "--name", "n", "--list", "-", files=files, most_failed=0.2)


def speeds(bench, name, files):
    bench.say(f"{len(files)} pictures of {name}")
    measures = {}
    for threads in (1, 2):
        measures["bare", threads] = lambda threads=threads: bench.bare_pictures(files, threads)
        for verb in VERBS:
            measures[verb, threads] = lambda verb=verb, threads=threads: batch(bench, verb, files, threads)
    median = alternating(bench.size(3, 1), measures)
    figures = {f"{name}_pictures": len(files)}
    for threads, number in ((1, "one"), (2, "two")):
        figures[f"{name}_bare_{number}_per_s"] = median["bare", threads]
    for verb in VERBS:
        figures[f"{name}_{verb}_of_bare"] = median[verb, 2] / median["bare", 2]
        figures[f"{name}_{verb}_two_of_one"] = median[verb, 2] / median[verb, 1]
    return figures


def peak_memory(bench, inputs, enrolled):
    """MiB of an enrolment of as many pictures, and of their search among `enrolled` faces. The pictures differ by bytes at their end."""
    with bench.store() as store:
        pictures = store.folder / "pictures"
        pictures.mkdir()
        for number in range(inputs):
            (pictures / f"{number:05}.jpg").write_bytes(PEOPLE[number % len(PEOPLE)].read_bytes() + number.to_bytes(4, "big"))
        store.run("collection", "create", "few")
        few = [str(path) for path in sorted(pictures.iterdir())[:enrolled]]
        store.batch("enroll", 2, "--collection", "few", "--name", "n", "--list", "-", files=few)
        peaks = {}
        for verb, collection in (("enroll", "sealed"), ("search", "few")):
            peaks[verb] = store.one_shot("--quiet", verb, "--collection", collection, "--name", "n", pictures)[1] * 1e6 / 2**20
    return peaks


def measure(bench):
    figures = speeds(bench, "people", [str(path) for path in PEOPLE][:bench.size(None, 4)])
    if LFW.is_dir():
        figures.update(speeds(bench, "lfw", sorted(str(path) for path in LFW.rglob("*.jpg"))[:bench.size(300, 4)]))
    else:
        bench.say(f"lfw-dev is left out: there is no folder {LFW}")
    few, many = bench.size(100, 4), bench.size(10_000, 12)
    bench.say(f"peak memory at {few} and at {many:,} inputs")
    before, after = peak_memory(bench, few, few), peak_memory(bench, many, few)
    figures.update(memory_few=few, memory_many=many)
    for verb in VERBS:
        figures.update({f"memory_{verb}_few_mib": before[verb], f"memory_{verb}_many_mib": after[verb],
                        f"memory_{verb}_growth": after[verb] / before[verb]})
    return figures
