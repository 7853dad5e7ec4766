"""All pairs of a gallery, compared with a bare product of the same triangle (`pair_product`), and one process `dedupe` of an encrypted collection."""
import os

from harness import alternating, answer_of, at_most

AIMS = {"vnni_of_bare": at_most(2), "more_vnni_of_bare": at_most(2)}
OPTIONAL = ("found*", "more_*", "tenth_*", "*bare*")  # pair_product needs x86-64, the bare product VNNI


def product(bench, rows, rounds, **more):
    words = [word for name, value in more.items() for word in ("--" + name.replace("_", "-"), value)]
    return answer_of([bench.program("pair_product"), "--rows", rows, "--rounds", rounds, "--threads", 2, *words])


def measure(bench):
    rows, rounds = bench.size(100_000, 1_000), bench.size(3, 1)
    figures = {"rows": rows}
    if os.access(bench.program("pair_product"), os.X_OK):
        for prefix, more in (("", {}), ("more_", {"min_cosine": 0.33})):
            bench.say(f"pair_product: {rows:,} templates{', a lower threshold' if more else ''}")
            answer = product(bench, rows, rounds, **more)
            figures.update({prefix + name: answer[name] for name in ("found", "found_share", "bare_s", "vnni_of_bare", "avx2_of_bare") if name in answer})
        bench.say("pair_product: a threshold that a tenth of the pairs reach")
        tenth = product(bench, bench.size(50_000, 1_000), 1, min_cosine=0.1)
        figures.update({"tenth_" + name: tenth[name] for name in ("found_share", "vnni_of_bare") if name in tenth})
        figures["tenth_rows"] = tenth["rows"]
    else:
        bench.say("pair_product is left out: it is written for x86-64")
    with bench.store() as store:
        bench.say(f"dedupe of {rows:,} faces")
        store.fill("sealed", rows)
        peaks = []

        def dedupe():
            took, peak = store.one_shot("dedupe", "--collection", "sealed", "--threshold", "85")
            peaks.append(peak)
            return took

        figures["dedupe_s"] = alternating(rounds, {"dedupe": dedupe})["dedupe"] / 1000
        figures["dedupe_peak_mb"] = max(peaks)
    return figures
