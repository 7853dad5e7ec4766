"""A peer in a process of its own, with the libraries of build/bench/venv.

Usage: worker.py PEER FOLDER. The folder has rows.f32 and probes.f32 (programs/gallery_worker.cpp). The first line that it prints says what the
peer is and what it took to build. Then it answers each line of standard input with a line of JSON:

  one FIRST COUNT [SETTING]   searches these probes, one after the other
  many FIRST COUNT            all at once
  pairs ROWS COSINE FILE      all pairs of the first rows, compared with the pairs in the file
  save FILE                   writes the index

Searches run in one thread; times are processor time, of each probe."""
import importlib
import importlib.metadata
import json
import os
import sqlite3
import sys
import time

import numpy as np

DIMENSION, LIMIT = 128, 10
BLAS_FROM = 20  # probes
REFINED = 4  # times as many candidates as are asked for


class FaissFlat:
    def __init__(self, rows, folder):
        self.faiss = importlib.import_module("faiss")
        self.threshold = self.faiss.cvar.distance_compute_blas_threshold
        self.index = self.make()
        self.index.train(rows)
        self.index.add(rows)
        self.faiss.omp_set_num_threads(1)

    def make(self):
        return self.faiss.IndexFlatIP(DIMENSION)

    def version(self):
        return f"faiss-cpu {self.faiss.__version__}"

    def build(self):
        return self.faiss.get_compile_options().strip()

    def search(self, probes, setting):
        # By itself FAISS 1.15 uses BLAS from a thousand probes of 128 numbers on; 512 are ten times as fast with it.
        if len(probes) >= BLAS_FROM:
            self.faiss.cvar.distance_compute_blas_threshold = 1
        scores, rows = self.index.search(probes, LIMIT)
        self.faiss.cvar.distance_compute_blas_threshold = self.threshold
        return rows, scores

    def pairs(self, rows, cosine):
        index = self.faiss.IndexFlatIP(DIMENSION)
        index.add(rows)
        limits, _, found = index.range_search(rows, cosine)
        return np.repeat(np.arange(len(rows)), np.diff(limits.astype(np.int64))), found

    def save(self, file):
        self.faiss.write_index(self.index, file)


class FaissSq8(FaissFlat):
    def make(self):
        codes = self.faiss.IndexScalarQuantizer(DIMENSION, self.faiss.ScalarQuantizer.QT_8bit, self.faiss.METRIC_INNER_PRODUCT)
        self.kept = codes  # the outer index only points to it
        index = self.faiss.IndexRefineFlat(codes)
        index.k_factor = REFINED
        return index


class FaissHnsw(FaissFlat):
    def make(self):
        self.faiss.omp_set_num_threads(os.cpu_count())
        return self.faiss.IndexHNSWFlat(DIMENSION, 32, self.faiss.METRIC_INNER_PRODUCT)  # M, and its default efConstruction, 40

    def search(self, probes, setting):
        self.index.hnsw.efSearch = setting
        return super().search(probes, setting)


class Hnswlib:
    def __init__(self, rows, folder):
        self.index = importlib.import_module("hnswlib").Index(space="ip", dim=DIMENSION)
        self.index.init_index(max_elements=len(rows), ef_construction=200, M=16)  # its defaults
        self.index.add_items(rows, num_threads=os.cpu_count())

    def version(self):
        return package_version("hnswlib")

    def build(self):
        return "-march=native"

    def search(self, probes, setting):
        self.index.set_ef(setting)
        rows, distances = self.index.knn_query(probes, LIMIT, num_threads=1)
        return rows, 1 - distances


class Usearch:
    """Its exact search keeps the distances of all rows to all probes, so a few probes at a time."""

    TOGETHER = 32

    def __init__(self, rows, folder):
        self.library, self.rows = importlib.import_module("usearch.index"), rows

    def version(self):
        return package_version("usearch")

    def build(self):
        return self.library.Index(ndim=DIMENSION, metric="ip", dtype="f32").hardware_acceleration

    def search(self, probes, setting):
        rows, scores = [], []
        for first in range(0, len(probes), self.TOGETHER):
            some = probes[first:first + self.TOGETHER]
            found = self.library.search(self.rows, some, LIMIT, self.library.MetricKind.IP, exact=True, threads=1)
            rows.append(found.keys.reshape(len(some), -1))
            scores.append(1 - found.distances.reshape(len(some), -1))
        return np.concatenate(rows), np.concatenate(scores)


class SqliteVec:
    """Distances of unit vectors order as their cosines do, and are what it computes fastest."""

    def __init__(self, rows, folder):
        self.database = sqlite3.connect(f"{folder}/sqlite-vec.db")
        self.database.enable_load_extension(True)
        importlib.import_module("sqlite_vec").load(self.database)
        self.database.execute(f"CREATE VIRTUAL TABLE faces USING vec0(template float[{DIMENSION}])")
        self.database.executemany("INSERT INTO faces(rowid, template) VALUES (?, ?)", ((i, row.tobytes()) for i, row in enumerate(rows)))
        self.database.commit()

    def version(self):
        return package_version("sqlite-vec")

    def build(self):
        text, = self.database.execute("SELECT vec_debug()").fetchone()
        return text.partition("Build flags:")[2].strip() or "no build flags"

    def search(self, probes, setting):
        query = f"SELECT rowid, distance FROM faces WHERE template MATCH ? AND k = {LIMIT}"
        found = np.array([self.database.execute(query, (probe.tobytes(),)).fetchall() for probe in probes])
        return found[..., 0].astype(np.int64), 1 - found[..., 1] ** 2 / 2


PEERS = {"faiss": FaissFlat, "sq8": FaissSq8, "faiss-hnsw": FaissHnsw, "hnswlib": Hnswlib, "usearch": Usearch, "sqlite-vec": SqliteVec}


def package_version(name):
    return f"{name} {importlib.metadata.version(name)}"


def compare_pairs(theirs, file, rows, cosine):
    """How many pairs only one side found, and how far from the threshold the farthest of them is. Both directions are found, and each row itself."""
    first, second = theirs
    forward = first < second
    found = set(map(tuple, np.stack([first[forward], second[forward]], 1).tolist()))
    ours = set(map(tuple, np.sort(np.fromfile(file, np.uint32).reshape(-1, 2).astype(np.int64), axis=1).tolist()))
    different = np.array(sorted(found ^ ours), np.int64).reshape(-1, 2)
    exact = np.einsum("ij,ij->i", rows[different[:, 0]].astype(np.float64), rows[different[:, 1]].astype(np.float64))
    return {"pairs": len(found), "different": len(different), "farthest": float(np.abs(exact - cosine).max(initial=0))}


def templates(folder, name):
    return np.fromfile(f"{folder}/{name}.f32", np.float32).reshape(-1, DIMENSION)


def answer(peer, folder, probes, words):
    if words[0] == "save":
        peer.save(words[1])
        return {}
    if words[0] == "pairs":
        rows, cosine = templates(folder, "rows")[:int(words[1])], float(words[2])
        start = time.process_time()
        found = peer.pairs(rows, cosine)
        took = time.process_time() - start
        return {"cpu_ms": 1000 * took, **compare_pairs(found, words[3], rows, cosine)}
    start = time.process_time()
    first, count, setting = int(words[1]), int(words[2]), int(words[3]) if len(words) > 3 else None
    asked = probes[first:first + count]
    if words[0] == "one":
        lists = [peer.search(asked[i:i + 1], setting) for i in range(count)]
    else:
        lists = [peer.search(asked, setting)]
    took = time.process_time() - start
    return {"cpu_ms": 1000 * took / count, "rows": np.concatenate([found for found, _ in lists]).tolist(),
            "scores": np.concatenate([scores for _, scores in lists]).tolist()}


def main():
    name, folder = sys.argv[1:]
    probes, rows = templates(folder, "probes"), templates(folder, "rows")
    wall, processor = time.monotonic(), time.process_time()
    peer = PEERS[name](rows, folder)
    del rows  # most peers have a copy
    print(json.dumps({"version": peer.version(), "build": peer.build(), "build_s": time.monotonic() - wall,
                      "build_processor_s": time.process_time() - processor}), flush=True)
    for line in sys.stdin:
        print(json.dumps(answer(peer, folder, probes, line.split())), flush=True)


if __name__ == "__main__":
    main()
