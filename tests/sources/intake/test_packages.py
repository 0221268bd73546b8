"""Archives: what a parser is given in their place."""

from __future__ import annotations

import zipfile
from io import BytesIO

import pytest

from sources.forms.definition import load_definition
from sources.packages import Archive, RefusedError, check_entries, read_parts

PARTS = {"[Content_Types].xml": b"<Types/>", "xl/workbook.xml": b"<workbook/>" * 200, "docProps/a.bin": b""}


def _archive(parts: dict[str, bytes] | None = None, comment: bytes = b"") -> bytes:
    buffer = BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.comment = comment
        for name, part in (PARTS if parts is None else parts).items():
            archive.writestr(name, part)
    return buffer.getvalue()


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


@pytest.mark.parametrize("data", [_archive(comment=b"said of it"), b"before it" + _archive()])
def test_a_parser_is_given_nothing_that_stands_around_an_archive(data: bytes) -> None:
    assert _read(data).checked() == _read(_archive()).checked()


@pytest.mark.parametrize("data", [_archive({"a.bin": bytes(1024 * 1024 + 1)}), _archive({"ả": b""})])
def test_a_large_or_unusual_archive_is_given_as_it_is(data: bytes) -> None:
    assert _read(data).checked() is data


def test_an_archive_that_was_not_read_through_is_given_as_it_is() -> None:
    data = _archive({"a.xml": b"<!DOCTYPE a>", "b.xml": b"<b/>"})
    archive = Archive(data)
    with pytest.raises(RefusedError):
        read_parts(archive)
    assert archive.checked() is data
