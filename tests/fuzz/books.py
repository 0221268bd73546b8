"""A report as plain pages of cells, and the files that people make of it: .xlsx, .xls, .ods, .csv, .docx.

Written by hand rather than by a library: a library refuses to write most of what is wanted here, and is slow.
"""

from __future__ import annotations

import datetime as dt
import re
import zipfile
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from io import BytesIO
from typing import Any
from xml.sax.saxutils import escape, quoteattr

import python_calamine
import xlwt

EPOCH = dt.date(1899, 12, 30)
_BAD = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
Parts = dict[str, bytes]


@dataclass(frozen=True)
class Percent:
    """A number whose cell shows percent."""

    value: float


@dataclass(frozen=True)
class Fault:
    """An error value."""

    text: str = "#N/A"


@dataclass(frozen=True)
class Formula:
    """A formula, with or without the value that was computed last."""

    text: str
    cached: float | None = None


@dataclass
class Page:
    """One sheet: `rows` of cells ("" or None = empty), `merged` as (top, left, bottom, right) from 0."""

    name: str
    rows: list[list[Any]]
    hidden: bool = False
    hidden_rows: set[int] = field(default_factory=set)
    merged: list[tuple[int, int, int, int]] = field(default_factory=list)

    def copy(self) -> Page:
        """A page of its own, to be changed."""
        return Page(
            self.name, [list(row) for row in self.rows], self.hidden, set(self.hidden_rows), list(self.merged)
        )


Book = list[Page]


def read_book(data: bytes) -> Book:
    """The pages of a good .xlsx file."""
    with python_calamine.CalamineWorkbook.from_filelike(BytesIO(data)) as book:
        pages = []
        for name in book.sheet_names:
            sheet = book.get_sheet_by_name(name)
            merged = [(*start, *end) for start, end in sheet.merged_cell_ranges or []]
            pages.append(Page(name, sheet.to_python(skip_empty_area=False), merged=merged))
    return pages


def letters(column: int) -> str:
    """Column letters of a position from 0."""
    text, column = "", column + 1
    while column:
        column, rest = divmod(column - 1, 26)
        text = chr(65 + rest) + text
    return text


def pack(parts: Iterable[tuple[str, bytes]], first_stored: bool = False) -> bytes:
    """A zip of parts, in this order."""
    buffer = BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive:
        for number, (name, part) in enumerate(parts):
            info = zipfile.ZipInfo(name, (2023, 3, 15, 8, 0, 0))
            info.compress_type = zipfile.ZIP_STORED if first_stored and not number else zipfile.ZIP_DEFLATED
            archive.writestr(info, part, compresslevel=1)
    return buffer.getvalue()


def unpack(data: bytes) -> Parts:
    """The parts of a good zip by name, in order."""
    with zipfile.ZipFile(BytesIO(data)) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


# ---------------------------------------------------------------- .xlsx
_MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
_RELS = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_PACKAGE = "http://schemas.openxmlformats.org/package/2006"
_STYLES = (
    f'<styleSheet xmlns="{_MAIN}"><numFmts count="1">'
    '<numFmt numFmtId="170" formatCode="dd/mm/yyyy"/></numFmts>'
    '<fonts count="1"><font><sz val="12"/><name val="Times New Roman"/></font></fonts>'
    '<fills count="1"><fill><patternFill patternType="none"/></fill></fills>'
    '<borders count="1"><border/></borders><cellStyleXfs count="1"><xf/></cellStyleXfs>'
    '<cellXfs count="3"><xf numFmtId="0"/><xf numFmtId="170" applyNumberFormat="1"/>'
    '<xf numFmtId="10" applyNumberFormat="1"/></cellXfs><cellStyles count="1">'
    '<cellStyle name="Normal" xfId="0" builtinId="0"/></cellStyles></styleSheet>'
)


def xlsx_parts(book: Book) -> Parts:
    """The parts of a workbook: strings shared, dates and percentages styled."""
    strings: dict[str, int] = {}
    sheets = [_xlsx_sheet(page, strings) for page in book]
    numbers = range(1, len(book) + 1)
    listed = "".join(
        f'<sheet name={quoteattr(_xml(page.name))} sheetId="{n}" r:id="rId{n}"'
        + (' state="hidden"/>' if page.hidden else "/>")
        for n, page in zip(numbers, book, strict=True)
    )
    relations = "".join(
        f'<Relationship Id="rId{n}" Type="{_RELS}/worksheet" Target="worksheets/sheet{n}.xml"/>'
        for n in numbers
    )
    relations += (
        f'<Relationship Id="rId{len(book) + 1}" Type="{_RELS}/styles" Target="styles.xml"/>'
        f'<Relationship Id="rId{len(book) + 2}" Type="{_RELS}/sharedStrings" Target="sharedStrings.xml"/>'
    )
    kinds = "application/vnd.openxmlformats-officedocument.spreadsheetml"
    types = "".join(
        f'<Override PartName="/xl/worksheets/sheet{n}.xml" ContentType="{kinds}.worksheet+xml"/>'
        for n in numbers
    )
    types += "".join(
        f'<Override PartName="/xl/{name}.xml" ContentType="{kinds}.{kind}+xml"/>'
        for name, kind in (
            ("workbook", "sheet.main"),
            ("styles", "styles"),
            ("sharedStrings", "sharedStrings"),
        )
    )
    shared = "".join(f'<si><t xml:space="preserve">{_xml_escaped(text)}</t></si>' for text in strings)
    parts = {
        "[Content_Types].xml": f'<Types xmlns="{_PACKAGE}/content-types"><Default Extension="rels" '
        f'ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
        f'<Default Extension="xml" ContentType="application/xml"/>{types}</Types>',
        "_rels/.rels": f'<Relationships xmlns="{_PACKAGE}/relationships"><Relationship Id="rId1" '
        f'Type="{_RELS}/officeDocument" Target="xl/workbook.xml"/></Relationships>',
        "xl/workbook.xml": f'<workbook xmlns="{_MAIN}" xmlns:r="{_RELS}"><sheets>{listed}</sheets>'
        '<definedNames><definedName name="_xlnm.Print_Area" localSheetId="0">\'Thông tin\'!$A$1:$C$20'
        "</definedName></definedNames></workbook>",
        "xl/_rels/workbook.xml.rels": f'<Relationships xmlns="{_PACKAGE}/relationships">{relations}'
        "</Relationships>",
        "xl/styles.xml": _STYLES,
        "xl/sharedStrings.xml": f'<sst xmlns="{_MAIN}" count="{len(strings)}" uniqueCount="{len(strings)}">'
        f"{shared}</sst>",
    }
    parts |= {f"xl/worksheets/sheet{n}.xml": sheet for n, sheet in zip(numbers, sheets, strict=True)}
    head = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
    return {name: (head + part).encode() for name, part in parts.items()}


def to_xlsx(book: Book) -> bytes:
    """A book as .xlsx."""
    return pack(xlsx_parts(book).items())


def _xlsx_sheet(page: Page, strings: dict[str, int]) -> str:
    width = max((len(row) for row in page.rows), default=1) or 1
    rows = []
    for number, row in enumerate(page.rows, start=1):
        cells = "".join(
            _xlsx_cell(f"{letters(place)}{number}", cell, strings)
            for place, cell in enumerate(row)
            if cell is not None and cell != ""
        )
        hidden = ' hidden="1"' if number - 1 in page.hidden_rows else ""
        rows.append(f'<row r="{number}"{hidden}>{cells}</row>')
    merged = "".join(
        f'<mergeCell ref="{letters(left)}{top + 1}:{letters(right)}{bottom + 1}"/>'
        for top, left, bottom, right in page.merged
    )
    merged = f'<mergeCells count="{len(page.merged)}">{merged}</mergeCells>' if merged else ""
    return (
        f'<worksheet xmlns="{_MAIN}" xmlns:r="{_RELS}">'
        f'<dimension ref="A1:{letters(width - 1)}{len(page.rows) or 1}"/>'
        f"<sheetData>{''.join(rows)}</sheetData>{merged}</worksheet>"
    )


def _xlsx_cell(place: str, cell: Any, strings: dict[str, int]) -> str:
    if isinstance(cell, bool):
        return f'<c r="{place}" t="b"><v>{int(cell)}</v></c>'
    if isinstance(cell, int | float):
        return f'<c r="{place}"><v>{cell!r}</v></c>'
    if isinstance(cell, dt.datetime | dt.date):
        return f'<c r="{place}" s="1"><v>{serial(cell)}</v></c>'
    if isinstance(cell, Percent):
        return f'<c r="{place}" s="2"><v>{cell.value!r}</v></c>'
    if isinstance(cell, Fault):
        return f'<c r="{place}" t="e"><v>{cell.text}</v></c>'
    if isinstance(cell, Formula):
        value = "" if cell.cached is None else f"<v>{cell.cached!r}</v>"
        return f'<c r="{place}"><f>{_xml_escaped(cell.text)}</f>{value}</c>'
    return f'<c r="{place}" t="s"><v>{strings.setdefault(str(cell), len(strings))}</v></c>'


def serial(day: dt.date) -> float:
    """Days since Excel's beginning of time."""
    if isinstance(day, dt.datetime):
        return (day.date() - EPOCH).days + (day.hour * 60 + day.minute) / 1440
    return float((day - EPOCH).days)


def _xml(text: str) -> str:
    return _BAD.sub(" ", text)


def _xml_escaped(text: str) -> str:
    """Excel writes what XML cannot hold as _x0001_."""
    return escape(_BAD.sub(lambda match: f"_x{ord(match[0]):04X}_", text))


# ---------------------------------------------------------------- .ods
_ODF = "urn:oasis:names:tc:opendocument:xmlns"
_ODS_TYPE = "application/vnd.oasis.opendocument.spreadsheet"


def ods_parts(book: Book) -> Parts:
    """The parts of an OpenDocument spreadsheet."""
    names = "".join(f' xmlns:{n}="{_ODF}:{n}:1.0"' for n in ("office", "table", "text", "style"))
    names += ' xmlns:calcext="urn:org:documentfoundation:names:experimental:calc:xmlns:calcext:1.0"'
    styles = (
        '<office:automatic-styles><style:style style:name="hid" style:family="table">'
        '<style:table-properties table:display="false"/></style:style></office:automatic-styles>'
    )
    tables = "".join(
        f"<table:table table:name={quoteattr(_xml(page.name))}"
        + (' table:style-name="hid">' if page.hidden else ">")
        + "".join(_ods_row(row, number in page.hidden_rows) for number, row in enumerate(page.rows))
        + "</table:table>"
        for page in book
    )
    content = (
        f'<?xml version="1.0" encoding="UTF-8"?><office:document-content{names} office:version="1.3">{styles}'
        f"<office:body><office:spreadsheet>{tables}</office:spreadsheet></office:body></office:document-content>"
    )
    manifest = (
        f'<manifest:manifest xmlns:manifest="{_ODF}:manifest:1.0">'
        f'<manifest:file-entry manifest:full-path="/" manifest:media-type="{_ODS_TYPE}"/></manifest:manifest>'
    )
    return {
        "mimetype": _ODS_TYPE.encode(),
        "content.xml": content.encode(),
        "META-INF/manifest.xml": manifest.encode(),
    }


def to_ods(book: Book) -> bytes:
    """A book as .ods."""
    return pack(ods_parts(book).items(), first_stored=True)


def _ods_row(row: list[Any], hidden: bool) -> str:
    cells = "".join(map(_ods_cell, row))
    look = ' table:visibility="collapse"' if hidden else ""
    return f"<table:table-row{look}>{cells or '<table:table-cell/>'}</table:table-row>"


def _ods_cell(cell: Any) -> str:
    if cell is None or cell == "":
        return "<table:table-cell/>"
    if isinstance(cell, bool):
        kind, shown = (
            f'office:value-type="boolean" office:boolean-value="{str(cell).lower()}"',
            str(cell).upper(),
        )
    elif isinstance(cell, int | float):
        kind, shown = f'office:value-type="float" office:value="{cell!r}"', str(cell)
    elif isinstance(cell, dt.datetime | dt.date):
        kind, shown = f'office:value-type="date" office:date-value="{cell.isoformat()}"', cell.isoformat()
    elif isinstance(cell, Percent):
        kind = f'office:value-type="percentage" office:value="{cell.value!r}"'
        shown = f"{cell.value:.2%}"
    elif isinstance(cell, Fault):
        kind, shown = 'office:value-type="string" calcext:value-type="error"', cell.text
    elif isinstance(cell, Formula):
        kind = f"table:formula={quoteattr(_xml('of:=' + cell.text))}"
        if cell.cached is not None:
            kind += f' office:value-type="float" office:value="{cell.cached!r}"'
        shown = "" if cell.cached is None else str(cell.cached)
    else:
        kind, shown = 'office:value-type="string"', str(cell)
    lines = "".join(f"<text:p>{escape(_xml(line))}</text:p>" for line in shown.split("\n"))
    return f"<table:table-cell {kind}>{lines}</table:table-cell>"


# ---------------------------------------------------------------- .xls
_DATE, _PERCENT = xlwt.easyxf(num_format_str="dd/mm/yyyy"), xlwt.easyxf(num_format_str="0.00%")


def to_xls(book: Book) -> bytes:
    """A book as .xls, as far as that holds it: 31 characters a name, 256 columns, 32,767 of a cell."""
    workbook = xlwt.Workbook(encoding="utf-8")
    taken: set[str] = set()
    for number, page in enumerate(book):
        name = re.sub(r"[\[\]:*?/\\\x00-\x1f']", " ", page.name).strip()[:31] or f"Sheet{number}"
        while name.lower() in taken:
            name = f"{name[:27]} {number}"
        taken.add(name.lower())
        sheet = workbook.add_sheet(name, cell_overwrite_ok=True)
        sheet.visibility = int(page.hidden)
        for r, row in enumerate(page.rows[:60000]):
            for c, cell in enumerate(row[:256]):
                if cell is not None and cell != "":
                    _xls_cell(sheet, r, c, cell)
            if r in page.hidden_rows:
                sheet.row(r).hidden = True
    buffer = BytesIO()
    workbook.save(buffer)
    return buffer.getvalue()


def _xls_cell(sheet: Any, r: int, c: int, cell: Any) -> None:
    if isinstance(cell, Percent):
        sheet.write(r, c, cell.value, _PERCENT)
    elif isinstance(cell, dt.datetime | dt.date):
        sheet.write(r, c, serial(cell), _DATE)
    elif isinstance(cell, Fault):
        sheet.row(r).set_cell_error(c, cell.text + "!" * (cell.text == "#N/A"))
    elif isinstance(cell, Formula):
        sheet.write(r, c, "" if cell.cached is None else cell.cached)
    elif isinstance(cell, bool | int | float):
        sheet.write(r, c, cell)
    else:
        sheet.write(r, c, _BAD.sub(lambda m: " " if ord(m[0]) >= 0xD800 else m[0], str(cell))[:32767])


# ---------------------------------------------------------------- .csv
def to_csv(book: Book, separator: str = ";", encoding: str = "utf-8-sig") -> bytes:
    """A book as ruling 8 has it: labels, a blank line, then blocks of a sheet's name and its table."""
    blocks = []
    for number, page in enumerate(book):
        rows = [[_csv_text(cell) for cell in row] for row in page.rows]
        if number == 0:
            rows = [row[1:] if row and not row[0] else row for row in rows]
            blocks.append([row for row in rows if any(row)])
        else:
            blocks.append([[page.name], *(row for row in rows if any(row))])
    lines = ("\r\n\r\n").join(
        "\r\n".join(separator.join(_csv_quoted(text, separator) for text in row) for row in block)
        for block in blocks
    )
    return lines.encode(encoding, "replace")


def _csv_text(cell: Any) -> str:
    if cell is None:
        return ""
    if isinstance(cell, Percent):
        return f"{cell.value * 100:g}%".replace(".", ",")
    if isinstance(cell, Fault):
        return cell.text
    if isinstance(cell, Formula):
        return "" if cell.cached is None else f"{cell.cached:g}"
    if isinstance(cell, dt.date):
        return f"{cell.day}/{cell.month}/{cell.year}"
    return f"{cell:.15g}".replace(".", ",") if isinstance(cell, float) else str(cell)


def _csv_quoted(text: str, separator: str) -> str:
    if any(char in text for char in (separator, '"', "\n", "\r")):
        return '"' + text.replace('"', '""') + '"'
    return text


# ---------------------------------------------------------------- .docx
_WORD = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"


def docx_parts(book: Book) -> Parts:
    """The parts of a Word document with each sheet as a table under its name."""
    body = "".join(_docx_paragraph(page.name) + _docx_table(page) for page in book)
    head = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
    parts = {
        "[Content_Types].xml": f'<Types xmlns="{_PACKAGE}/content-types"><Default Extension="rels" '
        'ContentType="application/vnd.openxmlformats-package.relationships+xml"/><Default Extension="xml" '
        'ContentType="application/xml"/><Override PartName="/word/document.xml" ContentType="application/'
        'vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml"/></Types>',
        "_rels/.rels": f'<Relationships xmlns="{_PACKAGE}/relationships"><Relationship Id="rId1" '
        f'Type="{_RELS}/officeDocument" Target="word/document.xml"/></Relationships>',
        "word/document.xml": f'<w:document xmlns:w="{_WORD}"><w:body>{body}<w:sectPr/></w:body></w:document>',
    }
    return {name: (head + part).encode() for name, part in parts.items()}


def to_docx(book: Book) -> bytes:
    """A book as .docx."""
    return pack(docx_parts(book).items())


def _docx_paragraph(text: str) -> str:
    return f'<w:p><w:r><w:t xml:space="preserve">{escape(_xml(text))}</w:t></w:r></w:p>'


def _docx_table(page: Page) -> str:
    width = max((len(row) for row in page.rows), default=1) or 1
    grid = "<w:gridCol/>" * min(width, 200)
    rows = "".join(
        "<w:tr>" + "".join(f"<w:tc>{_docx_paragraph(_csv_text(cell))}</w:tc>" for cell in row) + "</w:tr>"
        for row in page.rows
        if row
    )
    return f"<w:tbl><w:tblPr/><w:tblGrid>{grid}</w:tblGrid>{rows}</w:tbl>" if rows else ""


WRITERS: dict[str, Callable[[Book], bytes]] = {
    "xlsx": to_xlsx,
    "xls": to_xls,
    "ods": to_ods,
    "csv": to_csv,
    "docx": to_docx,
}
PART_WRITERS: dict[str, Callable[[Book], Parts]] = {"xlsx": xlsx_parts, "ods": ods_parts, "docx": docx_parts}
