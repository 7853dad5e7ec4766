#!/usr/bin/env python3
"""Makes docs/performance.md from tests/bench/performance.md.in and the results in docs/performance.json.

Usage: page.py [--check]. Without --check the page is written. With it: fails where the page differs from what the results make, or where
the template has a measured figure in its own text.

In the template {{benchmark.figure:FORMAT}} is a figure, in bold where it misses its aim; {{aim benchmark.figure}} its aim; {{measured.x}} and
{{machine.x}} say where the figures come from. A figure that the machine cannot measure is "not measured". The format `beside` says what a ratio
of times means: how much slower than the program a peer is, or that it is faster.

The figures of `peers` are measured by themselves (scripts/bench --peers): {{peers_measured.x}}, {{peers_machine.x}} and {{peers_versions.x}}."""
import difflib
import fnmatch
import importlib
import json
import pathlib
import re
import sys
import textwrap

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parent.parent
TEMPLATE = HERE / "performance.md.in"
PAGE, RESULTS = ROOT / "docs" / "performance.md", ROOT / "docs" / "performance.json"
FIELD = re.compile(r"\{\{(aim )?(\w+)\.(\w+)(?::([^{}]+))?\}\}")
OF_PEERS = {"peers": "figures", "peers_measured": "measured", "peers_machine": "machine", "peers_versions": "versions"}
NOT_MEASURED = "not measured"
# A number with a unit: the template's own text has none, so every figure comes from the results.
TYPED = re.compile(r"\d[\d.,]* ?(?:ms|µs|s|KB|MB|GB|KiB|MiB|GiB|%|/s|a second)(?!\w)|\d[\d.,]* ?×(?! ?\d)|\d[\d.,]* (?:times|reads)\b")


def meets(value, aim, tolerance=1.0):
    return value >= aim["limit"] / tolerance if aim["more"] else value <= aim["limit"] * tolerance


def aim_text(aim):
    unit = aim["unit"].replace("x", "×")
    return f"{'≥' if aim['more'] else '≤'} {aim['limit']:,g}{'' if unit.startswith('/') else ' '}{unit}".rstrip()


def is_optional(module, name):
    return any(fnmatch.fnmatch(name, pattern) for pattern in getattr(module, "OPTIONAL", ()))


def beside(ratio):
    """What a peer's time is of the program's, in words."""
    return f"{ratio:.2f} ×" if ratio >= 1 else f"faster: {ratio:.2f} ×"


def field_text(results, match):
    is_aim, part, name, form = match.groups()
    if part in ("measured", "machine"):
        return str(results[part].get(name, ""))
    own = results.get("peers", {})
    if part in OF_PEERS and part != "peers":
        return str(own.get(OF_PEERS[part], {}).get(name, NOT_MEASURED))
    module = importlib.import_module(part)
    if is_aim:
        return aim_text(module.AIMS[name])
    figures = own.get("figures", {}) if part == "peers" else results["figures"][part]
    if name not in figures and not is_optional(module, name):
        raise KeyError(f"the results have no figure {part}.{name}")
    value = figures.get(name)
    if value is None:
        return NOT_MEASURED
    text = beside(value) if form == "beside" else format(value, form or ",")
    return text if name not in module.AIMS or meets(value, module.AIMS[name]) else f"**{text}**"


def wrapped(block):
    if re.match(r"[|#]|```|[*-] |    ", block):
        return block
    return textwrap.fill(" ".join(block.split()), 120, break_long_words=False, break_on_hyphens=False)


def render(results):
    template = TEMPLATE.read_text(encoding="utf-8")
    filled = FIELD.sub(lambda match: field_text(results, match), template)
    filled = re.sub(rf"\|[^|\n]*{NOT_MEASURED}[^|\n]*(?=\|)", f"| {NOT_MEASURED} ", filled)  # without its unit
    return "\n\n".join(wrapped(block) for block in filled.strip("\n").split("\n\n")) + "\n"


def read_results():
    return json.loads(RESULTS.read_text(encoding="utf-8"))


def write_results(path, results):
    path.write_text(json.dumps(results, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")


def faults_of(page, results, template):
    text = FIELD.sub("", template)
    faults = [f"tests/bench/performance.md.in: '{typed}' is typed by hand: measure it, or leave it out" for typed in TYPED.findall(text)]
    made = render(results).splitlines()
    difference = difflib.unified_diff(made, page.splitlines(), "made from docs/performance.json", "docs/performance.md", lineterm="", n=0)
    faults.extend(difference)
    shown = {(part, name) for is_aim, part, name, _ in FIELD.findall(template) if is_aim}
    for part in [*results["figures"], "peers"]:
        module = importlib.import_module(part)
        faults.extend(f"tests/bench/performance.md.in does not show the aim {part}.{name}"
                      for name in module.AIMS if (part, name) not in shown and not is_optional(module, name))
    return faults


def main():
    results = read_results()
    if sys.argv[1:2] != ["--check"]:
        PAGE.write_text(render(results), encoding="utf-8")
        return
    faults = faults_of(PAGE.read_text(encoding="utf-8"), results, TEMPLATE.read_text(encoding="utf-8"))
    print("\n".join(faults) or "docs/performance.md is what docs/performance.json makes")
    if faults:
        sys.exit("Do not edit the page. Edit tests/bench/performance.md.in, then run tests/bench/page.py; scripts/bench --write measures.")


if __name__ == "__main__":
    main()
