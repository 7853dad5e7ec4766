"""One process, one search, as a script would do it: once.py sqlite-vec|faiss FILE PROBES NUMBER. Prints the rows it found."""
import sqlite3
import sys

kind, file, probes, number = sys.argv[1:]
with open(probes, "rb") as templates:
    templates.seek(512 * int(number))
    probe = templates.read(512)
if kind == "sqlite-vec":
    import sqlite_vec
    database = sqlite3.connect(file)
    database.enable_load_extension(True)
    sqlite_vec.load(database)
    print(*(row for row, in database.execute("SELECT rowid FROM faces WHERE template MATCH ? AND k = 10", (probe,))))
else:
    import faiss
    import numpy
    index = faiss.read_index(file, faiss.IO_FLAG_MMAP_IFC)
    faiss.omp_set_num_threads(1)
    print(*index.search(numpy.frombuffer(probe, numpy.float32)[None], 10)[1][0])
