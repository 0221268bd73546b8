"""What happens to a file's bytes on the way, and what somebody may do to them."""

from __future__ import annotations

import struct
from collections.abc import Callable
from random import Random

Mutation = Callable[[bytes, Random], bytes]
_LOCAL, _LISTED, _END = b"PK\x03\x04", b"PK\x01\x02", b"PK\x05\x06"


def _span(data: bytes, rng: Random, most: int = 4000) -> tuple[int, int]:
    start = rng.randrange(max(1, len(data)))
    return start, min(len(data), start + rng.randint(1, most))


def flip_bits(data: bytes, rng: Random) -> bytes:
    changed = bytearray(data)
    for _ in range(rng.choice([1, 1, 2, 8, 50])):
        changed[rng.randrange(len(changed))] ^= 1 << rng.randrange(8)
    return bytes(changed)


def flip_bits_of_the_head(data: bytes, rng: Random) -> bytes:
    changed = bytearray(data)
    for _ in range(rng.randint(1, 6)):
        changed[rng.randrange(min(600, len(changed)))] ^= 1 << rng.randrange(8)
    return bytes(changed)


def overwrite(data: bytes, rng: Random) -> bytes:
    start, end = _span(data, rng, 400)
    return data[:start] + rng.randbytes(end - start) + data[end:]


def truncate(data: bytes, rng: Random) -> bytes:
    return data[: rng.choice([0, 1, 3, 4, 30, rng.randrange(len(data)), len(data) - 1, len(data) - 22])]


def remove_range(data: bytes, rng: Random) -> bytes:
    start, end = _span(data, rng)
    return data[:start] + data[end:]


def duplicate_range(data: bytes, rng: Random) -> bytes:
    start, end = _span(data, rng)
    return data[:end] + data[start:end] * rng.randint(1, 3) + data[end:]


def zero_range(data: bytes, rng: Random) -> bytes:
    start, end = _span(data, rng)
    return data[:start] + bytes(end - start) + data[end:]


def swap_ranges(data: bytes, rng: Random) -> bytes:
    a, b, c = sorted(rng.randrange(len(data)) for _ in range(3))
    return data[:a] + data[b:c] + data[a:b] + data[c:]


def put_before(data: bytes, rng: Random) -> bytes:
    return rng.choice([b"MZ\x90\x00", b"%PDF-1.7\n", b"\xef\xbb\xbf", b"\n", rng.randbytes(100)]) + data


def put_after(data: bytes, rng: Random) -> bytes:
    return data + rng.choice([b"\x00" * 70_000, data, _END + b"\xff" * 18, rng.randbytes(3000)])


def _places(data: bytes, mark: bytes) -> list[int]:
    found, at = [], data.find(mark)
    while at >= 0:
        found.append(at)
        at = data.find(mark, at + 1)
    return found


def _poke(data: bytes, rng: Random, mark: bytes, fields: list[tuple[int, str]]) -> bytes:
    places = _places(data, mark)
    if not places:
        return flip_bits_of_the_head(data, rng)
    changed = bytearray(data)
    for _ in range(rng.randint(1, 3)):
        offset, form = rng.choice(fields)
        place, size = rng.choice(places) + offset, struct.calcsize(form)
        top = 256**size - 1
        value = rng.choice([0, 1, 8, 9, 99, top, top // 2, rng.randint(0, top), rng.randint(0, 999) & top])
        if place + size <= len(changed):
            struct.pack_into(form, changed, place, value)
    return bytes(changed)


def damage_local_header(data: bytes, rng: Random) -> bytes:
    """Version, flags, method, time, checksum, sizes, lengths of one entry's own header."""
    fields = [
        (4, "<H"),
        (6, "<H"),
        (8, "<H"),
        (10, "<I"),
        (14, "<I"),
        (18, "<I"),
        (22, "<I"),
        (26, "<H"),
        (28, "<H"),
    ]
    return _poke(data, rng, _LOCAL, fields)


def damage_central_directory(data: bytes, rng: Random) -> bytes:
    fields = [(8, "<H"), (10, "<H"), (16, "<I"), (20, "<I"), (24, "<I"), (28, "<H"), (30, "<H"), (32, "<H")]
    return _poke(data, rng, _LISTED, [*fields, (34, "<H"), (38, "<I"), (42, "<I")])


def damage_end_of_directory(data: bytes, rng: Random) -> bytes:
    return _poke(data, rng, _END, [(4, "<H"), (8, "<H"), (10, "<H"), (12, "<I"), (16, "<I"), (20, "<H")])


def damage_checksum(data: bytes, rng: Random) -> bytes:
    return _poke(data, rng, rng.choice([_LOCAL, _LISTED]), [(14, "<I"), (16, "<I")])


def rename_an_entry(data: bytes, rng: Random) -> bytes:
    """A name of the directory that leaves the archive, or that is another entry's, of the same length."""
    places = _places(data, _LISTED)
    if not places:
        return overwrite(data, rng)
    place = rng.choice(places)
    length = struct.unpack_from("<H", data, place + 28)[0]
    name = rng.choice(
        [b"../../../etc/passwd", b"/etc/passwd", b"C:\\windows\\x", b"xl/workbook.xml", b"\xff\x00\xfe"]
    )
    return data[: place + 46] + (name * 9)[:length] + data[place + 46 + length :]


BYTE_MUTATIONS: list[Mutation] = [
    flip_bits,
    flip_bits_of_the_head,
    overwrite,
    truncate,
    remove_range,
    duplicate_range,
    zero_range,
    swap_ranges,
    put_before,
    put_after,
    damage_local_header,
    damage_central_directory,
    damage_end_of_directory,
    damage_checksum,
    rename_an_entry,
]
