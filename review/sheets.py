"""The sheets of the workbook that are no plain table: summary, charts, sources, reading guide."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from review import wording
from review.book import (
    CHARTS,
    FILES,
    GUIDE,
    HEAD,
    HEADING_ROW,
    INDENTED,
    LINK,
    RIGHT,
    SOURCES,
    SUMMARY,
    TONES,
    Book,
    Cell,
    row_height,
)
from review.charts import COLOURS
from review.display import NOTHING, harmless_cell, percent_places
from review.figures import Figure
from review.tables import Chart


def write_summary(book: Book, figures: list[Figure], points: list[str], sheets: list[str]) -> None:
    """The first sheet: what this is, the period in sentences, headline rates with counts, where to go on."""
    sheet = book.sheet(SUMMARY, book.heading.title)
    sheet.set_column(0, 0, 36)
    sheet.set_column(1, 3, 15)
    sheet.set_column(4, 5, 46)
    line = HEADING_ROW
    for name, value in book.heading.facts:
        book.text(sheet, line, 0, name, font_color="#55606D")
        _wide(book, sheet, line, 1, value)
        line += 1
    line = _section(book, sheet, line + 1, "Tóm tắt")
    for point in points:
        _wide(book, sheet, line, 0, f"• {point}")
        line += 1
    line = _section(book, sheet, line + 1, "Chỉ số chính")
    for place, label in enumerate(("Chỉ số", "Tỷ lệ", "Tử số", "Mẫu số", "Đọc cùng", "So với kỳ trước")):
        book.text(sheet, line, place, label, **HEAD, **(RIGHT if 1 <= place <= 3 else INDENTED))
    for line, figure in enumerate(figures, line + 1):  # noqa: B020 - goes on below the last line
        book.text(sheet, line, 0, f"{figure.label} ({figure.counted})", **INDENTED)
        places = percent_places(figure.ratio.value) if figure.ratio.value is not None else 1
        book.number(sheet, line, 1, figure.ratio.value, f"0.{'0' * places}%", bold=True)
        book.number(sheet, line, 2, figure.ratio.numerator, "#,##0")
        book.number(sheet, line, 3, figure.ratio.denominator, "#,##0")
        for place, text in ((4, figure.beside), (5, figure.before)):
            book.text(sheet, line, place, text or NOTHING, text_wrap=True, **INDENTED)
        sheet.set_row(line, row_height([(figure.beside, 44), (figure.before, 44)]))
    line = _section(book, sheet, line + 2, "Các trang tính")
    for name in (CHARTS, *sheets, SOURCES, FILES, GUIDE):
        sheet.write_url(line, 0, f"internal:'{name}'!A1", book.style(**LINK), name)
        line += 1


def _section(book: Book, sheet: Any, line: int, title: str) -> int:
    book.text(sheet, line, 0, title, bold=True, font_size=13, font_color="#123F6D")
    return line + 1


def _wide(book: Book, sheet: Any, line: int, place: int, value: str) -> None:
    """A sentence across the sheet, with room for its lines (a merged cell does not grow by itself)."""
    sheet.merge_range(line, place, line, 5, "", book.style(text_wrap=True))
    book.text(sheet, line, place, value, text_wrap=True)
    sheet.set_row(line, 15.5 * (1 + len(value) // (150 if place == 0 else 120)))


def _columns(chart: Chart) -> list[tuple[str, str, Sequence[int]]]:
    """The columns of counts behind a chart: its series that occur, or one where every bar is its own."""
    if chart.names_its_bars:
        own = [counts[place] for place, (_, _, counts) in enumerate(chart.series)]
        return [(f"Số {chart.unit}", "none", own)]
    return [series for series in chart.series if any(series[2])]


def write_charts(book: Book, charts: list[Chart]) -> None:
    """Native charts, each beside the counts that it draws."""
    sheet = book.sheet(CHARTS, "Biểu đồ")
    sheet.set_column(0, 0, 42)
    sheet.set_column(1, 8, 13)
    line = HEADING_ROW
    drawn = [(chart, _columns(chart)) for chart in charts]
    beside = max((len(shown) for _, shown in drawn), default=0) + 2
    for chart, shown in drawn:
        book.text(sheet, line, 0, f"{chart.title} (số {chart.unit})", bold=True)
        for place, (name, _, _) in enumerate(shown, 1):
            book.text(sheet, line + 1, place, name, **HEAD, **RIGHT)
        first, last = line + 2, line + 1 + len(chart.categories)
        bars = [{"fill": {"color": COLOURS[tone]}} for _, tone, _ in chart.series]
        drawing = book.file.add_chart({"type": "bar", "subtype": "stacked"})
        for row, category in enumerate(chart.categories):
            book.text(sheet, first + row, 0, category, text_wrap=True)
        for place, (_, tone, counts) in enumerate(shown, 1):
            for row, count in enumerate(counts):
                book.number(sheet, first + row, place, count, "#,##0")
            drawing.add_series(
                {
                    "name": [CHARTS, line + 1, place],
                    "categories": [CHARTS, first, 0, last, 0],
                    "values": [CHARTS, first, place, last, place],
                    "fill": {"color": COLOURS[tone]},
                    "points": bars if chart.names_its_bars else None,
                    "border": {"color": "#FFFFFF"},
                    "gap": 60,
                }
            )
        drawing.set_title({"name": harmless_cell(chart.title), "name_font": {"size": 12}})
        drawing.set_y_axis({"reverse": True})
        drawing.set_x_axis(
            {"major_gridlines": {"visible": True, "line": {"color": "#D5DBE2"}}, "num_format": "#,##0"}
        )
        drawing.set_legend({"none": True} if chart.names_its_bars else {"position": "bottom"})
        height = max(260, 40 * len(chart.categories) + 130)
        drawing.set_size({"width": 760, "height": height})
        sheet.insert_chart(line, beside, drawing, {"description": harmless_cell(chart.title)})
        line += max(len(chart.categories) + 4, height // 20 + 2)


SOURCE_COLUMNS = (
    ("Mã số liệu", 28),
    ("Chỉ tiêu, số liệu", 40),
    ("Cơ quan", 30),
    ("Lĩnh vực", 20),
    ("Giá trị", 12),
    ("Tử số", 11),
    ("Mẫu số", 11),
    ("Trang tính", 18),
    ("Ô", 18),
    ("Tệp", 8),
    ("Tên tệp", 30),
    ("Mã băm SHA-256", 34),
    ("Căn cứ", 34),
)
SOURCE_FIGURES = (5, 6, 9)
"""Places of the columns of numbers among them."""


def write_sources(book: Book) -> None:
    """The evidence: one row per figure, agency and field; the other sheets' links land here."""
    sheet = book.sheet(SOURCES, "Nguồn số liệu: từ số trong báo cáo đến ô trong tệp")
    book.headings(sheet, SOURCE_COLUMNS, SOURCE_FIGURES)
    line = HEADING_ROW
    for group in book.evidence.groups:
        for row in group.rows:
            line += 1
            row_cells = [
                row["figure_code"],
                group.label,
                row["agency_name"],
                row["field_name"],
                row["value_text"],
                Cell(row["numerator"], "#,##0.##"),
                Cell(row["denominator"], "#,##0.##"),
                row["sheet_name"],
                row["cells"],
                Cell(row["delivery_id"], "0"),
                row["file_name"],
                row["file_sha256"],
                row["citation"],
            ]
            for place, cell in enumerate(row_cells):
                book.cell(
                    sheet,
                    line,
                    place,
                    cell if isinstance(cell, Cell) else Cell(cell or NOTHING, style=INDENTED),
                )
    sheet.autofilter(HEADING_ROW, 0, max(line, HEADING_ROW + 1), len(SOURCE_COLUMNS) - 1)


def write_files(book: Book) -> None:
    """The files that figures were read from, each with the hash that its archived bytes have."""
    sheet = book.sheet(FILES, "Các tệp đã dùng")
    book.headings(
        sheet, (("Tệp", 12), ("Cơ quan", 36), ("Tên tệp", 44), ("Số văn bản", 20), ("Mã băm SHA-256", 70)), ()
    )
    for line, file in enumerate(book.evidence.files, HEADING_ROW + 1):
        book.cell(sheet, line, 0, Cell(file["delivery_id"], "0", style=INDENTED))
        texts = ("agency_name", "file_name", "document_number", "file_sha256")
        for place, key in enumerate(texts, 1):
            book.text(sheet, line, place, file[key] or NOTHING, **INDENTED)
    sheet.autofilter(HEADING_ROW, 0, HEADING_ROW + max(len(book.evidence.files), 1), 4)


def write_guide(book: Book) -> None:
    """What the states mean and how the figures are computed."""
    sheet = book.sheet(GUIDE, GUIDE)
    sheet.set_column(0, 0, 40)
    sheet.set_column(1, 1, 22)
    sheet.set_column(2, 2, 90)
    line = HEADING_ROW
    for rule in wording.GUIDE:
        book.text(sheet, line, 0, f"• {rule}")
        line += 1
    line += 1
    for place, label in enumerate(("Nhóm", "Tình trạng", "Ý nghĩa")):
        book.text(sheet, line, place, label, **HEAD)
    for name, states in wording.VOCABULARIES.items():
        for item in states.values():
            line += 1
            fill, ink = TONES[item.tone]
            book.text(sheet, line, 0, wording.VOCABULARY_TITLES[name], text_wrap=True)
            book.text(
                sheet, line, 1, item.label, bg_color=fill, font_color=ink, border=1, border_color="#D5DBE2"
            )
            book.text(sheet, line, 2, item.meaning, text_wrap=True)
