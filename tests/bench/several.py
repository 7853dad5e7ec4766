"""The same faces in one collection and in eight: one-shot searches of both, alternating; the merge of the eight, compared with a fill and with a
compaction of as many; lines a second of `search --merge`."""
import json
import subprocess

from harness import alternating

AIMS = {}
PARTS = [f"part-{number}" for number in range(8)]


def merge_speed(store, template, lines):
    """Lines a second of `search --merge` with the answers of two shards."""
    answers = []
    for part in PARTS[:2]:
        document = store.run("search", "--collection", part, "--name", "bench", "--template", template, "--mergeable")
        answers.append(store.folder / f"{part}.jsonl")
        with open(answers[-1], "w", encoding="utf-8") as file:
            for line in range(lines):
                file.write(json.dumps({"input": str(line), **document}) + "\n")
            file.write('{"type":"summary"}\n')
    merge = subprocess.Popen([str(word) for word in store.words("search", "--merge", *answers)], stdout=subprocess.PIPE, env=store.environment)
    summary = "{}"
    for line in merge.stdout:  # the last line is the summary
        summary = line
    if merge.wait() != 0:
        raise RuntimeError(f"search --merge ended with {merge.returncode}")
    return json.loads(summary)["per_second"], len(document["result"])


def measure(bench):
    faces = bench.size(1_000_000, 4_000)
    with bench.store() as store:
        bench.say(f"filling one collection, and eight, with {faces:,} faces")
        filled = store.fill("sealed", faces)["seconds"]
        for part in PARTS:
            store.run("collection", "create", part, "--similarity", "0")
            store.fill(part, faces // len(PARTS))
        store.run("collection", "update", "sealed", "--similarity", "80")
        template = store.template()
        bench.say("search --merge")
        lines, candidates = merge_speed(store, template, bench.size(20_000, 100))
        for part in PARTS:
            store.run("collection", "update", part, "--similarity", "80")
        bench.say("searches, a compaction, a merge")
        median = alternating(bench.size(11, 1), {
            "one": lambda: store.search("sealed", template)[0],
            "several": lambda: store.search(",".join(PARTS), template)[0],
        })
        compacted = store.one_shot("collection", "compact", "sealed")[0] / 1000
        merged, peak = store.one_shot("collection", "merge", *PARTS, "--to", "all")
        merged /= 1000
    return {"faces": faces, "collections": len(PARTS), "one_ms": median["one"], "several_ms": median["several"],
            "several_of_one": median["several"] / median["one"], "merge_s": merged, "merge_peak_gb": peak / 1000, "merge_of_fill": merged / filled,
            "merge_of_compaction": merged / compacted, "shard_lines_per_s": lines, "shard_candidates": candidates}
