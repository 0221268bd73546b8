"""Workbooks of LibreOffice: laid out as its own files are, by hand, so that no office is needed."""

from __future__ import annotations

import zipfile
from collections.abc import Callable
from contextlib import suppress
from io import BytesIO

import pytest

from sources.forms.files.cell_facts import FORMULA
from sources.forms.files.workbook import SheetCells
from sources.packages import RefusedError

Open = Callable[[bytes], list[SheetCells]]
_NAMES = (
    "".join(
        f' xmlns:{short}="urn:oasis:names:tc:opendocument:xmlns:{name}:1.0"'
        for short, name in (
            ("office", "office"),
            ("table", "table"),
            ("text", "text"),
            ("style", "style"),
            ("dc", "dc"),
        )
    )
    + ' xmlns:calcext="urn:org:documentfoundation:names:experimental:calc:xmlns:calcext:1.0"'
)


def _ods(tables: str, styles: str = "") -> bytes:
    buffer = BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("mimetype", "application/vnd.oasis.opendocument.spreadsheet")
        archive.writestr("META-INF/manifest.xml", "<manifest/>")
        archive.writestr(
            "content.xml",
            f"<office:document-content{_NAMES}><office:automatic-styles>{styles}</office:automatic-styles>"
            f"<office:body><office:spreadsheet>{tables}</office:spreadsheet></office:body>"
            "</office:document-content>",
        )
    return buffer.getvalue()


def _table(rows: str, more: str = "") -> bytes:
    return _ods(f'<table:table table:name="A"{more}>{rows}</table:table>')


def _row(cells: str, more: str = "") -> str:
    return f"<table:table-row{more}>{cells}</table:table-row>"


def _text(text: str, more: str = "") -> str:
    return f'<table:table-cell office:value-type="string"{more}><text:p>{text}</text:p></table:table-cell>'


def _number(value: float, kind: str = "float", more: str = "") -> str:
    return (
        f'<table:table-cell office:value-type="{kind}" office:value="{value}"{more}>'
        f"<text:p>{value}</text:p></table:table-cell>"
    )


ERROR = (
    '<table:table-cell table:formula="of:=1/0" office:value-type="string" office:string-value="" '
    'calcext:value-type="error"><text:p>#DIV/0!</text:p></table:table-cell>'
)


def test_percentages_errors_and_formulas_without_value_are_known(opened: Open) -> None:
    uncounted = '<table:table-cell table:formula="of:=[.A1]*2"/>'
    emptied = '<table:table-cell table:formula="of:=IF(1;&quot;&quot;)"><text:p/></table:table-cell>'
    sheet = opened(_table(_row(_number(0.985, "percentage") + _number(0.985) + ERROR + uncounted + emptied)))[
        0
    ]
    assert [sheet.is_percent(0, 0), sheet.is_percent(0, 1)] == [True, False]
    assert sheet.facts.faults == {(0, 2): "#DIV/0!", (0, 3): FORMULA}
    assert sheet.rows[0][:3] == [0.985, 0.985, ""]


def test_what_stands_for_many_cells_is_known_of_each(opened: Open) -> None:
    twice = ' table:number-rows-repeated="2"'
    sheet = opened(
        _table(
            _row(_number(0.5, "percentage", ' table:number-columns-repeated="3"'), twice)
            + _row(_text("x"), twice + ' table:visibility="collapse"')
            + _row(_text("y"))
        )
    )[0]
    assert [row[0] for row in sheet.rows] == [0.5, 0.5, "x", "x", "y"]
    assert sheet.facts.percents == {(row, column) for row in range(2) for column in range(3)}
    assert sheet.facts.hidden_rows == {2, 3}


def test_merged_cells_and_hidden_sheets_are_known(opened: Open) -> None:
    style = (
        '<style:style style:name="ta2" style:family="table">'
        '<style:table-properties table:display="false"/></style:style>'
    )
    spanned = ' table:number-columns-spanned="2" table:number-rows-spanned="3"'
    first_row = _row(_text("x", spanned) + "<table:covered-table-cell/>")
    tables = (
        f'<table:table table:name="A">{first_row}</table:table>'
        f'<table:table table:name="B" table:style-name="ta2">{_row(_text("y"))}</table:table>'
    )
    first, second = opened(_ods(tables, style))
    assert first.merged == [((0, 0), (2, 1))]
    assert (first.is_hidden, second.is_hidden) == (False, True)


def test_a_comment_is_neither_value_nor_error(opened: Open) -> None:
    note = "<office:annotation><text:p>#REF! ghi chú</text:p></office:annotation>"
    cell = f'<table:table-cell office:value-type="string">{note}<text:p>chữ</text:p></table:table-cell>'
    noted = f"<table:table-cell>{note}</table:table-cell>"
    uncounted = f'<table:table-cell table:formula="of:=1">{note}</table:table-cell>'
    error = ERROR.replace("<text:p>", note + "<text:p>")
    sheet = opened(_table(_row(cell + noted + uncounted + error)))[0]
    assert sheet.rows[0][0] == "chữ"
    assert sheet.facts.faults == {(0, 2): FORMULA, (0, 3): "#DIV/0!"}


def test_a_font_tells_the_encoding(opened: Open) -> None:
    style = (
        '<style:style style:name="ce1" style:family="table-cell">'
        '<style:text-properties style:font-name=".VnTimeH"/></style:style>'
    )
    row = _row(_text("céng hßa", ' table:style-name="ce1"'))
    sheet = opened(_ods(f'<table:table table:name="A">{row}</table:table>', style))[0]
    assert (sheet.rows, sheet.encodings) == ([["CỘNG HÒA"]], {(0, 0): "TCVN3"})


def test_a_row_that_holds_nothing_but_an_error_is_there(opened: Open) -> None:
    sheet = opened(_table(_row(_text("x")) + _row(ERROR)))[0]
    assert (len(sheet.rows), sheet.facts.faults) == (2, {(1, 0): "#DIV/0!"})


@pytest.mark.parametrize("count", ["1048576", "9" * 5_000])
def test_repeated_values_are_counted_before_they_are_laid_out(
    opened: Open, monkeypatch: pytest.MonkeyPatch, count: str
) -> None:
    def never(*_: object) -> None:
        raise AssertionError("parsed")

    monkeypatch.setattr("python_calamine.CalamineWorkbook.from_filelike", never)
    wide = ' table:number-columns-repeated="16384"'
    rows = _row(_number(0.5, "percentage", wide), f' table:number-rows-repeated="{count}"')
    with pytest.raises(RefusedError) as refusal:
        opened(_table(rows))
    assert refusal.value.rule_id == "intake.file_too_large"


@pytest.mark.parametrize("count", ["abc", "-1", "1e5", ""])
def test_counts_that_are_none_break_nothing(opened: Open, count: str) -> None:
    rows = _row(_number(1, more=f' table:number-columns-repeated="{count}"'))
    with suppress(RefusedError):
        assert opened(_table(rows))[0].rows[0][0] == 1
