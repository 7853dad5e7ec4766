#!/usr/bin/env python3
"""Shows that layers.py bites: each breach, planted in a tree of its own, is found. Usage: layers_bites.py"""
import pathlib
import subprocess
import sys
import tempfile

HERE = pathlib.Path(__file__).resolve().parent
SPDX = "// SPDX-License-Identifier: MIT\n"
BREACHES = {
    "upward include": ("lib/facesearch/core/a.cpp", SPDX + '#include "facesearch/store/store.hpp"\n'),
    "sideways include": ("lib/facesearch/match/a.cpp", SPDX + '#include "facesearch/store/store.hpp"\n'),
    "library outside its room": ("lib/facesearch/face/a.cpp", SPDX + "#include <opencv2/core.hpp>\n"),
    "network library outside its room": ("lib/facesearch/fetch/a.cpp", SPDX + "#include <curl/curl.h>\n"),
    "printing": ("lib/facesearch/core/a.cpp", SPDX + 'void f() { fmt::print("x"); }\n'),
    "leaving": ("lib/facesearch/core/a.cpp", SPDX + "void f() { std::exit(1); }\n"),
    "environment": ("lib/facesearch/core/a.cpp", SPDX + 'auto f() { return std::getenv("X"); }\n'),
    "command line": ("lib/facesearch/core/a.cpp", SPDX + "#include <CLI/CLI.hpp>\n"),
    "no licence": ("apps/facesearch/a.cpp", "int x;\n"),
    "too long": ("apps/facesearch/a.cpp", SPDX + "\n" * 801),
    "header that counts twice": ("lib/facesearch/core/a.hpp", SPDX + "int x;\n"),
    "homeless name": ("lib/facesearch/core/string_utils.cpp", SPDX),
}


# Beside these sources lies a header of their name.
HEADERS = {
    "own header not first": ("lib/facesearch/core/a.cpp", SPDX + '#include <string>\n#include "facesearch/core/a.hpp"\n'),
    "own header not at all": ("lib/facesearch/core/a.cpp", SPDX),
}


def finds(path, text, header=False, word="", readme=True, names=0):
    """True if layers.py finds a breach in a tree of this one file. `names`: how many empty sources lie beside it."""
    with tempfile.TemporaryDirectory() as folder:
        file = pathlib.Path(folder, path)
        file.parent.mkdir(parents=True)
        file.write_text(text)
        if readme:
            file.with_name("README.md").write_text("What lives here.\n")
        for number in range(names):
            file.with_name(f"b{number}.cpp").write_text(SPDX)
        if header:
            file.with_suffix(".hpp").write_text(SPDX + "#pragma once\n")
        done = subprocess.run([sys.executable, HERE / "layers.py", folder], capture_output=True, text=True)
        return done.returncode == 1 and word in done.stdout


missed = [name for name, (path, text) in BREACHES.items() if not finds(path, text)]
missed += [name for name, (path, text) in HEADERS.items() if not finds(path, text, header=True)]
if not finds("tests/unit/core/a_test.cpp", SPDX + "#include <catch2/catch.hpp>\n", word="a_test.cpp:2"):
    missed.append("Catch2 of one version")
CLEAN = "lib/facesearch/store/a.cpp", SPDX + '#include "facesearch/core/error.hpp"  // std::exit()\n'
if not finds(*CLEAN, readme=False):
    missed.append("a folder without a README")
if not finds(*CLEAN, names=18):
    missed.append("a folder with too many names")
if finds("lib/facesearch/core/a.cpp", SPDX + '#include "facesearch/core/a.hpp"\n', header=True):
    missed.append("a source whose header comes first is called a breach")
if finds(*CLEAN):
    missed.append("a clean file is called a breach")
print(f"{len(BREACHES) + len(HEADERS) + 3} breaches planted, missed: {missed or 'none'}")
sys.exit(1 if missed else 0)
