"""Archives: what is read of a directory without zipfile, and what a parser is given in their place."""

from __future__ import annotations

import struct
import zipfile
from io import BytesIO
from random import Random

import pytest

from sources.forms.definition import load_definition
from sources.packages import Archive, RefusedError, _listed, _plainly_listed, check_entries, read_parts
from tests.fuzz.byte_mutations import (
    damage_central_directory,
    damage_end_of_directory,
    put_after,
    put_before,
    rename_an_entry,
)

PARTS = {"[Content_Types].xml": b"<Types/>", "xl/workbook.xml": b"<workbook/>" * 200, "docProps/a.bin": b""}
MUTATIONS = [damage_central_directory, damage_end_of_directory, put_after, put_before, rename_an_entry]


def _archive(parts: dict[str, bytes] | None = None, comment: bytes = b"", extra: bytes = b"") -> bytes:
    buffer = BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.comment = comment
        for name, part in (PARTS if parts is None else parts).items():
            info = zipfile.ZipInfo(name)
            info.extra, info.compress_type = extra, zipfile.ZIP_DEFLATED
            archive.writestr(info, part)
    return buffer.getvalue()


def test_an_office_file_needs_no_zipfile() -> None:
    found = _plainly_listed(_archive())
    assert found is not None
    assert found == _listed(_archive())
    assert [entry.name for entry in found] == list(PARTS)


@pytest.mark.parametrize(
    "data",
    [
        _archive(comment=b"said of it"),
        _archive(extra=b"\x99\x99\x02\x00ab"),
        _archive({"xl/media/ảnh.png": b"x"}),
        b"before it" + _archive(),
        _archive() + b"after it",
        _archive()[:-1],
        b"",
        b"PK\x05\x06",
    ],
)
def test_what_is_out_of_the_ordinary_is_left_to_zipfile(data: bytes) -> None:
    assert _plainly_listed(data) is None


@pytest.mark.parametrize("offset", [4, 6, 8, 10])
def test_an_end_record_that_miscounts_is_left_to_zipfile(offset: int) -> None:
    data = bytearray(_archive())
    data[len(data) - 22 + offset] ^= 1
    assert _plainly_listed(bytes(data)) is None
    assert [entry.name for entry in _listed(bytes(data))] == list(PARTS)


@pytest.mark.parametrize("size", [0, 0xFFFFFFFF])
def test_the_locator_of_zip64_is_left_to_zipfile(size: int) -> None:
    """Also where the name of the last entry ends in what looks like one."""
    name = "x" * 20
    data = bytearray(_archive({name: b"y"}))
    data[-42:-22] = struct.pack("<4sIQI", b"PK\x06\x07", 0, size, 1)
    assert _plainly_listed(bytes(data)) is None


@pytest.mark.parametrize("seed", range(40))
def test_a_damaged_directory_is_read_as_zipfile_reads_it_or_left_to_it(seed: int) -> None:
    rng, good = Random(seed), _archive()  # noqa: S311 (to be repeated, not to be secret)
    start = good.find(b"PK\x01\x02")
    plain = 0
    for _ in range(50):
        data = rng.choice(MUTATIONS)(good, rng)
        if rng.random() < 0.5:
            at = rng.randrange(start, len(good))
            data = good[:at] + bytes([rng.choice([0, 1, 8, 255, rng.randrange(256)])]) + good[at + 1 :]
        found = _plainly_listed(data)
        if found is not None:
            plain += 1
            assert found == _listed(data)
    assert plain


def _read(data: bytes) -> Archive:
    archive = Archive(data)
    check_entries(archive, load_definition().limits)
    read_parts(archive)
    return archive


def test_a_parser_is_given_what_was_unpacked_in_the_order_of_the_directory() -> None:
    given = _archive()
    checked = _read(given).checked()
    with zipfile.ZipFile(BytesIO(checked)) as archive:
        assert archive.testzip() is None
        assert {name: archive.read(name) for name in archive.namelist()} == PARTS
        assert archive.namelist() == list(PARTS)
        assert {item.compress_type for item in archive.infolist()} == {zipfile.ZIP_STORED}
    assert _read(checked).checked() == checked
    with pytest.raises(zipfile.BadZipFile):
        _read(given[:-22].replace(b"PK\x03\x04", b"PK\x03\x05", 1) + given[-22:])


@pytest.mark.parametrize(
    "data",
    [_archive({"a.bin": bytes(1024 * 1024 + 1)}), _archive(comment=b"said of it"), _archive({"ả": b""})],
)
def test_a_large_or_unusual_archive_is_given_as_it_is(data: bytes) -> None:
    assert _read(data).checked() is data


def test_an_archive_that_was_not_read_through_is_given_as_it_is() -> None:
    data = _archive({"a.xml": b"<!DOCTYPE a>", "b.xml": b"<b/>"})
    archive = Archive(data)
    with pytest.raises(RefusedError):
        read_parts(archive)
    assert archive.checked() is data
