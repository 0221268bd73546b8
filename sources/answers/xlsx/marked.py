"""A delivered .xlsx with its findings marked: cells filled, comments written, a sheet that lists them all."""

from __future__ import annotations

from sources.answers.listed import list_findings
from sources.answers.marks import MOST_NOTES, Mark, marks_of
from sources.answers.told import Told
from sources.answers.wording import TITLE
from sources.answers.xlsx.book import Book
from sources.answers.xlsx.list_sheet import list_sheet
from sources.answers.xlsx.notes import write_notes
from sources.answers.xlsx.package import OfficeFile
from sources.answers.xlsx.sheet import Sheet
from sources.answers.xlsx.styles import Styles


def mark_workbook(data: bytes, told: Told) -> bytes:
    """The workbook's bytes with the findings marked.

    The bytes passed the guards. Raises OddPackageError where the package cannot take the marks.
    """
    package = OfficeFile(data)
    book = Book(package)
    styles = Styles(book)
    marks, left = marks_of(told), MOST_NOTES
    earlier = next((s.part for s in book.sheets if s.name == told.answer_sheet and s.part), None)
    if earlier is not None and book.first_text(earlier) != TITLE:
        earlier = None
    is_answered = earlier is not None or styles.has_earlier_marks
    for number, item in enumerate(book.sheets, start=1):
        wanted = marks.get(number, {})
        if item.part is None or item.part == earlier or not (wanted or is_answered):
            continue
        sheet = Sheet(book, item.part)
        if is_answered:
            sheet.clear_earlier_marks(styles)
        shown: dict[tuple[int, int], Mark] = {}
        anchors = sheet.anchors(wanted)
        for place, mark in wanted.items():
            anchor = anchors.get(place, place)
            shown[anchor] = shown[anchor].joined(mark) if anchor in shown else mark
        sheet.fill({place: mark.grade for place, mark in shown.items()}, styles)
        noted = sorted(shown)[:left]
        left -= len(noted)
        write_notes(book, sheet, {place: shown[place].text for place in noted})
    names = {n: item.name for n, item in enumerate(book.sheets, start=1) if item.part is not None}
    page = list_sheet(list_findings(told, names), styles, book.main)
    if earlier is not None:
        book.replace_sheet(earlier, page)
    else:
        book.add_sheet(book.free_name(told.answer_sheet), page)
    return package.written()
