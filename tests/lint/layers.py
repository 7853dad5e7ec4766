#!/usr/bin/env python3
"""The rules that keep the house in order (docs/architecture.md), held by reading the sources.

Usage: layers.py ROOT. Prints each breach as file:line: what, and exits with 1 if there is any."""
import pathlib
import re
import sys

# A module may include itself and these.
BELOW = {
    "core": set(),
    "image": {"core"},
    "face": {"core", "image"},
    "store": {"core"},
    "match": {"core"},
    "fetch": {"core"},
    "service": {"core", "image", "face", "store", "match", "fetch"},
    "contract": {"core", "image", "face", "store", "match", "fetch", "service"},
}
# Only these rooms include a library: a reader finds what depends on it by the name of a folder, or of the file.
LIBRARY_ROOMS = [
    (re.compile(r"<opencv2/"), ("lib/facesearch/face/opencv/",)),
    (re.compile(r"<dlib/"), ("lib/facesearch/face/dlib/",)),
    (re.compile(r"<lmdb\.h>"), ("lib/facesearch/store/lmdb/",)),
    (re.compile(r"<openssl/"), ("lib/facesearch/store/crypto/", "lib/facesearch/core/digest.cpp",
                               "lib/facesearch/core/secret.cpp",
                               "lib/facesearch/contract/requests/base64.cpp")),
    (re.compile(r"<nlohmann/"), ("lib/facesearch/contract/", "lib/facesearch/core/json_reader.cpp",
                                "lib/facesearch/face/pack/pack_manifest.cpp",
                                "lib/facesearch/store/format/json_records.cpp",
                                "apps/facesearch/output/document_")),
    (re.compile(r"<simdjson\.h>"), ("lib/facesearch/contract/requests/parse_request.cpp",)),
    (re.compile(r"<j(peglib|error|morecfg)\.h>"), ("lib/facesearch/image/jpeg_",)),
    (re.compile(r"<png\.h>"), ("lib/facesearch/image/png_",)),
    (re.compile(r"<webp/"), ("lib/facesearch/image/webp_",)),
    (re.compile(r"<libheif/"), ("lib/facesearch/image/heif/",)),
    (re.compile(r"<curl/"), ("lib/facesearch/fetch/curl/",)),
    (re.compile(r"<archive(_entry)?\.h>"), ("lib/facesearch/fetch/archive/",)),
    (re.compile(r"<utf8\.h>"), ("lib/facesearch/core/utf8.cpp",)),
    (re.compile(r"<re2/"), ("apps/facesearch/inputs/name_from.cpp", "apps/facesearch/inputs/ignore_rules.cpp")),
]
NEVER_IN_LIB = [
    (re.compile(r"<(iostream|print|fmt/printf\.h)>"), "lib never prints"),
    (re.compile(r"\b(std::)?(printf|fprintf|puts|fputs|perror)\s*\("), "lib never prints"),
    (re.compile(r"\bfmt::print\b|\bstd::c(out|err|log)\b"), "lib never prints"),
    (re.compile(r"(?<![\w_])(std::)?(exit|abort|_exit|quick_exit|terminate)\s*\("), "lib never exits"),
    (re.compile(r"\b(secure_)?getenv\s*\("), "lib never reads the environment"),
    (re.compile(r"<CLI/"), "CLI11 is for apps only"),
]
HOMELESS = re.compile(r"(utils?|common|helpers?|managers?)\b")
MAX_LINES = 800
MAX_NAMES = 18  # in a folder; a header and its source are one



def without_comments(text):
    return re.sub(r"//[^\n]*", "", re.sub(r"/\*.*?\*/", lambda m: "\n" * m.group().count("\n"), text, flags=re.S))


def breaches_of(path, root):
    text = path.read_text()
    lines = text.splitlines()
    relative = path.relative_to(root)
    if not lines or not lines[0].startswith("// SPDX-License-Identifier: "):
        yield 1, "the first line is the SPDX identifier"
    if len(lines) > MAX_LINES:
        yield MAX_LINES, f"{len(lines)} lines; no file is longer than {MAX_LINES}"
    if HOMELESS.search(path.stem):
        yield 1, "a file is named for what it holds, not 'utils', 'common', 'helpers' or 'managers'"
    own = path.with_suffix(".hpp").relative_to(root / relative.parts[0])
    first = re.search(r'^#include ([<"][^>"]*[>"])', text, flags=re.M)
    if path.suffix == ".cpp" and path.with_suffix(".hpp").exists() and (not first or first.group(1) != f'"{own}"'):
        yield 1, f"the first thing it includes is its own header, {own}: so it is seen that this compiles alone"
    if path.suffix == ".hpp" and lines[1:2] != ["#pragma once"]:
        yield 2, "the second line of a header is #pragma once"
    in_lib = relative.parts[0] == "lib"
    module = relative.parts[2] if in_lib else None
    for number, line in enumerate(without_comments(text).splitlines(), 1):
        include = re.match(r'\s*#\s*include\s+([<"].*[>"])', line)
        if include:
            yield from ((number, what) for what in include_breaches(include.group(1), relative, module))
        if in_lib:
            yield from ((number, what) for pattern, what in NEVER_IN_LIB if pattern.search(line))


def include_breaches(target, relative, module):
    if target.startswith('"'):
        inside = re.match(r'"facesearch/(\w+)/', target)
        if module is not None:
            if not inside:
                yield f"{target}: the library includes by \"facesearch/<module>/<room>/<file>.hpp\""
            elif inside.group(1) != module and inside.group(1) not in BELOW[module]:
                yield f"{module} must not include {inside.group(1)}: includes go down only"
    for pattern, rooms in LIBRARY_ROOMS:
        if pattern.search(target) and not str(relative).startswith(rooms):
            yield f"{target} is included in {' and '.join(rooms)} only"


def crowded_rooms(files, root):
    """Folders that hold too many names, and those without a README that says what lives there."""
    names = {}
    for path in files:
        names.setdefault(path.parent, set()).add(path.stem)
    for folder, stems in sorted(names.items()):
        if len(stems) > MAX_NAMES:
            yield folder, 0, f"{len(stems)} names in one folder; no folder has more than {MAX_NAMES}"
        if not (folder / "README.md").exists():
            yield folder, 0, "a README.md of a few lines says what lives here, what does not, and where to begin"


def catch2_breaches(root):
    """The tests include Catch2 by one header, which knows its versions 2 and 3."""
    for path in sorted(p for p in (root / "tests").rglob("*") if p.suffix in (".cpp", ".hpp") and p.name != "catch.hpp"):
        for number, line in enumerate(path.read_text().splitlines(), 1):
            if re.match(r"\s*#\s*include\s*<catch2/", line):
                yield path, number, 'Catch2 is included by "catch.hpp" (tests/unit), for Debian 12 and 13'


def main():
    root = pathlib.Path(sys.argv[1]).resolve()
    files = sorted(p for top in ("lib", "apps") for p in (root / top).rglob("*") if p.suffix in (".cpp", ".hpp"))
    found = [(p, n, what) for p in files for n, what in breaches_of(p, root)]
    found += crowded_rooms(files, root)
    found += catch2_breaches(root)
    for path, number, what in found:
        print(f"{path.relative_to(root)}:{number}: {what}")
    print(f"{len(files)} files, {len(found)} breaches")
    return 1 if found or not files else 0


if __name__ == "__main__":
    sys.exit(main())
