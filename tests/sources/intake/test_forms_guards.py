"""Uploaded files are hostile: what is looked at before anything is parsed."""

from __future__ import annotations

import zipfile
from collections.abc import Callable
from io import BytesIO

import pytest

from sources.forms.report import Report

Make = Callable[..., bytes]
Read = Callable[..., Report]


def _repack(data: bytes, change: Callable[[dict[str, bytes]], None]) -> bytes:
    with zipfile.ZipFile(BytesIO(data)) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    change(parts)
    buffer = BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, part in parts.items():
            archive.writestr(name, part)
    return buffer.getvalue()


def _refused(report: Report, rule_id: str) -> bool:
    finding = report.findings.items[-1]
    assert report.findings.verdict()[0] == "refused"
    assert finding.message_vi
    return finding.rule_id == rule_id and not report.sheets


@pytest.mark.parametrize(
    ("data", "rule_id"),
    [
        (b"", "intake.file_empty"),
        (b"%PDF-1.7 ...", "intake.file_kind"),
        ("Cơ quan báo cáo;Phòng Nội vụ\n".encode(), "intake.file_kind"),
        (b"\x00\x01\x02\xff", "intake.file_kind"),
        (b"PK\x03\x04" + b"\x00" * 200, "intake.file_damaged"),
        (
            b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + "EncryptedPackage".encode("utf-16-le"),
            "intake.file_password",
        ),
        (
            b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + "Workbook_VBA_PROJECT_CUR".encode("utf-16-le"),
            "intake.file_macros",
        ),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + "WordDocument".encode("utf-16-le"), "intake.file_kind"),
        (
            b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + "Workbook".encode("utf-16-le") + b"\x00" * 600,
            "intake.file_damaged",
        ),
    ],
)
def test_what_is_no_readable_workbook_is_refused(read: Read, data: bytes, rule_id: str) -> None:
    assert _refused(read(data), rule_id)


def test_other_formats_are_told_what_is_accepted(read: Read) -> None:
    assert ".xlsx, .xls hoặc .ods" in read(b"a;b\n1;2\n").findings.items[0].message_vi


@pytest.mark.parametrize("keep", [0.3, 0.6, 0.9, 0.99])
def test_a_truncated_file_is_refused(filled: Make, read: Read, keep: float) -> None:
    data = filled()
    assert _refused(read(data[: int(len(data) * keep)]), "intake.file_damaged")


def test_a_flipped_byte_is_refused(filled: Make, read: Read) -> None:
    data = bytearray(filled())
    with zipfile.ZipFile(BytesIO(bytes(data))) as archive:
        entry = archive.getinfo("xl/worksheets/sheet2.xml")
    data[entry.header_offset + 30 + len(entry.filename) + entry.compress_size // 2] ^= 0xFF
    assert _refused(read(bytes(data)), "intake.file_damaged")


@pytest.mark.parametrize(
    "name", ["../../etc/x.xml", "/etc/x.xml", "xl/../../x.xml", "C:\\x.xml", "..\\x.xml"]
)
def test_names_that_leave_the_archive_are_refused(filled: Make, read: Read, name: str) -> None:
    assert _refused(
        read(_repack(filled(), lambda parts: parts.update({name: b"<x/>"}))), "intake.file_entry_name"
    )


def test_macros_are_refused(filled: Make, read: Read) -> None:
    data = _repack(filled(), lambda parts: parts.update({"xl/vbaProject.bin": b"x"}))
    assert _refused(read(data), "intake.file_macros")


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16"])
def test_document_types_and_entities_are_refused(filled: Make, read: Read, encoding: str) -> None:
    bomb = '<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a "aaaa">]><x>&a;</x>'.encode(encoding)
    data = _repack(filled(), lambda parts: parts.update({"xl/theme/theme1.xml": bomb}))
    assert _refused(read(data), "intake.file_dtd")


def test_a_compression_bomb_is_refused_unread(filled: Make, read: Read) -> None:
    data = _repack(filled(), lambda parts: parts.update({"xl/media/a.xml": b" " * (64 * 1024 * 1024)}))
    assert _refused(read(data), "intake.file_bomb")


def test_too_many_entries_are_refused(filled: Make, read: Read) -> None:
    data = _repack(filled(), lambda parts: parts.update({f"xl/media/{n}": b"" for n in range(2001)}))
    assert _refused(read(data), "intake.file_bomb")


def test_a_word_document_is_refused(read: Read) -> None:
    buffer = BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr("word/document.xml", "<w/>")
    assert _refused(read(buffer.getvalue()), "intake.file_kind")
