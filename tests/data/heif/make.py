#!/usr/bin/env python3
"""Makes the pictures of this folder. What codes them is heif-enc and avifenc (packages libheif-examples and libavif-bin of Debian 12);
this file draws them, and puts the boxes of a HEIF file together.  Usage: make.py FOLDER [HEIF-ENC AVIFENC]"""
import pathlib
import struct
import subprocess
import sys
import tempfile
import zlib

WIDTH, HEIGHT = 48, 32
COLOURS = ((200, 40, 40), (40, 200, 40), (40, 40, 200), (220, 220, 60))  # red and green above, blue and yellow below
PEOPLE = pathlib.Path(__file__).resolve().parent.parent / "people"


def png(width, height, pixel, depth=8):
    channels = len(pixel(0, 0))
    scale = 257 if depth == 16 else 1
    code = ">" + ("H" if depth == 16 else "B") * channels * width
    rows = b"".join(b"\0" + struct.pack(code, *(value * scale for x in range(width) for value in pixel(x, y))) for y in range(height))

    def chunk(name, data):
        return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))
    head = struct.pack(">IIBBBBB", width, height, depth, 6 if channels == 4 else 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", zlib.compress(rows, 9)) + chunk(b"IEND", b"")


def quarters(x, y, width=WIDTH, height=HEIGHT):
    return COLOURS[(x >= width // 2) + 2 * (y >= height // 2)]


def see_through(x, y):
    return quarters(x, y) + ((255, 128, 128, 0)[(x >= WIDTH // 2) + 2 * (y >= HEIGHT // 2)],)


def multiplied(x, y):
    *colour, alpha = see_through(x, y)
    return tuple(value * alpha // 255 for value in colour) + (alpha,)


def box(name, *content):
    body = b"".join(content)
    return struct.pack(">I", 8 + len(body)) + name.encode() + body


def full(name, version, *content):
    return box(name, struct.pack(">I", version << 24), *content)


def boxes(data):
    while data:
        size, = struct.unpack(">I", data[:4])
        yield data[4:8].decode("latin-1"), data[8:size], data[:size]
        data = data[size:]


def picture_of(file):
    """The properties and the data of the one picture that heif-enc writes."""
    top = {name: content for name, content, _ in boxes(file)}
    meta = {name: content for name, content, _ in boxes(top["meta"][4:])}
    container = {name: content for name, content, _ in boxes(meta["iprp"])}
    return [whole for _, _, whole in boxes(container["ipco"])], top["mdat"]


def assemble(items, references=(), primary=1, brands=("heic", "mif1", "heic")):
    """A file of items (type, properties, data), numbered from 1. The bytes of a grid's item are in the file as any other's."""
    properties = b"".join(b"".join(owned) for _, owned, _ in items)
    places, index = [], 1
    for number, (_, owned, _) in enumerate(items, 1):
        entries = bytes(0x80 | (index + i) for i in range(len(owned)))
        index += len(owned)
        places.append(struct.pack(">HB", number, len(owned)) + entries)
    kinds = b"".join(full("infe", 2, struct.pack(">HH", number, 0), kind.encode(), b"\0") for number, (kind, _, _) in enumerate(items, 1))
    pointers = b"".join(box(kind, struct.pack(">HH", origin, len(to)), *(struct.pack(">H", t) for t in to)) for kind, origin, to in references)
    ftyp = box("ftyp", brands[0].encode(), b"\0\0\0\0", *(brand.encode() for brand in brands[1:]))

    def meta(start):
        located, at = b"", start
        for number, (_, _, data) in enumerate(items, 1):
            located += struct.pack(">HHHII", number, 0, 1, at, len(data))
            at += len(data)
        return full("meta", 0, full("hdlr", 0, b"\0\0\0\0pict", bytes(12), b"\0"), full("pitm", 0, struct.pack(">H", primary)),
                    full("iloc", 0, b"\x44\0", struct.pack(">H", len(items)), located),
                    full("iinf", 0, struct.pack(">H", len(items)), kinds),
                    *([full("iref", 0, pointers)] if pointers else []),
                    box("iprp", box("ipco", properties), full("ipma", 0, struct.pack(">I", len(items)), *places)))
    start = len(ftyp) + len(meta(0)) + 8
    return ftyp + meta(start) + box("mdat", *(data for _, _, data in items))


def size_box(width, height):
    return full("ispe", 0, struct.pack(">II", width, height))


def without_size(properties):
    return [whole for whole in properties if whole[4:8] != b"ispe"]


def exif(orientation):
    return struct.pack(">I", 0) + b"MM\0*" + struct.pack(">IHHHIHHI", 8, 1, 0x112, 3, 1, orientation, 0, 0)


def main():
    folder = pathlib.Path(sys.argv[1])
    encoder, avif_encoder = sys.argv[2:] or ("heif-enc", "avifenc")

    with tempfile.TemporaryDirectory() as work:
        def encode(source, name, *options):
            file = pathlib.Path(work) / "in.png"
            file.write_bytes(source)
            out = pathlib.Path(work) / name
            subprocess.run([encoder, *options, str(file), "-o", str(out)], check=True, stdout=subprocess.DEVNULL)
            return out.read_bytes()

        def avif_of_10_bits(source):
            file, out = pathlib.Path(work) / "in.png", pathlib.Path(work) / "b.avif"
            file.write_bytes(source)
            subprocess.run([avif_encoder, "-d", "10", "-y", "420", "--min", "2", "--max", "6", str(file), str(out)], check=True,
                           stdout=subprocess.DEVNULL)
            return out.read_bytes()

        clear = "-q", "95", "-p", "chroma=444"
        made = {
            "pattern.heic": encode(png(WIDTH, HEIGHT, quarters), "a.heic", *clear),
            "pattern10.heic": encode(png(WIDTH, HEIGHT, quarters, 16), "a.heic", "-b", "10", *clear),
            "pattern.avif": encode(png(WIDTH, HEIGHT, quarters), "a.avif", *clear),
            "pattern10.avif": avif_of_10_bits(png(WIDTH, HEIGHT, quarters, 16)),
            "alpha.heic": encode(png(WIDTH, HEIGHT, see_through), "a.heic", *clear),
            "alpha.avif": encode(png(WIDTH, HEIGHT, see_through), "a.avif", *clear),
            "premultiplied.heic": encode(png(WIDTH, HEIGHT, multiplied), "a.heic", "--premultiplied-alpha", *clear),
        }
        # heif-enc codes 64 x 64 pixels at least, and crops smaller pictures with a grid of one tile. This one is no grid.
        properties, data = picture_of(encode(png(128, 64, lambda x, y: quarters(x, y, 128, 64)), "a.heic", *clear))
        turn, mirror = box("irot", b"\0"), box("imir", b"\0")  # the tests set what they say
        made["turned.heic"] = assemble([("hvc1", [*properties, turn, mirror], data), ("Exif", [], exif(6))], [("cdsc", 2, [1])])
        tiles = [picture_of(encode(png(64, 64, lambda x, y, colour=colour: colour), "a.heic", *clear)) for colour in COLOURS]
        grid = struct.pack(">BBBBHH", 0, 0, 1, 1, 100, 90)
        made["grid.heic"] = assemble([*(("hvc1", owned, data) for owned, data in tiles), ("grid", [size_box(100, 90)], grid)],
                                     [("dimg", 5, [1, 2, 3, 4])], primary=5)
        # Smaller to look at than to decode: a picture of 4096 x 4096 that says it had 48 x 32, and a grid that names one tile 600 times.
        for kind, ending in ("hvc1", "heic"), ("av01", "avif"):
            large, data = picture_of(encode(png(4096, 4096, lambda x, y: COLOURS[0]), f"a.{ending}", "-q", "10"))
            brands = (ending, "mif1", ending)
            made[f"claims.{ending}"] = assemble([(kind, [size_box(WIDTH, HEIGHT), *without_size(large)], data)], brands=brands)
        grid = struct.pack(">BBBBHH", 0, 0, 23, 24, 100, 90)
        made["many.heic"] = assemble([("hvc1", *tiles[0]), ("grid", [size_box(100, 90)], grid)], [("dimg", 2, [1] * 600)], primary=2)
        for ending in "heic", "avif":
            out = pathlib.Path(work) / f"person.{ending}"
            subprocess.run([encoder, "-q", "50", str(PEOPLE / "person01-2.jpg"), "-o", str(out)], check=True, stdout=subprocess.DEVNULL)
            made[f"person01-2.{ending}"] = out.read_bytes()
    for name, content in made.items():
        (folder / name).write_bytes(content)


if __name__ == "__main__":
    main()
