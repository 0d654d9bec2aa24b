#!/usr/bin/env python3
"""Makes PNG pictures of a program smaller: 256 colours, those used most and the nearest to them.

  scripts/small_png.py FILE...

Pictures of windows have few colours and many shades of the edges of letters; a fifth of the size
is left, and nobody sees the difference. Only 8-bit RGB or RGBA without interlace, as Qt writes it.
"""
import struct
import sys
import zlib
from collections import Counter

COLOURS = 256


def chunks(data):
    at = 8
    while at < len(data):
        length, kind = struct.unpack(">I4s", data[at:at + 8])
        yield kind, data[at + 8:at + 8 + length]
        at += 12 + length


def paeth(a, b, c):
    p = a + b - c
    pa, pb, pc = abs(p - a), abs(p - b), abs(p - c)
    return a if pa <= pb and pa <= pc else b if pb <= pc else c


def unfiltered(kind, line, above, size):
    """One line as it was before PNG's filter (PNG specification, section 9)."""
    if kind == 2:
        return bytearray((x + b) & 255 for x, b in zip(line, above))
    line = bytearray(line)
    if kind == 0:
        return line
    for i in range(len(line)):
        left = line[i - size] if i >= size else 0
        corner = above[i - size] if i >= size else 0
        if kind == 1:
            line[i] = (line[i] + left) & 255
        elif kind == 3:
            line[i] = (line[i] + (left + above[i]) // 2) & 255
        else:
            line[i] = (line[i] + paeth(left, above[i], corner)) & 255
    return line


def read(data):
    header = packed = b""
    for kind, body in chunks(data):
        if kind == b"IHDR":
            header = body
        elif kind == b"IDAT":
            packed += body
    width, height, depth, colour, _, _, interlace = struct.unpack(">IIBBBBB", header)
    if depth != 8 or colour not in (2, 6) or interlace:
        return None
    size = 3 if colour == 2 else 4
    raw = zlib.decompress(packed)
    stride = width * size
    above = bytearray(stride)
    pixels = []
    for y in range(height):
        at = y * (stride + 1)
        above = unfiltered(raw[at], raw[at + 1:at + 1 + stride], above, size)
        pixels.append([(above[i], above[i + 1], above[i + 2]) for i in range(0, stride, size)])
    return width, height, pixels


def nearest(colour, palette):
    return min(range(len(palette)),
               key=lambda i: sum((x - y) ** 2 for x, y in zip(colour, palette[i])))


def write(width, height, pixels):
    counts = Counter(pixel for row in pixels for pixel in row)
    palette = [colour for colour, _ in sorted(counts.items(), key=lambda c: (-c[1], c[0]))]
    palette = palette[:COLOURS]
    index = {colour: i for i, colour in enumerate(palette)}
    for colour in counts:
        if colour not in index:
            index[colour] = nearest(colour, palette)
    raw = b"".join(b"\0" + bytes(index[pixel] for pixel in row) for row in pixels)

    def chunk(kind, body):
        return struct.pack(">I", len(body)) + kind + body + struct.pack(
            ">I", zlib.crc32(kind + body))

    return (b"\x89PNG\r\n\x1a\n" +
            chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 3, 0, 0, 0)) +
            chunk(b"PLTE", b"".join(bytes(colour) for colour in palette)) +
            chunk(b"IDAT", zlib.compress(raw, 9)) + chunk(b"IEND", b""))


for name in sys.argv[1:]:
    with open(name, "rb") as file:
        picture = read(file.read())
    if picture is not None:
        smaller = write(*picture)
        with open(name, "wb") as file:
            file.write(smaller)
