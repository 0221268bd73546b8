"""The list of findings as a worksheet part: texts in the cells themselves, links within the workbook."""

from __future__ import annotations

from html import escape

from sources.addresses import letters
from sources.answers.listed import COLUMNS, LINK_COLUMN, Listed, height_of, height_of_line
from sources.answers.look import ACCENT, FILLS, FONT, INK, LINE
from sources.answers.xlsx.styles import Styles, solid_fill

_LAST = letters(len(COLUMNS) - 1)


class _Formats:
    """Positions of the list's formats in the workbook's stylesheet."""

    def __init__(self, styles: Styles) -> None:
        edge = "".join(
            f'<{side} style="thin"><color rgb="FF{LINE}"/></{side}>'
            for side in ("left", "right", "top", "bottom")
        )
        border, no_border = (
            f"<border>{edge}<diagonal/></border>",
            ("<border><left/><right/><top/><bottom/><diagonal/></border>"),
        )
        wrap = '<alignment vertical="top" wrapText="1"/>'
        centre = '<alignment horizontal="center" vertical="top" wrapText="1"/>'
        heading = '<alignment horizontal="center" vertical="center" wrapText="1"/>'

        def font(size: float, colour: str = "1F2933", more: str = "") -> str:
            shown = f'<sz val="{size:g}"/><color rgb="FF{colour}"/><name val="{FONT}"/><family val="1"/>'
            return f"<font>{more}{shown}</font>"

        add, bold = styles.add_format, "<b/>"
        self.title = add(font(16, ACCENT, bold), None, no_border, '<alignment vertical="center"/>')
        self.label = add(font(12, more=bold), None, no_border, wrap)
        self.value = add(font(12), None, no_border, wrap)
        self.remark = add(font(12, INK["error"], bold), None, no_border, wrap)
        self.heading = add(font(12, "FFFFFF", bold), solid_fill(ACCENT), border, heading)
        self.text = add(font(12), None, border, wrap)
        self.centred = add(font(12), None, border, centre)
        self.link = add(font(12, "0B5CAD", "<u/>"), None, border, centre)
        self.small = add(font(9, "5B6770"), None, border, wrap)
        self.grades = {
            grade: add(font(12, INK[grade], bold), solid_fill(colour), border, centre)
            for grade, colour in FILLS.items()
        }

    def of(self, column: int, grade: str, is_link: bool) -> int:
        """The format of a cell of the table."""
        if column == 1:
            return self.grades[grade]
        if column == LINK_COLUMN:
            return self.link if is_link else self.centred
        if column == len(COLUMNS) - 1:
            return self.small
        return self.centred if column == 0 else self.text


def list_sheet(listed: Listed, styles: Styles, main: str) -> bytes:
    """The worksheet part, in the workbook's dialect `main`."""
    formats, rows, merged, links = _Formats(styles), [], [], []
    rows.append(_row(1, [_cell("A1", listed.title, formats.title)], 28))
    for label, value in listed.facts:
        number = len(rows) + 1
        cells = [_cell(f"A{number}", label, formats.label), _cell(f"C{number}", value, formats.value)]
        rows.append(_row(number, cells, height_of(value)))
        merged += [f"A{number}:B{number}", f"C{number}:{_LAST}{number}"]
    for remark in listed.remarks:
        number = len(rows) + 1
        rows.append(_row(number, [_cell(f"A{number}", remark, formats.remark)], height_of(remark)))
        merged.append(f"A{number}:{_LAST}{number}")
    heading = len(rows) + 2
    cells = [_cell(f"{letters(c)}{heading}", text, formats.heading) for c, (text, _) in enumerate(COLUMNS)]
    rows.append(_row(heading, cells, 24))
    for number, line in enumerate(listed.lines, start=heading + 1):
        cells = [
            _cell(f"{letters(c)}{number}", text, formats.of(c, line.grade, line.link is not None))
            for c, text in enumerate(line.texts)
        ]
        rows.append(_row(number, cells, height_of_line(line)))
        if line.link is not None:
            place = f"{letters(LINK_COLUMN)}{number}"
            shown = f'location="{escape(line.link)}" display="{escape(line.texts[LINK_COLUMN])}"'
            links.append(f'<hyperlink ref="{place}" {shown}/>')
    columns = "".join(
        f'<col min="{n}" max="{n}" width="{width}" customWidth="1"/>'
        for n, (_, width) in enumerate(COLUMNS, start=1)
    )
    ranges = "".join(f'<mergeCell ref="{item}"/>' for item in merged)
    hyperlinks = f"<hyperlinks>{''.join(links)}</hyperlinks>" if links else ""
    return (
        '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
        f'<worksheet xmlns="{main}"><sheetPr><tabColor rgb="FF{ACCENT}"/>'
        '<pageSetUpPr fitToPage="1"/></sheetPr>'
        '<sheetViews><sheetView showGridLines="0" workbookViewId="0">'
        f'<pane ySplit="{heading}" topLeftCell="A{heading + 1}" activePane="bottomLeft" state="frozen"/>'
        f'<selection pane="bottomLeft" activeCell="A{heading + 1}" sqref="A{heading + 1}"/>'
        f'</sheetView></sheetViews><sheetFormatPr defaultRowHeight="16.5"/><cols>{columns}</cols>'
        f"<sheetData>{''.join(rows)}</sheetData>"
        f'<mergeCells count="{len(merged)}">{ranges}</mergeCells>{hyperlinks}'
        '<pageMargins left="0.4" right="0.4" top="0.5" bottom="0.6" header="0.3" footer="0.3"/>'
        '<pageSetup paperSize="9" orientation="landscape" fitToHeight="0"/>'
        "<headerFooter><oddFooter>&amp;R&amp;P/&amp;N</oddFooter></headerFooter></worksheet>"
    ).encode()


def _cell(place: str, text: str, style: int) -> str:
    if not text:
        return f'<c r="{place}" s="{style}"/>'
    written = f'<is><t xml:space="preserve">{escape(text, quote=False)}</t></is>'
    return f'<c r="{place}" s="{style}" t="inlineStr">{written}</c>'


def _row(number: int, cells: list[str], height: float | None = None) -> str:
    fixed = f' ht="{height:g}" customHeight="1"' if height else ""
    return f'<row r="{number}"{fixed}>{"".join(cells)}</row>'
