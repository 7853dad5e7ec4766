#!/usr/bin/env python3
"""The documents match the program. Usage: docs.py ROOT [PROGRAM]

With PROGRAM:
* Every command of the program has docs/cli/<command>.md, which names every option its --help shows, and no other.
* Every documented error (core/error_table.cpp) stands in docs/errors.md with its code, message and exit status, and no other.
* Every reason the sources throw stands in docs/errors.md.
With and without it, for every Markdown file of the project:
* A fence ```sh tests/cli/... holds exactly that case's commands: the examples of the documents are tests. One of tests/system/scaling/...
  holds exactly that script, which the tests run.
* Every relative link leads to a file, and its anchor to a heading. No figure is left open (@@).
* Every path of a source or script that a document names in `code` is there.
* Prose wraps at 120 characters. Tables, code and lines that cannot be broken, such as a link alone, may be longer."""
import pathlib
import re
import subprocess
import sys

ROOT, PROGRAM = pathlib.Path(sys.argv[1]), sys.argv[2] if len(sys.argv) > 2 else None
WIDTH = 120
STATUS = {"kRefusedStatus": 4, "kAccessStatus": 5, "kInternalStatus": 70, "ExitStatus::kStore": 6, "ExitStatus::kModel": 7}
faults = []


def help_of(*words):
    done = subprocess.run([PROGRAM, *words, "--help"], capture_output=True, text=True, check=True)
    lines = done.stdout.splitlines()
    if len(lines) > 40 or any(len(line) > 120 for line in lines):
        faults.append(f"{' '.join(words)} --help does not fit a screen: {len(lines)} lines")
    return done.stdout


def subcommands(text):
    part = text.split("Subcommands:", 1)
    return re.findall(r"^  (\w[\w-]*)\s", part[1], re.M) if len(part) == 2 else []


def options(text):
    return set(re.findall(r"(?<![\w-])(--[a-z][\w-]*)", text)) - {"--help"}


def commands(*words):
    text = help_of(*words)
    below = subcommands(text)
    if not below:
        yield words, options(text)
    for name in below:
        yield from commands(*words, name)


def check_commands():
    global_options = options(help_of())
    shown = {}
    for words, found in commands():
        shown.setdefault(words[0], set()).update(found)
    for name, found in shown.items():
        page = ROOT / "docs" / "cli" / f"{name}.md"
        if not page.exists():
            faults.append(f"{page.relative_to(ROOT)} is missing")
            continue
        text = page.read_text()
        named = options(re.sub(r"```.*?```", "", text, flags=re.S))
        for option in sorted(found - named):
            faults.append(f"docs/cli/{name}.md does not name {option}")
        for option in sorted(named - found - global_options):
            faults.append(f"docs/cli/{name}.md names {option}, which {name} does not have")
    index = (ROOT / "docs" / "cli" / "README.md").read_text()
    faults.extend(f"docs/cli/README.md does not name {option}" for option in sorted(global_options - options(index)))
    for page in (ROOT / "docs" / "cli").glob("*.md"):
        if page.stem != "README" and page.stem not in shown:
            faults.append(f"docs/cli/{page.name} is about a command that is not there")


def check_errors():
    table = (ROOT / "lib/facesearch/core/error_table.cpp").read_text()
    rows = re.findall(r'ErrorRow\{\s*Call::\w+,\s*Cause::\w+,\s*\{(\d+),\s*"([^"]*)",\s*([\w:]+)\}\}', table)
    text = (ROOT / "docs/errors.md").read_text()
    documented = set(re.findall(r"^\| (\d{4}) \| `([^`]*)` \| (\d+) \|", text, re.M))
    thrown = {(code, message, str(STATUS[status])) for code, message, status in rows}
    faults.extend(f"docs/errors.md lacks {row}" for row in sorted(thrown - documented))
    faults.extend(f"docs/errors.md has {row}, the program has not" for row in sorted(documented - thrown))
    sources = [p.read_text() for top in ("lib", "apps") for p in (ROOT / top).rglob("*.[ch]pp")]
    reasons = {r for source in sources for r in re.findall(r'"([A-Z]{2,}(?:_[A-Z0-9]+)+)"', source)}
    reasons = {r for r in reasons if not r.startswith(("XDG_", "FACESEARCH_", "NO_COLOR", "OPENBLAS_NUM_THREADS", "WCHAR_T"))}
    faults.extend(f"docs/errors.md does not name the reason {reason}"
                  for reason in sorted(reasons) if f"`{reason}`" not in text)
    check_reach(table, text, sources)


def check_reach(table, text, sources):
    """How far an error reaches in a batch: a row for every cause and no other, the same in docs/errors.md."""
    header = (ROOT / "lib/facesearch/core/error.hpp").read_text()
    causes = set(re.findall(r"^  (k\w+),", re.search(r"enum class Cause[^{]*\{(.*?)\};", header, re.S)[1], re.M))
    names = dict(re.findall(r'KnownReason (k\w+)\{"(\w*)"\}', header))
    rows = re.findall(r"ReachRow\{Cause::(k\w+), reason::(k\w+), Reach::(k\w+)\}", table)
    whole = [cause for cause, reason, _ in rows if reason == "kNone"]
    faults.extend(f"core/error_table.cpp has no one reach for {cause}" for cause in causes if whole.count(cause) != 1)
    thrown = {tuple(found) for source in sources for found in re.findall(r'Cause::(k\w+),\s*"([A-Z_0-9]*)"', source)}
    faults.extend(f"{cause} with {reason or 'no reason'} is thrown and has no reach"
                  for cause, reason in sorted(thrown) if cause not in whole)
    everything = "\n".join(sources)
    for name, reason in names.items():
        if reason and not re.search(rf'(?<!KnownReason {name}{{)"{reason}"', everything) and \
                not re.search(rf"(?:Cause::\w+,\s*|return )reason::{name}\b", re.sub(r"ReachRow\{[^}]*\}", "", everything)):
            faults.append(f"core/error.hpp knows the reason {reason}, which nothing throws")
    section = re.search(r"^## In a batch\n(.*?)^## ", text, re.S | re.M)
    documented = set()
    for reach, cells in re.findall(r"^\| (input|group|batch) \| (.*?) \|", section[1] if section else "", re.M):
        documented.update((reach, word) for word in re.findall(r"`(\w+)`", cells))
    codes = {}
    for cause, code in re.findall(r"ErrorRow\{\s*Call::\w+,\s*Cause::(k\w+),\s*\{(\d+)", table):
        codes.setdefault(cause, set()).add(code)
    wanted = set()
    for cause, reason, reach in rows:
        words = {names[reason]} if reason != "kNone" else {"INTERNAL"} if cause == "kInternal" else codes.get(cause, set())
        wanted.update((reach[1:].lower(), word) for word in words)
    faults.extend(f"docs/errors.md, In a batch: {reach} lacks `{word}`" for reach, word in sorted(wanted - documented))
    faults.extend(f"docs/errors.md, In a batch: {reach} has `{word}`, the program has not"
                  for reach, word in sorted(documented - wanted))


def commands_of_case(path):
    lines = path.read_text().splitlines()
    while lines and (lines[0].startswith("#") or not lines[0].strip()):
        lines.pop(0)
    return "\n".join(lines).strip()


def anchors(page):
    """The anchors of a page's headings, as the usual Markdown viewers make them."""
    headings = re.findall(r"^#+ +(.*?) *$", re.sub(r"^```.*?^```", "", page.read_text(), flags=re.M | re.S), re.M)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


def check_paths(name, text):
    for path in re.findall(r"`((?:apps|docs|lib|models|scripts|tests)/[^\s`,:#]*)", re.sub(r"^```.*?^```", "", text, flags=re.M | re.S)):
        if not re.search(r"[*<{$…]|NAME", path) and not (ROOT / path).exists():
            faults.append(f"{name} names {path}, which is not there")


def check_width(name, text):
    fence = False
    for number, line in enumerate(text.splitlines(), 1):
        fence ^= line.lstrip().startswith("```")
        code = fence or line.startswith("    ") or line.lstrip().startswith(("|", "```"))
        words = re.sub(r"\[[^]]*\]\([^)]*\)", "link", line).split()  # a link is not broken, whatever its text
        if len(line) > WIDTH and not code and len(words) > 2:
            faults.append(f"{name}:{number}: {len(line)} characters; prose wraps at {WIDTH}")


def check_pages():
    folders = ("apps", "docs", "lib", "models", "scripts", "tests")
    for page in [*ROOT.glob("*.md"), *sorted(page for folder in folders for page in (ROOT / folder).rglob("*.md"))]:
        text, name = page.read_text(), page.relative_to(ROOT)
        for path, body in re.findall(r"^```sh (tests/cli/\S+)\n(.*?)^```", text, re.M | re.S):
            case = ROOT / path
            if not case.exists():
                faults.append(f"{name}: {path} is missing")
            elif commands_of_case(case) != body.strip():
                faults.append(f"{name}: the example differs from {path}")
        for path, body in re.findall(r"^```sh (tests/system/scaling/\S+)\n(.*?)^```", text, re.M | re.S):
            script = ROOT / path
            if not script.exists():
                faults.append(f"{name}: {path} is missing")
            elif script.read_text() != body:
                faults.append(f"{name}: the script differs from {path}")
        if "@@" in text:
            faults.append(f"{name}: a figure is still to be filled in (@@)")
        for link, anchor in re.findall(r"\]\(([^)#:]*)(?:#([^)]*))?\)", text):
            target = page.parent / link if link else page
            if not target.exists():
                faults.append(f"{name}: the link to {link} leads nowhere")
            elif anchor and anchor not in anchors(target):
                faults.append(f"{name}: the link to {link}#{anchor} leads to no heading")
        check_paths(name, text)
        check_width(name, text)


if PROGRAM:
    check_commands()
    check_errors()
check_pages()
print("\n".join(faults) or "the documents match the program")
sys.exit(1 if faults else 0)
