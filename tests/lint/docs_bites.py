#!/usr/bin/env python3
"""Shows that docs.py bites: each breach, planted in a document of a tree of its own, is found, and what is allowed is not.
Usage: docs_bites.py"""
import pathlib
import subprocess
import sys
import tempfile

HERE = pathlib.Path(__file__).resolve().parent
LONG = "word " * 25  # 125 characters
CASE = "facesearch init > /dev/null\nfacesearch collection list\n"
HEADING = "# Title\n\n## Check, then use\n\n"
BREACHES = {
    "prose over the width": HEADING + LONG + "\n",
    "a list item over the width": HEADING + "* " + LONG + "\n",
    "the end of a list item over the width": HEADING + "* word\n  " + LONG + "\n",
    "prose over the width after a fence": HEADING + "```\ncode\n```\n" + LONG + "\n",
    "a link and prose over the width": HEADING + "[words](page.md) " + LONG + "\n",
    "a link to no file": HEADING + "[words](other.md)\n",
    "an anchor that no heading has": HEADING + "[words](page.md#check-then-uses)\n",
    "an anchor in the page itself that no heading has": HEADING + "[words](#title-2)\n",
    "an anchor of a heading that is code": HEADING + "```\n# code\n```\n[words](#code)\n",
    "a path that is not there": HEADING + "See `lib/facesearch/core/none.cpp`.\n",
    "a command that is not there": HEADING + "Run `tests/faults/none --seed 1`.\n",
    "a figure left open": HEADING + "@@ ms\n",
    "an example that is not its case": HEADING + "```sh tests/cli/list/example.sh\nfacesearch init\n```\n",
    "an example of a case that is not there": HEADING + "```sh tests/cli/list/none.sh\n" + CASE + "```\n",
}
ALLOWED = {
    "prose of the width": HEADING + LONG[:120].rstrip() + "\n",
    "a table": HEADING + "| a |\n|---|\n| " + LONG + "|\n",
    "a fence": HEADING + "```\n" + LONG + "\n```\n",
    "indented code": HEADING + "    " + LONG + "\n",
    "a link alone": HEADING + "* [" + LONG + "](page.md)\n",
    "a word that cannot be broken": HEADING + "x" * 130 + "\n",
    "a path that is there": HEADING + "See `tests/cli/list/example.sh`, `tests/cli/list/`, `docs/page.md#title`.\n",
    "a path with a placeholder": HEADING + "See `tests/cli/<command>/<case>.sh`, `lib/*`, `models/NAME`.\n",
    "links to a heading": HEADING + "[words](page.md#check-then-use), [words](#title), [words](https://example.org/#x)\n",
    "an example that is its case": HEADING + "```sh tests/cli/list/example.sh\n" + CASE + "```\n",
}


def finds(text):
    with tempfile.TemporaryDirectory() as folder:
        root = pathlib.Path(folder)
        for name in ("docs", "tests/cli/list"):
            (root / name).mkdir(parents=True)
        (root / "docs/page.md").write_text(text)
        (root / "tests/cli/list/example.sh").write_text("# An example.\n\n" + CASE)
        return subprocess.run([sys.executable, HERE / "docs.py", root], capture_output=True).returncode == 1


missed = [name for name, text in BREACHES.items() if not finds(text)]
missed += [f"{name} is called a breach" for name, text in ALLOWED.items() if finds(text)]
print(f"{len(BREACHES)} breaches planted, missed: {missed or 'none'}")
sys.exit(1 if missed else 0)
