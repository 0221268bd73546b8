"""Uploaded files are hostile: what is looked at before anything is parsed."""

from __future__ import annotations

import struct
import zipfile
import zlib
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
    assert ".xlsx, .xls, .ods, .docx hoặc CSV" in read(b"a;b\n1;2\n").findings.items[0].message_vi


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


def test_a_flipped_byte_that_no_compression_shows_is_refused(filled: Make, read: Read) -> None:
    with zipfile.ZipFile(buffer := BytesIO(filled()), "a") as archive:
        archive.writestr("xl/media/y.png", b"picture" * 100, zipfile.ZIP_STORED)
    data = bytearray(buffer.getvalue())
    data[data.index(b"picturepicture") + 3] ^= 0xFF
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


def test_an_entry_that_holds_more_than_it_declares_is_refused(filled: Make, read: Read) -> None:
    name = "xl/worksheets/sheet1.xml"
    with zipfile.ZipFile(BytesIO(filled())) as archive:
        parts = {item: archive.read(item) for item in archive.namelist()}
    declared = parts.pop(name)
    packer = zlib.compressobj(9, zlib.DEFLATED, -15)
    packed = packer.compress(declared + b" " * 1_000_000) + packer.flush()
    buffer = BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for item, part in parts.items():
            archive.writestr(item, part)
        offset = buffer.tell()
        archive.writestr(zipfile.ZipInfo(name), packed)
    data = bytearray(buffer.getvalue())
    listed = data.rfind(name.encode()) - 46
    for place in (offset + 8, listed + 10):
        struct.pack_into("<H", data, place, zipfile.ZIP_DEFLATED)
    for place in (offset + 14, listed + 16):
        struct.pack_into("<III", data, place, zlib.crc32(declared), len(packed), len(declared))
    assert read(bytes(data)).findings.verdict()[0] == "refused"
    # whoever also forges the checksum of one byte more is told what it is
    for place in (offset + 14, listed + 16):
        struct.pack_into("<I", data, place, zlib.crc32(declared + b" "))
    assert _refused(read(bytes(data)), "intake.file_bomb")


@pytest.mark.parametrize(
    "cell",
    [
        b'<row r="1048576"><c r="XFD1048576"><v>1</v></c></row>',
        b'<row><c r="ZZZZZZZZZ1" t="inlineStr"><is><t>x</t></is></c></row>',
        b'<row r="4294967295"><c><v>1</v></c></row>',
    ],
)
def test_a_far_cell_is_refused_before_the_sheet_is_laid_out(
    filled: Make, read: Read, monkeypatch: pytest.MonkeyPatch, cell: bytes
) -> None:
    def never(*_: object) -> None:
        raise AssertionError("parsed")

    monkeypatch.setattr("python_calamine.CalamineWorkbook.from_filelike", never)
    name = "xl/worksheets/sheet3.xml"
    data = _repack(
        filled(), lambda p: p.update({name: p[name].replace(b"</sheetData>", cell + b"</sheetData>")})
    )
    assert _refused(read(data), "intake.file_too_large")


def test_far_cells_without_content_do_not_matter(filled: Make, read: Read) -> None:
    cell, name = b'<row r="1048576"><c r="XFD1048576" s="1"/></row></sheetData>', "xl/worksheets/sheet3.xml"
    data = _repack(filled(), lambda p: p.update({name: p[name].replace(b"</sheetData>", cell)}))
    assert read(data).findings.verdict()[0] == "accepted"


def _ods(rows: str) -> bytes:
    names = "".join(
        f' xmlns:{short}="urn:oasis:names:tc:opendocument:xmlns:{short}:1.0"'
        for short in ("office", "table", "text")
    )
    buffer = BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("mimetype", "application/vnd.oasis.opendocument.spreadsheet")
        archive.writestr("META-INF/manifest.xml", "<manifest/>")
        archive.writestr(
            "content.xml",
            f"<office:document-content{names}><office:body><office:spreadsheet>"
            f'<table:table table:name="A">{rows}</table:table>'
            "</office:spreadsheet></office:body></office:document-content>",
        )
    return buffer.getvalue()


def test_repeated_cells_of_an_ods_are_counted_before_they_are_laid_out(read: Read) -> None:
    many = (
        '<table:table-row table:number-rows-repeated="{}"><table:table-cell office:value-type="string" '
        'table:number-columns-repeated="{}"><text:p>x</text:p></table:table-cell></table:table-row>'
    )
    empty = (
        '<table:table-row table:number-rows-repeated="1048576">'
        '<table:table-cell table:number-columns-repeated="16384"/></table:table-row>'
    )
    assert _refused(read(_ods(many.format(1048576, 16384))), "intake.file_too_large")
    assert _refused(read(_ods(many.format(2, 2) + empty)), "intake.no_known_sheet")


@pytest.mark.parametrize("kind", ["vbaProject", "xlMacrosheet"])
def test_macros_under_another_name_are_refused(filled: Make, read: Read, kind: str) -> None:
    name = "xl/_rels/workbook.xml.rels"
    link = (
        f'<Relationship Id="rId99" Type="http://schemas.microsoft.com/office/2006/relationships/{kind}" '
        'Target="sheet.bin"/></Relationships>'
    ).encode()
    data = _repack(filled(), lambda p: p.update({name: p[name].replace(b"</Relationships>", link)}))
    assert _refused(read(data), "intake.file_macros")


def test_a_document_type_in_big_endian_without_a_mark_is_refused(filled: Make, read: Read) -> None:
    bomb = '<?xml version="1.0" encoding="UTF-16"?><!DOCTYPE x [<!ENTITY a "a">]><x/>'.encode("utf-16-be")
    data = _repack(filled(), lambda parts: parts.update({"xl/theme/theme1.xml": bomb}))
    assert _refused(read(data), "intake.file_dtd")


def _zip(*names: str, **parts: str) -> bytes:
    buffer = BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for name in names:
            archive.writestr(name, "<x/>")
        for name, text in parts.items():
            archive.writestr(name, text)
    return buffer.getvalue()


HTML = (
    "<html xmlns:x='urn:schemas-microsoft-com:office:excel'><table><tr><td>Cơ quan báo cáo</td></tr></table>"
)


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (HTML.encode(), "trang web"),
        (b"\xef\xbb\xbf\r\n<!DOCTYPE html><html>", "trang web"),
        (HTML.encode("utf-16"), "trang web"),
        (b"MIME-Version: 1.0\nX-Document-Type: Workbook\n<html >", "trang web"),
        (
            b'<?xml version="1.0"?><Workbook xmlns="urn:schemas-microsoft-com:office:spreadsheet">',
            "XML 2003",
        ),
        (b'<?xml version="1.0"?><x/>', "văn bản XML"),
        (b"{\\rtf1 C\\'f4", "RTF"),
        (b"\x89PNG\r\n\x1a\n", "ảnh PNG"),
        (b"\xff\xd8\xff\xe0\x00\x10JFIF", "ảnh JPEG"),
        (b"MZ\x90\x00\x03\x00", "chương trình Windows"),
        (b"\x7fELF\x02\x01", "chương trình Linux"),
        (b"Rar!\x1a\x07", "giải nén"),
        (_zip("a/báo cáo.xlsx", "b.docx"), "giải nén"),
        (_zip("xl/workbook.bin"), ".xlsb"),
        (_zip("ppt/presentation.xml"), "PowerPoint"),
        (_zip("x.txt"), "zip"),
        (_zip(mimetype="application/vnd.oasis.opendocument.text"), "OpenDocument"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + "WordDocument".encode("utf-16-le"), ".doc"),
    ],
)
def test_the_agency_is_told_what_it_sent_whatever_the_name(read: Read, data: bytes, said: str) -> None:
    report = read(data)
    assert _refused(report, "intake.file_kind")
    assert said in report.findings.items[0].message_vi


def test_text_that_begins_like_a_program_is_text(read: Read) -> None:
    assert not _refused(read("MZ;Cơ quan báo cáo;Phường Hòa An\n".encode()), "intake.file_kind")


def test_a_document_with_macros_is_refused(read: Read) -> None:
    kind = "application/vnd.ms-word.document.macroEnabled.main+xml"
    parts = {"[Content_Types].xml": f"<Types><Override ContentType='{kind}'/></Types>"}
    assert _refused(read(_zip("word/document.xml", **parts)), "intake.file_macros")
    assert _refused(read(_zip("word/document.xml", "word/vbaProject.bin")), "intake.file_macros")


def test_a_compression_that_no_office_writes_is_refused(read: Read) -> None:
    buffer = BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_BZIP2) as archive:
        archive.writestr("xl/workbook.xml", "<workbook/>" * 100)
    assert _refused(read(buffer.getvalue()), "intake.file_damaged")
