"""A decision as a Word document: what stands in it in its order, and what is refused before it is parsed."""

from __future__ import annotations

import zipfile
from collections.abc import Callable
from io import BytesIO
from typing import Any

import docx
import pytest
from docx.oxml import OxmlElement, parse_xml
from docx.oxml.ns import nsdecls, qn

from sources.plan_document.blocks import Paragraph, Row
from sources.plan_document.files import DocumentError, parse_document, read_document
from sources.plan_document.reading import read_plan
from tests.sources.test_plan_document import FILES, SEEDS, needs_seeds

Blocks = list[Paragraph | Row]


def saved(document: Any) -> bytes:
    buffer = BytesIO()
    document.save(buffer)
    return buffer.getvalue()


def blocks(document: Any) -> Blocks:
    return parse_document(saved(document), "decision.docx").blocks


def texts(found: Blocks) -> list[str]:
    return [block.text for block in found if isinstance(block, Paragraph)]


def rows(found: Blocks) -> list[Row]:
    return [block for block in found if isinstance(block, Row)]


def repacked(data: bytes, change: Callable[[dict[str, bytes]], None]) -> bytes:
    with zipfile.ZipFile(BytesIO(data)) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    change(parts)
    buffer = BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, part in parts.items():
            archive.writestr(name, part)
    return buffer.getvalue()


def changed(old: bytes, new: bytes) -> bytes:
    """A one-paragraph document with its XML changed."""
    document = docx.Document()
    document.add_paragraph("I. MỤC TIÊU")

    def change(parts: dict[str, bytes]) -> None:
        assert old in parts["word/document.xml"]
        parts["word/document.xml"] = parts["word/document.xml"].replace(old, new)

    return repacked(saved(document), change)


# ---------------------------------------------------------------- what is read
def test_paragraphs_and_tables_come_in_the_order_of_the_body_with_their_places() -> None:
    document = docx.Document()
    document.add_paragraph("Đoạn một")
    document.add_table(rows=1, cols=2).cell(0, 0).text = "Ô một\nÔ một tiếp"
    document.add_paragraph("Đoạn\nhai")
    found = parse_document(saved(document), "x")
    assert found.counts == "paragraph"
    assert found.blocks == [
        Paragraph("Đoạn một", (1,)),
        Row(("Ô một\nÔ một tiếp", ""), (2,), 1),
        Paragraph("Đoạn", (3,)),
        Paragraph("hai", (4,)),
    ]
    assert found.text.split("\n") == ["Đoạn một", "Ô một Ô một tiếp\t", "Đoạn", "hai"]


def test_cells_that_span_columns_or_rows_keep_their_places() -> None:
    document = docx.Document()
    table = document.add_table(rows=3, cols=3)
    table.cell(0, 0).merge(table.cell(0, 1)).text = "rộng"
    table.cell(0, 2).text = "c"
    table.cell(1, 0).merge(table.cell(2, 0)).text = "cao"
    table.cell(1, 1).text, table.cell(2, 1).text = "b1", "b2"
    first, second, third = rows(blocks(document))
    assert (first.cells, second.cells, third.cells) == (
        ("rộng", "", "c"),
        ("cao", "b1", ""),
        ("cao", "b2", ""),
    )
    assert (second.merged, third.merged) == (frozenset(), frozenset({0}))


def test_a_table_inside_a_cell_is_lines_of_it() -> None:
    document = docx.Document()
    cell = document.add_table(rows=1, cols=1).cell(0, 0)
    cell.text = "trước"
    inner = cell.add_table(rows=2, cols=2)
    for number, text in enumerate("abcd"):
        inner.cell(number // 2, number % 2).text = text
    (row,) = rows(blocks(document))
    assert row.cells == ("trước\na b\nc d",)


def test_text_boxes_controls_and_insertions_are_read_and_deletions_are_not() -> None:
    document = docx.Document()
    paragraph = document.add_paragraph("còn ")
    for tag, inner in (("w:ins", "w:t"), ("w:del", "w:delText")):
        change, run, text = OxmlElement(tag), OxmlElement("w:r"), OxmlElement(inner)
        text.text = f"{tag[2:]} "
        run.append(text)
        change.append(run)
        paragraph._p.append(change)
    inner = "<w:p><w:r><w:t>{}</w:t></w:r></w:p>"
    control = parse_xml(
        f"<w:sdt {nsdecls('w')}><w:sdtContent>{inner.format('trong khung')}</w:sdtContent></w:sdt>"
    )
    drawn = f"<w:pict><w:txbxContent>{inner.format('trong hộp')}</w:txbxContent></w:pict>"
    box = parse_xml(f"<w:p {nsdecls('w')}><w:r>{drawn}</w:r></w:p>")
    document.element.body.insert(1, control)
    document.element.body.insert(2, box)
    assert texts(blocks(document)) == ["còn ins", "trong khung", "trong hộp"]


def test_what_is_struck_out_whole_leaves_no_row_and_takes_no_number() -> None:
    document = docx.Document()
    struck = f'<w:del {nsdecls("w")} w:id="1" w:author="x"/>'
    for text in ("Một", "", "Hai"):
        paragraph = document.add_paragraph(text, style="List Number")
        if not text:
            mark = parse_xml(f"<w:rPr {nsdecls('w')}>{struck}</w:rPr>")
            paragraph._p.get_or_add_pPr().append(mark)
    table = document.add_table(rows=2, cols=1)
    for number, row in enumerate(table.rows):
        row.cells[0].text = f"hàng {number}"
    table.rows[0]._tr.get_or_add_trPr().append(parse_xml(struck))
    found = blocks(document)
    assert texts(found) == ["1. Một", "2. Hai"]
    assert [row.cells for row in rows(found)] == [("hàng 1",)]


def test_numbers_that_word_shows_are_part_of_the_text() -> None:
    document = docx.Document()
    part = document.part.numbering_part.element
    levels = (
        ("upperRoman", "%1."),
        ("decimal", "%2."),
        ("decimal", "%2.%3."),
        ("lowerLetter", "%4)"),
        ("bullet", "-"),
    )
    abstract = OxmlElement("w:abstractNum")
    abstract.set(qn("w:abstractNumId"), "77")
    for number, (kind, shown) in enumerate(levels):
        level = OxmlElement("w:lvl")
        level.set(qn("w:ilvl"), str(number))
        for tag, value in (("w:start", "1"), ("w:numFmt", kind), ("w:lvlText", shown)):
            child = OxmlElement(tag)
            child.set(qn("w:val"), value)
            level.append(child)
        abstract.append(level)
    part.insert(0, abstract)
    num = OxmlElement("w:num")
    num.set(qn("w:numId"), "77")
    reference = OxmlElement("w:abstractNumId")
    reference.set(qn("w:val"), "77")
    num.append(reference)
    part.append(num)
    for level, text in enumerate(("Chương", "Một", "Một một", "chữ", "gạch")):
        _numbered(document.add_paragraph(text), level)
    for level, text in (
        (2, "Một hai"),
        (3, "lại a"),
        (1, "Hai"),
        (2, "Hai một"),
        (0, "Chương hai"),
        (1, "Lại một"),
    ):
        _numbered(document.add_paragraph(text), level)
    assert texts(blocks(document)) == [
        *("I. Chương", "1. Một", "1.1. Một một", "a) chữ", "- gạch", "1.2. Một hai", "a) lại a"),
        *("2. Hai", "2.1. Hai một", "II. Chương hai", "1. Lại một"),
    ]


def _numbered(paragraph: Any, level: int) -> None:
    properties = paragraph._p.get_or_add_pPr().get_or_add_numPr()
    properties.get_or_add_ilvl().val = level
    properties.get_or_add_numId().val = 77


@needs_seeds
@pytest.mark.parametrize("code", ["BT-2022-7679", "HCM-2018-5334"])
def test_a_decision_reads_the_same_from_word_as_from_its_text(code: str) -> None:
    written = read_document(SEEDS / FILES[code])[1]
    document = docx.Document()
    tables: dict[int, Any] = {}
    for block in written.blocks:
        if isinstance(block, Paragraph):
            document.add_paragraph(block.text)
            continue
        if block.table not in tables:
            width = max(
                len(row.cells) for row in written.blocks if isinstance(row, Row) and row.table == block.table
            )
            tables[block.table] = document.add_table(rows=0, cols=width)
        cells = tables[block.table].add_row().cells
        for cell, text in zip(cells[-len(block.cells) :], block.cells, strict=True):
            cell.text = text  # a row of fewer cells is one whose beginning is lost
    from_text, from_word = read_plan(written), read_plan(parse_document(saved(document), "decision.docx"))
    for read in (from_text, from_word):
        assert len(read.tables.tasks) > 28
    tasks = [
        {
            address: (row.cells["task"], row.cells["lead"], row.years)
            for address, row in read.tables.tasks.items()
        }
        for read in (from_text, from_word)
    ]
    assert tasks[0] == tasks[1]
    assert [(t.section, t.key, t.also) for t in from_text.targets] == [
        (t.section, t.key, t.also) for t in from_word.targets
    ]
    assert from_text.head == from_word.head


# ---------------------------------------------------------------- what is refused
def entity(parts: dict[str, bytes]) -> None:
    parts["word/document.xml"] = b'<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a "aaa">]><x>&a;</x>'


def sheet(parts: dict[str, bytes]) -> None:
    kind = b"wordprocessingml.document.main"
    parts["[Content_Types].xml"] = parts["[Content_Types].xml"].replace(kind, b"spreadsheetml.sheet.main")


HOSTILE: dict[str, tuple[Callable[[dict[str, bytes]], None], str]] = {
    "a path that leaves the archive": (
        lambda parts: parts.update({"../../etc/x.xml": b"<x/>"}),
        r"path leaves the archive \(\.\./\.\./etc/x\.xml\)",
    ),
    "macros": (lambda parts: parts.update({"word/vbaProject.bin": b"x"}), "it holds macros"),
    "entities": (entity, "declares a document type or entities"),
    "a bomb": (
        lambda parts: parts.update({"word/a.xml": b" " * (64 << 20)}),
        "unpacks to far more than it holds",
    ),
    "too many parts": (
        lambda parts: parts.update({f"word/{n}.bin": b"" for n in range(2001)}),
        "unpacks to far more",
    ),
    "a part too large": (
        lambda parts: parts.update({"word/a.xml": bytes(range(32, 59)) * (1 << 20)}),
        "word/a.xml has more than|unpacks to far more",
    ),
    "another kind": (sheet, "is an archive but no Word document"),
    "no body": (lambda parts: parts.update({"word/document.xml": b"<x/>"}), "is damaged"),
    "broken XML": (lambda parts: parts.update({"word/document.xml": b"<w:document"}), "is damaged"),
    "no parts": (lambda parts: parts.clear(), "is an archive but no Word document|is damaged"),
    "no relations": (lambda parts: parts.pop("_rels/.rels") and None, "is damaged"),
}


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_documents_are_refused_with_the_reason(name: str) -> None:
    change, reason = HOSTILE[name]
    with pytest.raises(DocumentError, match=reason):
        parse_document(repacked(saved(docx.Document()), change), "decision.docx")


@pytest.mark.parametrize("keep", [0.2, 0.6, 0.95])
def test_a_truncated_document_is_refused(keep: float) -> None:
    data = saved(docx.Document())
    with pytest.raises(DocumentError, match="is damaged"):
        parse_document(data[: int(len(data) * keep)], "decision.docx")


def test_a_table_that_spans_a_million_columns_is_refused_unread() -> None:
    wide = b'<w:tbl><w:tr><w:tc><w:tcPr><w:gridSpan w:val="4000"/></w:tcPr><w:p/></w:tc></w:tr></w:tbl><w:p>'
    with pytest.raises(DocumentError, match="a table of more than 60 columns"):
        parse_document(changed(b"<w:p>", wide), "decision.docx")
    shifted = (
        b'<w:tbl><w:tr><w:trPr><w:gridBefore w:val="4999"/></w:trPr><w:tc><w:p/></w:tc></w:tr></w:tbl><w:p>'
    )
    with pytest.raises(DocumentError, match="a table of more than 60 columns"):
        parse_document(changed(b"<w:p>", shifted), "decision.docx")


def test_a_cell_merged_over_so_many_rows_that_its_text_would_flood_memory_is_refused() -> None:
    text = "Nội dung " * 2000
    row = "<w:tr><w:tc><w:tcPr>{}</w:tcPr><w:p><w:r><w:t>{}</w:t></w:r></w:p></w:tc></w:tr>"
    first = row.format('<w:vMerge w:val="restart"/>', text)
    more = row.format("<w:vMerge/>", "") * 900
    flood = f"<w:tbl>{first}{more}</w:tbl><w:p>".encode()
    with pytest.raises(DocumentError, match="more than 40000 paragraphs and rows, or 8000000 letters"):
        parse_document(changed(b"<w:p>", flood), "decision.docx")


@pytest.mark.parametrize("garbage", [b"-1", b"99999999999999", b"x", b""])
def test_senseless_spans_and_levels_are_read_as_one(garbage: bytes) -> None:
    span = b'<w:tcPr><w:gridSpan w:val="' + garbage + b'"/></w:tcPr>'
    table = b"<w:tbl><w:tr><w:tc>" + span + b"<w:p><w:r><w:t>a</w:t></w:r></w:p></w:tc></w:tr></w:tbl><w:p>"
    found = parse_document(changed(b"<w:p>", table), "decision.docx")
    assert rows(found.blocks)[0].cells == ("a",)
