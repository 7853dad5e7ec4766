#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Makes archives as they should be and as they should not.  Usage: make_archives.py FOLDER

Every good one holds `in/one.dat` (3,000 bytes that do not repeat) and `two.dat` (100 bytes)."""
import bz2
import gzip
import hashlib
import io
import pathlib
import sys
import tarfile
import zipfile

folder = pathlib.Path(sys.argv[1])
folder.mkdir(parents=True, exist_ok=True)
ONE = b"".join(hashlib.sha256(b"%d" % i).digest() for i in range(94))[:3000]
TWO = ONE[:100]
FILES = [("in/one.dat", ONE), ("two.dat", TWO)]


def tar_of(files, mode="w"):
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode=mode, format=tarfile.GNU_FORMAT) as tar:
        for name, content in files:
            member = name if isinstance(name, tarfile.TarInfo) else tarfile.TarInfo(name)
            member.size = len(content)
            tar.addfile(member, io.BytesIO(content) if member.isreg() else None)
    return out.getvalue()


def zip_of(files, method=zipfile.ZIP_DEFLATED):
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", method) as packed:
        for name, content in files:
            packed.writestr(name, content)
    return out.getvalue()


def kind(name, of, target=""):
    member = tarfile.TarInfo(name)
    member.type, member.linkname = of, target
    return member, b""


def encrypted(archive):
    """Both headers of every member say that its data is encrypted."""
    made = bytearray(archive)
    for magic, flags in ((b"PK\3\4", 6), (b"PK\1\2", 8)):
        place = made.find(magic)
        while place >= 0:
            made[place + flags] |= 1
            place = made.find(magic, place + 4)
    return bytes(made)


def with_link(name):
    """The member is a symbolic link by its Unix mode."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as packed:
        link = zipfile.ZipInfo(name)
        link.create_system, link.external_attr = 3, 0o120777 << 16
        packed.writestr(link, "/etc/passwd")
    return out.getvalue()


def write(name, content):
    (folder / name).write_bytes(content)


good = {"good.tar": tar_of(FILES), "good.tar.gz": tar_of(FILES, "w:gz"), "good.tar.bz2": tar_of(FILES, "w:bz2"), "good.zip": zip_of(FILES),
        "stored.whl": zip_of(FILES, zipfile.ZIP_STORED)}
for name, content in good.items():
    write(name, content)
    write("cut-" + name, content[:len(content) // 4])
write("one.dat.bz2", bz2.compress(ONE))
write("one.dat.gz", gzip.compress(ONE))
write("cut-one.dat.bz2", bz2.compress(ONE)[:1000])
write("empty.zip", zip_of([]))
write("twice.tar.gz", gzip.compress(gzip.compress(tar_of(FILES))))
write("encrypted.zip", encrypted(zip_of(FILES)))
write("paths.tar", tar_of([("/etc/passwd", ONE), ("../../up.dat", TWO), ("a/../../b", TWO)]))
write("paths.zip", zip_of([("/etc/passwd", ONE), ("../../up.dat", TWO), ("a/../../b", TWO)]))
write("kinds.tar", tar_of([kind("soft", tarfile.SYMTYPE, "/etc/passwd"), ("two.dat", TWO), kind("hard", tarfile.LNKTYPE, "two.dat"),
                           kind("device", tarfile.CHRTYPE), kind("block", tarfile.BLKTYPE), kind("pipe", tarfile.FIFOTYPE),
                           kind("folder", tarfile.DIRTYPE)]))
write("link.zip", with_link("soft"))
write("duplicates.tar", tar_of([("two.dat", TWO), ("two.dat", ONE)]))
write("nested.zip", zip_of([("good.tar.gz", good["good.tar.gz"]), ("good.tar", good["good.tar"])]))
ONES = b"1" * (8 << 20)
write("ones.bz2", bz2.compress(ONES))
write("ones.tar.gz", tar_of([("ones", ONES), ("two.dat", TWO)], "w:gz"))
write("ones.zip", zip_of([("ones", ONES)]))
write("many.tar.gz", tar_of([(f"{i}", b"") for i in range(50)], "w:gz"))
# One member of the zip has another byte than its checksum was made of.
damaged = bytearray(zip_of([("two.dat", TWO), ("in/one.dat", ONE)], zipfile.ZIP_STORED))
damaged[damaged.find(TWO) + 5] ^= 1
write("crc.zip", bytes(damaged))
# The head claims 2^62 bytes, and its checksum is right.
head = bytearray(tar_of([("two.dat", TWO)])[:512])
head[124:136] = b"\x80" + (1 << 62).to_bytes(11, "big")
head[148:156] = b" " * 8
head[148:156] = b"%06o\0 " % sum(head)
write("huge.tar", bytes(head) + TWO)
# A name of three megabytes.
write("name.tar", tar_of([("n" * (3 << 20), TWO)]))
# A zip whose directory has 40 megabytes; the second says so in 64 bits.
directory, end = bytes(40 << 20), b"PK\5\6" + bytes(8)
write("directory.zip", b"PK\3\4" + directory + end + (len(directory)).to_bytes(4, "little") + (4).to_bytes(4, "little") + bytes(2))
record = b"PK\6\6" + bytes(44) + (4).to_bytes(8, "little")
locator = b"PK\6\7" + bytes(4) + (4 + len(directory)).to_bytes(8, "little") + bytes(4)
write("directory64.zip", b"PK\3\4" + directory + record + locator + end + b"\xff" * 8 + bytes(2))
# The head of the second member is not of its checksum.
damaged = bytearray(tar_of(FILES))
damaged[damaged.find(b"two.dat")] ^= 1
write("head.tar", bytes(damaged))
write("head.tar.gz", gzip.compress(bytes(damaged)))
# No tar, though its first blocks are those of an empty one.
write("zeros.dat.bz2", bz2.compress(bytes(2048) + ONE))
write("zeros.dat.gz", gzip.compress(bytes(2048) + ONE))
write("none.tar.gz", tar_of([], "w:gz"))
write("text.txt", b"no archive\n" * 100)
