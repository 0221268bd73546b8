"""Files that somebody may send to do harm, each made when it is asked for, and what it is refused for."""

from __future__ import annotations

import struct
import warnings
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from random import Random

from tests.fuzz.books import Book, Page, docx_parts, ods_parts, pack, to_docx, to_xls, to_xlsx, xlsx_parts

LIMIT = 26_214_400
"""Bytes of the largest file that is looked into."""
RNG = Random(20230315)  # noqa: S311 (to be repeated, not to be secret)


@dataclass(frozen=True)
class Hostile:
    """A hostile file. `rule`: what it is refused for; None where it may as well be read, in bounded time."""

    name: str
    make: Callable[[Book], bytes]
    rule: str | None = None


HOSTILE: list[Hostile] = []
Maker = Callable[[Book], bytes]


def hostile(name: str, rule: str | None = None) -> Callable[[Maker], Maker]:
    """Register a maker of a file; it is given the pages of a good report."""

    def register(make: Maker) -> Maker:
        HOSTILE.append(Hostile(name, make, rule and f"intake.{rule}"))
        return make

    return register


def _table(book: Book) -> Page:
    """The sheet of dossiers: headings in two rows, then fields with counts."""
    return next(page for page in book if page.name == "Hồ sơ TTHC")


def _tasks(book: Book) -> Page:
    return next(page for page in book if page.name == "Nhiệm vụ")


def _with_part(book: Book, name: str, part: bytes) -> bytes:
    return pack((xlsx_parts(book) | {name: part}).items())


def _sheet(book: Book, old: bytes, new: bytes, number: int = 4) -> bytes:
    """The report with something replaced in the XML of one sheet."""
    parts = xlsx_parts(book)
    name = f"xl/worksheets/sheet{number}.xml"
    assert old in parts[name]
    return pack((parts | {name: parts[name].replace(old, new, 1)}).items())


# ---------------------------------------------------------------- archives
@hostile("bomb-of-blanks.xlsx", "file_bomb")
def _(book: Book) -> bytes:
    return _with_part(book, "xl/media/a.xml", b" " * (64 << 20))


@hostile("bomb-in-a-sheet.xlsx")
def _(book: Book) -> bytes:
    return _sheet(book, b"</sheetData>", b"</sheetData>" + b"<!---->" * (6 << 20))


@hostile("bomb-in-a-bomb.xlsx")
def _(book: Book) -> bytes:
    inner = pack([("a.xml", b" " * (50 << 20))])
    for depth in range(5):
        inner = pack([(f"{n}.zip", inner) for n in range(10)] if depth % 2 else [("a.zip", inner)])
    return _with_part(book, "xl/embeddings/a.zip", inner)


@hostile("bomb-of-overlapping-entries.xlsx")
def _(book: Book) -> bytes:
    return overlapping(entries=400, size=8 << 20)


@hostile("bomb-of-overlapping-entries-that-lies.xlsx")
def _(book: Book) -> bytes:
    return overlapping(entries=400, size=8 << 20, declared=1000)


@hostile("entries-without-number.xlsx", "file_bomb")
def _(book: Book) -> bytes:
    return pack((xlsx_parts(book) | {f"xl/media/{n}": b"" for n in range(60_000)}).items())


@hostile("sizes-that-lie.xlsx")
def _(book: Book) -> bytes:
    data = bytearray(_with_part(book, "xl/media/a.xml", b" " * (200 << 20)))
    at = bytes(data).rfind(b"PK\x01\x02")
    struct.pack_into("<I", data, at + 24, 10)
    return bytes(data)


OUTSIDE = [
    "../../etc/cron.d/x.xml",
    "/etc/passwd",
    "C:\\windows\\x.xml",
    "..\\..\\x.xml",
    "\\\\host\\share\\x.xml",
]
for _name in OUTSIDE:

    @hostile(f"leaves-the-archive-{_name.strip('./').replace('/', '_')[:20]}.xlsx", "file_entry_name")
    def _(book: Book, name: str = _name) -> bytes:
        return _with_part(book, name, b"<x/>")


@hostile("two-of-one-name.xlsx", "file_damaged")
def _(book: Book) -> bytes:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", UserWarning)  # the library's own, of the name
        return pack([*xlsx_parts(book).items(), ("xl/workbook.xml", b"<x/>")])


@hostile("encrypted-entries.xlsx", "file_password")
def _(book: Book) -> bytes:
    data = bytearray(to_xlsx(book))
    for mark, offset in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        at = bytes(data).find(mark)
        while at >= 0:
            data[at + offset] |= 1
            at = bytes(data).find(mark, at + 1)
    return bytes(data)


@hostile("zip-of-nothing.xlsx")
def _(book: Book) -> bytes:
    return b"PK\x05\x06" + bytes(18)


@hostile("zip64-of-everything.xlsx")
def _(book: Book) -> bytes:
    data = bytearray(to_xlsx(book))
    at = bytes(data).rfind(b"PK\x05\x06")
    struct.pack_into("<HHII", data, at + 8, 0xFFFF, 0xFFFF, 0xFFFFFFFF, 0xFFFFFFFF)
    end = struct.pack("<4sQHHIIQQQQ", b"PK\x06\x06", 44, 45, 45, 0, 0, 2**60, 2**60, 2**60, 2**60)
    return bytes(data[:at]) + end + struct.pack("<4sIQI", b"PK\x06\x07", 0, at, 1) + bytes(data[at:])


# ---------------------------------------------------------------- markup
LAUGHS = b'<!DOCTYPE x [<!ENTITY a "ha">' + b"".join(
    f'<!ENTITY {chr(98 + n)} "{f"&{chr(97 + n)};" * 10}">'.encode() for n in range(12)
)
DTDS = {
    "external": b'<!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/passwd">]>',
    "remote": b'<!DOCTYPE x SYSTEM "http://127.0.0.1:9/x.dtd">',
    "laughs": LAUGHS + b"]>",
    "in-capitals": b"<!doctype x>",
}


def _doctyped(part: bytes, dtd: bytes) -> bytes:
    end = part.find(b"?>") + 2 if part.startswith(b"<?xml") else 0
    return part[:end] + dtd + part[end:]


PARTS = [
    "[Content_Types].xml",
    "_rels/.rels",
    "xl/workbook.xml",
    "xl/_rels/workbook.xml.rels",
    "xl/styles.xml",
]
for _part in PARTS:

    @hostile(f"dtd-in-{_part.rpartition('/')[2].strip('[].')}.xlsx", "file_dtd")
    def _(book: Book, name: str = _part) -> bytes:
        parts = xlsx_parts(book)
        return pack((parts | {name: _doctyped(parts[name], DTDS["external"])}).items())


for _kind, _dtd in DTDS.items():

    @hostile(f"dtd-{_kind}.xlsx", "file_dtd")
    def _(book: Book, dtd: bytes = _dtd) -> bytes:
        parts = xlsx_parts(book)
        name = "xl/sharedStrings.xml"
        return pack((parts | {name: _doctyped(parts[name], dtd)}).items())

    @hostile(f"dtd-{_kind}.ods", "file_dtd")
    def _(book: Book, dtd: bytes = _dtd) -> bytes:
        parts = ods_parts(book)
        changed = _doctyped(parts["content.xml"], dtd)
        return pack((parts | {"content.xml": changed}).items(), first_stored=True)

    @hostile(f"dtd-{_kind}.docx", "file_dtd")
    def _(book: Book, dtd: bytes = _dtd) -> bytes:
        parts = docx_parts(book)
        name = "word/document.xml"
        return pack((parts | {name: _doctyped(parts[name], dtd)}).items())


@hostile("dtd-in-utf16.xlsx", "file_dtd")
def _(book: Book) -> bytes:
    text = '<?xml version="1.0" encoding="UTF-16"?><!DOCTYPE x [<!ENTITY a "a">]><x>&a;</x>'
    return _with_part(book, "docProps/custom.xml", text.encode("utf-16"))


@hostile("dtd-in-ebcdic.xlsx")
def _(book: Book) -> bytes:
    parts = xlsx_parts(book)
    text = parts["xl/workbook.xml"].decode().replace("UTF-8", "cp037").replace("?>", "?><!DOCTYPE x>", 1)
    return pack((parts | {"xl/workbook.xml": text.encode("cp037", "replace")}).items())


@hostile("nested-a-million-deep.xlsx")
def _(book: Book) -> bytes:
    deep = b"<a>" * 1_000_000 + b"</a>" * 1_000_000
    return _sheet(book, b"</sheetData>", b"</sheetData>" + deep)


@hostile("nested-a-hundred-thousand-deep.docx")
def _(book: Book) -> bytes:
    parts = docx_parts(book)
    name = "word/document.xml"
    deep = b"<w:tbl><w:tr><w:tc>" * 100_000 + b"</w:tc></w:tr></w:tbl>" * 100_000
    return pack((parts | {name: parts[name].replace(b"<w:sectPr/>", deep + b"<w:sectPr/>")}).items())


@hostile("nested-a-hundred-thousand-deep.ods")
def _(book: Book) -> bytes:
    parts = ods_parts(book)
    deep = b"<table:table-row-group>" * 100_000 + b"</table:table-row-group>" * 100_000
    content = parts["content.xml"].replace(b"</table:table>", deep + b"</table:table>", 1)
    return pack((parts | {"content.xml": content}).items(), first_stored=True)


@hostile("attributes-without-number.xlsx")
def _(book: Book) -> bytes:
    many = b" ".join(b'a%d="1"' % n for n in range(200_000))
    return _sheet(book, b"<sheetData>", b"<sheetData " + many + b">")


# ---------------------------------------------------------------- macros and passwords
@hostile("macros.xlsm.xlsx", "file_macros")
def _(book: Book) -> bytes:
    return _with_part(book, "xl/vbaProject.bin", b"\xd0\xcf\x11\xe0")


@hostile("macros-called-otherwise.xlsx", "file_macros")
def _(book: Book) -> bytes:
    parts = xlsx_parts(book)
    name = "[Content_Types].xml"
    old, new = b"spreadsheetml.sheet.main+xml", b"ms-excel.sheet.macroEnabled.main+xml"
    return pack((parts | {name: parts[name].replace(old, new), "xl/data.bin": b"x"}).items())


@hostile("macros-of-excel-4.xlsx", "file_macros")
def _(book: Book) -> bytes:
    parts = xlsx_parts(book)
    name = "xl/_rels/workbook.xml.rels"
    link = (
        b'<Relationship Id="rId99" Type="http://schemas.microsoft.com/office/2006/relationships/xlMacrosheet"'
        b' Target="macrosheets/sheet1.xml"/></Relationships>'
    )
    changed = parts[name].replace(b"</Relationships>", link)
    return pack((parts | {name: changed, "xl/macrosheets/sheet1.xml": b"<x/>"}).items())


@hostile("macros.ods", "file_macros")
def _(book: Book) -> bytes:
    return pack((ods_parts(book) | {"Basic/Standard/Module1.xml": b"<x/>"}).items(), first_stored=True)


@hostile("macros.docx", "file_macros")
def _(book: Book) -> bytes:
    return pack((docx_parts(book) | {"word/vbaProject.bin": b"\xd0\xcf\x11\xe0"}).items())


@hostile("macros.xls", "file_macros")
def _(book: Book) -> bytes:
    return with_storage(to_xls(book), "_VBA_PROJECT_CUR")


@hostile("macros-of-excel-4.xls", "file_macros")
def _(book: Book) -> bytes:
    data = bytearray(to_xls(book))
    at = bytes(data).find(b"\x85\x00", 512)
    data[at + 9] = 1  # the sheet's type: a macro sheet
    return bytes(data)


@hostile("password.xlsx", "file_password")
def _(book: Book) -> bytes:
    """What Excel makes of a workbook with a password: an OLE file with the encrypted package inside."""
    return renamed_stream(to_xls(book), "EncryptedPackage")


@hostile("password.xls", "file_password")
def _(book: Book) -> bytes:
    data = bytearray(to_xls(book))
    at = 512 + 4 + struct.unpack_from("<H", data, 514)[0]  # after the first record, BOF
    return bytes(data[:at]) + b"\x2f\x00\x06\x00\x00\x00\x59\xb3\x0a\x9a" + bytes(data[at + 10 :])


@hostile("password.ods", "file_password")
def _(book: Book) -> bytes:
    parts = ods_parts(book)
    name = "META-INF/manifest.xml"
    secret = b'<manifest:encryption-data manifest:checksum="x"/></manifest:manifest>'
    changed = parts[name].replace(b"</manifest:manifest>", secret)
    return pack((parts | {name: changed, "content.xml": RNG.randbytes(5000)}).items(), first_stored=True)


# ---------------------------------------------------------------- no reports at all
FOREIGN = {
    "empty.xlsx": (b"", "file_empty"),
    "program.xlsx": (b"MZ\x90\x00" + bytes(60) + b"PE\x00\x00" + bytes(4000), "file_kind"),
    "program-of-linux.csv": (b"\x7fELF\x02\x01\x01" + bytes(4000), "file_kind"),
    "page.xlsx": (b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n1 0 obj<</Type/Catalog>>endobj", "file_kind"),
    "picture.xlsx": (b"\x89PNG\r\n\x1a\n" + RNG.randbytes(3000), "file_kind"),
    "photo.xls": (b"\xff\xd8\xff\xe0\x00\x10JFIF" + RNG.randbytes(3000), "file_kind"),
    "script.csv": (b"#!/bin/sh\nrm -rf /\n", None),
    "web-page.xls": (b"<html><table><tr><td>STT</td></tr></table></html>", None),
    "letter.rtf.xlsx": (b"{\\rtf1\\ansi x}", None),
    "archive.7z.xlsx": (b"7z\xbc\xaf\x27\x1c\x00\x04" + RNG.randbytes(3000), "file_kind"),
    "archive.rar.xlsx": (b"Rar!\x1a\x07\x01\x00" + RNG.randbytes(3000), "file_kind"),
    "database.xlsx": (b"SQLite format 3\x00" + RNG.randbytes(3000), "file_kind"),
    "noise.csv": (RNG.randbytes(200_000), "file_kind"),
    "zeros.csv": (bytes(1_000_000), "file_kind"),
    "zeros.xls": (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(1_000_000), None),
    "binary.xlsb.xlsx": (pack([("xl/workbook.bin", b"x"), ("[Content_Types].xml", b"<x/>")]), "file_kind"),
    "slides.pptx.xlsx": (pack([("ppt/presentation.xml", b"<x/>")]), "file_kind"),
    "too-large.csv": (b"a;b\n" * (LIMIT // 4 + 2), "file_too_large"),
    "too-large.xlsx": (b"PK\x03\x04" + bytes(LIMIT), "file_too_large"),
}
for _name, (_data, _rule) in FOREIGN.items():

    @hostile(_name, _rule)
    def _(book: Book, data: bytes = _data) -> bytes:
        return data


for _keep in (0.1, 0.5, 0.9, 0.999):

    @hostile(f"cut-at-{_keep}.xlsx", "file_damaged")
    def _(book: Book, keep: float = _keep) -> bytes:
        data = to_xlsx(book)
        return data[: int(len(data) * keep)]

    @hostile(f"cut-at-{_keep}.xls")
    def _(book: Book, keep: float = _keep) -> bytes:
        data = to_xls(book)
        return data[: int(len(data) * keep)]


# ---------------------------------------------------------------- sheets beyond measure
@hostile("three-hundred-sheets.xlsx", "file_too_large")
def _(book: Book) -> bytes:
    return to_xlsx([*book, *(Page(f"Trang {n}", [["x"]]) for n in range(300))])


@hostile("sixty-sheets-of-one-kind.xlsx")
def _(book: Book) -> bytes:
    table = _table(book)
    rows = [*table.rows, *([n, f"Lĩnh vực {n}", *range(12)] for n in range(400))]
    return to_xlsx([*book, *(Page(f"Hồ sơ TTHC ({n})", rows, merged=table.merged) for n in range(50))])


@hostile("a-million-rows-declared.xlsx")
def _(book: Book) -> bytes:
    return _sheet(book, b"<dimension ref=", b'<dimension ref="A1:XFD1048576"/><x ref=')


@hostile("a-million-empty-rows.xlsx")
def _(book: Book) -> bytes:
    rows = b"".join(b'<row r="%d" ht="15" s="%d"/>' % (n, n % 97) for n in range(1000, 1_048_577))
    return _sheet(book, b"</sheetData>", rows + b"</sheetData>")


@hostile("a-cell-in-the-last-corner.xlsx", "file_too_large")
def _(book: Book) -> bytes:
    far = b'<row r="1048576"><c r="XFD1048576"><v>1</v></c></row></sheetData>'
    return _sheet(book, b"</sheetData>", far)


@hostile("a-cell-in-the-last-corner.xls")
def _(book: Book) -> bytes:
    table = _table(book)
    table.rows += [[]] * (59_000 - len(table.rows)) + [[""] * 255 + [1]]
    return to_xls(book)


@hostile("cells-repeated-without-end.ods", "file_too_large")
def _(book: Book) -> bytes:
    parts = ods_parts(book)
    many = (
        b'<table:table-row table:number-rows-repeated="1048576"><table:table-cell office:value-type="float" '
        b'office:value="1" table:number-columns-repeated="16384"><text:p>1</text:p></table:table-cell>'
        b"</table:table-row></table:table>"
    )
    content = parts["content.xml"].replace(b"</table:table>", many, 1)
    return pack((parts | {"content.xml": content}).items(), first_stored=True)


@hostile("every-sheet-as-large-as-may-be.ods")
def _(book: Book) -> bytes:
    parts = ods_parts([*book, *(Page(f"Trang {n}", [["x"]]) for n in range(50))])
    many = (
        b'<table:table-row table:number-rows-repeated="19000"><table:table-cell office:value-type="string" '
        b'table:number-columns-repeated="250"><text:p>x</text:p></table:table-cell></table:table-row>'
        b"</table:table>"
    )
    changed = parts["content.xml"].replace(b"</table:table>", many)
    return pack((parts | {"content.xml": changed}).items(), first_stored=True)


@hostile("every-sheet-as-large-as-may-be.xlsx")
def _(book: Book) -> bytes:
    far = b'<row r="19999"><c r="IV19999"><v>1</v></c></row></sheetData>'
    parts = xlsx_parts([*book, *(Page(f"Trang {n}", [["x"]]) for n in range(50))])
    return pack((name, part.replace(b"</sheetData>", far)) for name, part in parts.items())


@hostile("empty-cells-to-the-last.ods")
def _(book: Book) -> bytes:
    parts = ods_parts(book)
    many = (
        b'<table:table-row table:number-rows-repeated="1048000">'
        b'<table:table-cell table:number-columns-repeated="16384"/></table:table-row></table:table>'
    )
    changed = parts["content.xml"].replace(b"</table:table>", many)
    return pack((parts | {"content.xml": changed}).items(), first_stored=True)


@hostile("a-million-shared-strings.xlsx")
def _(book: Book) -> bytes:
    many = b"".join(b"<si><t>%x</t></si>" % RNG.getrandbits(64) for _ in range(1_000_000))
    parts = xlsx_parts(book)
    name = "xl/sharedStrings.xml"
    return pack((parts | {name: parts[name].replace(b"</sst>", many + b"</sst>")}).items())


@hostile("one-string-shown-a-million-times.xlsx")
def _(book: Book) -> bytes:
    """A long shared string in every cell of a sheet: little in the file, much in memory."""
    long = b"<si><t>" + RNG.randbytes(15_000).hex().encode() + b"</t></si></sst>"
    parts = xlsx_parts(book)
    count = parts["xl/sharedStrings.xml"].count(b"<si>")
    parts["xl/sharedStrings.xml"] = parts["xl/sharedStrings.xml"].replace(b"</sst>", long)
    cells = b'<c t="s"><v>%d</v></c>' % count * 100
    rows = b"".join(b"<row>%s</row>" % cells for _ in range(6000))
    name = "xl/worksheets/sheet4.xml"
    parts[name] = parts[name].replace(b"</sheetData>", rows + b"</sheetData>")
    return pack(parts.items())


@hostile("a-cell-of-a-megabyte.xlsx")
def _(book: Book) -> bytes:
    _tasks(book).rows[-1][1] = RNG.randbytes(500_000).hex()
    return to_xlsx(book)


@hostile("a-cell-of-a-megabyte-everywhere.xlsx")
def _(book: Book) -> bytes:
    """The same long text as label, value, heading, code, field, number, date and name of a sheet."""
    text = "1 " * 500_000
    for page in book:
        page.rows += [[text] * 10]
        page.rows[0] = [text] * 10
        for row in page.rows[3:6]:
            row += [text]
    book[0].rows += [["", "Cơ quan báo cáo", text]]
    return to_xlsx(book)


@hostile("an-agency-of-a-megabyte.xlsx")
def _(book: Book) -> bytes:
    for row in book[0].rows:
        if row[1] in ("Cơ quan báo cáo", "Kỳ báo cáo", "Mã cơ quan"):
            row[2] = "Phường Hòa An quận Thử " * 40_000
    return to_xlsx(book)


@hostile("a-hundred-thousand-merged-ranges.xlsx")
def _(book: Book) -> bytes:
    table = _table(book)
    table.merged += [(r, c, r + 3000, c + 200) for r in range(50) for c in range(0, 2000)]
    return to_xlsx(book)


@hostile("merged-ranges-over-every-row.xlsx")
def _(book: Book) -> bytes:
    table = _table(book)
    table.rows += [[n, f"Lĩnh vực {n}", 1] for n in range(15_000)]
    table.merged += [(10 + n % 5000, n % 3, 14_900 - n % 4000, n % 3) for n in range(50_000)]
    return to_xlsx(book)


@hostile("merged-ranges-on-sixty-sheets.xlsx")
def _(book: Book) -> bytes:
    merged = [(n % 59, n % 250, n % 59 + n % 7, n % 250 + 9) for n in range(2000)]
    pages = [Page(f"Trang {n}", [["Lĩnh vực", "Tổng số"] * 120] * 60, merged=merged) for n in range(50)]
    return to_xlsx([*book, *pages])


@hostile("a-hundred-thousand-styles.xlsx")
def _(book: Book) -> bytes:
    parts = xlsx_parts(book)
    formats = b"".join(b'<numFmt numFmtId="%d" formatCode="0.%d%%"/>' % (n + 200, n) for n in range(100_000))
    cells = b"".join(b'<xf numFmtId="%d"/>' % (n + 200) for n in range(100_000))
    styles = parts["xl/styles.xml"].replace(b"</numFmts>", formats + b"</numFmts>")
    parts["xl/styles.xml"] = styles.replace(b"</cellXfs>", cells + b"</cellXfs>")
    return pack(parts.items())


@hostile("a-format-code-of-a-megabyte.xlsx")
def _(book: Book) -> bytes:
    _tasks(book).rows[-1][:6] = [1, "XX-2023-1/1.2", "", "", 0.5, 0.5]
    parts = xlsx_parts(book)
    code = b"[" * 500_000 + b"&quot;" * 100_001 + b"\\" * 100_000
    parts["xl/styles.xml"] = parts["xl/styles.xml"].replace(b"dd/mm/yyyy", code)
    return pack(parts.items())


# ---------------------------------------------------------------- rows that cost more than they look
def _rows(book: Book, many: Iterator[list[object]]) -> bytes:
    _table(book).rows += list(many)
    return to_xlsx(book)


@hostile("ten-faults-a-row.xlsx")
def _(book: Book) -> bytes:
    return _rows(book, ([n, f"Lĩnh vực {n}", *["k1", -1, 0.5, "31/2/2023"] * 3] for n in range(19_900)))


@hostile("every-row-the-same.xlsx")
def _(book: Book) -> bytes:
    return _rows(book, ([n, "Đất đai", n, *range(11)] for n in range(19_900)))


@hostile("every-row-a-total.xlsx")
def _(book: Book) -> bytes:
    rows = (["", "Tổng cộng" if n % 2 else f"Lĩnh vực {n}", *range(n, n + 12)] for n in range(19_900))
    return _rows(book, rows)


@hostile("every-row-held.xlsx")
def _(book: Book) -> bytes:
    _tasks(book).rows += [[n, f"XX-2023-9/{n}", "x", "Hoàn thành", 100] for n in range(19_900)]
    return to_xlsx(book)


@hostile("every-row-a-heading.xlsx")
def _(book: Book) -> bytes:
    table = _table(book)
    table.rows[0:0] = [list(table.rows[5]) * 18 for _ in range(300)]
    return to_xlsx(book)


@hostile("every-row-hidden.xlsx")
def _(book: Book) -> bytes:
    table = _table(book)
    table.rows += [[n, f"Lĩnh vực {n}", 1] for n in range(19_900)]
    table.hidden_rows = set(range(20_000))
    return to_xlsx(book)


@hostile("columns-without-number.xlsx")
def _(book: Book) -> bytes:
    table = _table(book)
    for number, row in enumerate(table.rows):
        row += [f"Cột {number} {n}" for n in range(240)]
    table.rows += [[n, f"Lĩnh vực {n}", *["ghi thêm"] * 240] for n in range(4000)]
    return to_xlsx(book)


@hostile("long-texts-in-every-row.xlsx")
def _(book: Book) -> bytes:
    _tasks(book).rows += [
        [n, "XX-2023-1/1.2", "x", "Hoàn thành", 1, RNG.randbytes(400).hex()] for n in range(19_900)
    ]
    return to_xlsx(book)


@hostile("legacy-letters-in-every-cell.xlsx")
def _(book: Book) -> bytes:
    texts = [f"Uû ban nh©n d©n ph\u00ad\u00aang {n} µ¸¶·¹ thùc hiÖn" for n in range(5000)]
    return _rows(book, ([n, *(texts[(n * 7 + c) % 5000] for c in range(10))] for n in range(10_000)))


@hostile("odd-words-in-long-cells.xlsx")
def _(book: Book) -> bytes:
    bait = ["µ" * 32_000, "Æ° " * 10_000, "aø" * 16_000, "Ã¡" * 16_000, "\u0301" * 32_000, "ñ" * 30_000 + "1"]
    return _rows(book, ([n, bait[n % 6], *bait[:4]] for n in range(30)))


BAIT = [
    "1" + " " * 32_000 + "x",
    "1 " * 16_000,
    "(" * 32_000,
    "1." * 16_000,
    "1.000" * 6000,
    "1 000" * 6000 + "x",
    "0" * 32_000,
    "9" * 32_000,
    "-" * 32_000 + "1",
    "(3)=" + "(4)+" * 8000,
    "ngay " * 6000,
    "15/9/2023 " * 3000,
    "quy i nam " * 3000,
    "%" * 32_000,
    "1" * 16_000 + "," + "1" * 16_000,
    "phường " * 4000 + "quận " * 600,
    "UBND " * 6000,
    "=" * 32_000,
    "{" * 32_000,
    "XX-2023-1/1.2#" + "9" * 32_000,
    "\n" * 32_000,
    "x" * 32_767,
    "…" * 32_000,
    "<" * 32_000,
]


@hostile("bait-for-patterns.xlsx")
def _(book: Book) -> bytes:
    for page in book[1:]:
        page.rows += [[bait] * 12 for bait in BAIT]
    return to_xlsx(book)


@hostile("bait-for-patterns-as-headings.xlsx")
def _(book: Book) -> bytes:
    for page in book[1:]:
        page.rows[2:2] = [list(BAIT) for _ in range(20)]
        page.name = f"1 {page.name}"
    return to_xlsx(book)


@hostile("bait-for-patterns-as-labels.xlsx")
def _(book: Book) -> bytes:
    labels = [row[1] for row in book[0].rows if row[1] and row[2]]
    book[0].rows = [["", label, bait] for bait in BAIT for label in labels] + book[0].rows
    return to_xlsx(book)


@hostile("names-of-sheets-beyond-measure.xlsx")
def _(book: Book) -> bytes:
    for number, page in enumerate(book):
        page.name = "1 " * 100_000 + str(number)
    return to_xlsx(book)


@hostile("formulas-that-steer-whoever-opens-them.xlsx")
def _(book: Book) -> bytes:
    bait = [
        "=cmd|' /C calc'!A0",
        "@SUM(1)",
        "+1+1",
        '=HYPERLINK("http://127.0.0.1:9","x")',
        "<script>x</script>",
    ]
    for page in book:
        page.rows += [[bait[(n + c) % 5] for c in range(10)] for n in range(10)]
    _table(book).rows[-1][1] = bait[0]
    return to_xlsx(book)


# ---------------------------------------------------------------- text
GOOD_HEAD = "Cơ quan báo cáo;Ủy ban nhân dân phường Hòa An\nKỳ báo cáo;Quý I năm 2023\n\n"


@hostile("one-line-of-twenty-megabytes.csv")
def _(book: Book) -> bytes:
    return GOOD_HEAD.encode() + b"a" * (20 << 20)


@hostile("a-million-columns.csv")
def _(book: Book) -> bytes:
    return (GOOD_HEAD + "Hồ sơ TTHC\n").encode() + b";".join(b"%d" % n for n in range(1_000_000))


@hostile("a-million-lines.csv")
def _(book: Book) -> bytes:
    return (GOOD_HEAD + "Hồ sơ TTHC\nSTT;Lĩnh vực;Tổng số\n").encode() + b"1;x;1\n" * 1_000_000


@hostile("a-hundred-thousand-blocks.csv")
def _(book: Book) -> bytes:
    return GOOD_HEAD.encode() + "Hồ sơ TTHC\nSTT;Lĩnh vực\n1;x\n\n".encode() * 100_000


@hostile("a-quote-that-never-ends.csv")
def _(book: Book) -> bytes:
    return GOOD_HEAD.encode() + b'"' + b"a;b\n" * 4_000_000


@hostile("nothing-but-quotes.csv")
def _(book: Book) -> bytes:
    return GOOD_HEAD.encode() + b'"' * (10 << 20)


@hostile("nothing-but-separators.csv")
def _(book: Book) -> bytes:
    return GOOD_HEAD.encode() + b";" * (10 << 20)


@hostile("nothing-but-line-ends.csv")
def _(book: Book) -> bytes:
    return GOOD_HEAD.encode() + b"\n" * (20 << 20)


@hostile("zeros-between-letters.csv")
def _(book: Book) -> bytes:
    return GOOD_HEAD.encode("utf-16-le") + "Hồ sơ TTHC\n1;x\n".encode("utf-16-le") * 200_000


# ---------------------------------------------------------------- documents
@hostile("ten-thousand-tables.docx")
def _(book: Book) -> bytes:
    return to_docx([*book, *(Page(f"Bảng {n}", [["STT", "Lĩnh vực"], [1, "x"]]) for n in range(10_000))])


@hostile("a-table-of-a-million-cells.docx")
def _(book: Book) -> bytes:
    return to_docx([*book, Page("Hồ sơ TTHC", [[1, "x"] * 25] * 20_000)])


@hostile("cells-that-span-a-billion-columns.docx")
def _(book: Book) -> bytes:
    parts = docx_parts(book)
    name = "word/document.xml"
    wide = b'<w:tc><w:tcPr><w:gridSpan w:val="1000000000"/><w:vMerge w:val="restart"/></w:tcPr>'
    return pack((parts | {name: parts[name].replace(b"<w:tc>", wide)}).items())


# ---------------------------------------------------------------- compound files
def _fat(data: bytes) -> int:
    """Where the first sector of the allocation table lies."""
    return 512 + 512 * int(struct.unpack_from("<I", data, 76)[0])


@hostile("a-chain-that-bites-its-tail.xls")
def _(book: Book) -> bytes:
    data = bytearray(to_xls(book))
    for sector in range(1, 100):
        struct.pack_into("<I", data, _fat(data) + 4 * sector, sector - 1)
    return bytes(data)


@hostile("a-chain-of-one.xls")
def _(book: Book) -> bytes:
    data = bytearray(to_xls(book))
    struct.pack_into("<128I", data, _fat(data), *range(128))
    return bytes(data)


@hostile("a-directory-that-bites-its-tail.xls")
def _(book: Book) -> bytes:
    data = bytearray(to_xls(book))
    at = 512 + 512 * struct.unpack_from("<I", data, 48)[0]
    for entry in (0, 1):
        struct.pack_into("<III", data, at + 128 * entry + 68, 1, 1, 1)
    return bytes(data)


@hostile("a-list-of-tables-without-end.xls")
def _(book: Book) -> bytes:
    data = bytearray(to_xls(book))
    struct.pack_into("<III", data, 44, 0x7FFFFFFF, struct.unpack_from("<I", data, 48)[0], 0)
    struct.pack_into("<II", data, 68, 3, 0x7FFFFFFF)
    return bytes(data)


@hostile("a-stream-of-four-gigabytes.xls")
def _(book: Book) -> bytes:
    data = bytearray(to_xls(book))
    at = 512 + 512 * struct.unpack_from("<I", data, 48)[0] + 128
    struct.pack_into("<I", data, at + 120, 0xFFFFFFF0)
    return bytes(data)


@hostile("strings-without-number.xls")
def _(book: Book) -> bytes:
    data = bytearray(to_xls(book))
    at = bytes(data).find(b"\xfc\x00", 512)
    struct.pack_into("<II", data, at + 4, 0x7FFFFFFF, 0x7FFFFFFF)
    return bytes(data)


@hostile("sectors-of-two-gigabytes.xls")
def _(book: Book) -> bytes:
    data = bytearray(to_xls(book))
    struct.pack_into("<HH", data, 30, 31, 31)
    return bytes(data)


# ---------------------------------------------------------------- how the odd ones are made
def overlapping(entries: int, size: int, declared: int | None = None) -> bytes:
    """A zip whose entries share one compressed body: each quotes the headers of those after it as data.

    Little is stored and much comes out, without any archive inside an archive. `declared`: the size that each
    claims. The checksums are wrong: whoever comes so far has unpacked all of it already.
    """
    packer = zlib.compressobj(9, zlib.DEFLATED, -15)
    data, length = packer.compress(b" " * size) + packer.flush(), size
    listed: list[tuple[bytes, int, int, int]] = []
    for name in [*(b"xl/media/%05d.xml" % n for n in range(entries - 1)), b"xl/workbook.xml"]:
        told = length if declared is None else declared
        fields = (20, 0, 8, 0, 0x5666, 0, len(data), told, len(name), 0)
        header = struct.pack("<4s5H3I2H", b"PK\x03\x04", *fields) + name
        listed.append((name, len(data), told, len(header) + len(data)))
        data = b"\x00" + struct.pack("<HH", len(header), len(header) ^ 0xFFFF) + header + data
        length += len(header)
    data, directory = data[5:], b""
    for name, packed, told, from_end in reversed(listed):
        fields = (20, 20, 0, 8, 0, 0x5666, 0, packed, told, len(name), 0, 0, 0, 0, 0, len(data) - from_end)
        directory += struct.pack("<4s6H3I5H2I", b"PK\x01\x02", *fields) + name
    end = struct.pack("<4s4H2IH", b"PK\x05\x06", 0, 0, entries, entries, len(directory), len(data), 0)
    return data + directory + end


def renamed_stream(data: bytes, name: str) -> bytes:
    """A compound file whose workbook bears another name."""
    changed = bytearray(data)
    at = bytes(changed).find("Workbook\x00".encode("utf-16-le"))
    encoded = f"{name}\x00".encode("utf-16-le")
    changed[at : at + 64] = encoded + bytes(64 - len(encoded))
    struct.pack_into("<H", changed, at + 64, len(encoded))
    return bytes(changed)


def with_storage(data: bytes, name: str) -> bytes:
    """A compound file with a folder more, beside the workbook."""
    changed = bytearray(data)
    at = bytes(changed).find("Workbook\x00".encode("utf-16-le"))
    encoded = f"{name}\x00".encode("utf-16-le")
    entry = encoded + bytes(64 - len(encoded)) + struct.pack("<HBB3I", len(encoded), 1, 1, *[0xFFFFFFFF] * 3)
    changed[at + 128 : at + 128 + len(entry)] = entry
    struct.pack_into("<I", changed, at + 72, 2)
    return bytes(changed)
