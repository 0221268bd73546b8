"""A worksheet part: which format its cells have, cells that are not there yet, its link to comments."""

from __future__ import annotations

from bisect import bisect_left
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from itertools import islice

from lxml import etree

from sources.addresses import LAST_COLUMN, LAST_ROW, Place, cell_place, letters
from sources.answers.xlsx.book import Book
from sources.answers.xlsx.package import OddPackageError
from sources.answers.xlsx.styles import Styles

_AFTER_COMMENTS = frozenset(
    [
        "legacyDrawingHF",
        "drawingHF",
        "picture",
        "oleObjects",
        "controls",
        "webPublishItems",
        "tableParts",
        "extLst",
    ]
)
_POINTS_TO_PIXELS, _CHARACTER_PIXELS, _MARGIN_PIXELS = 4 / 3, 7, 5
_ROW_PIXELS, _COLUMN_PIXELS = 20, 64
_MOST_MERGES = 10_000


class Sheet:
    """One worksheet of the workbook, its rows by number."""

    def __init__(self, book: Book, part: str) -> None:
        self.part, self._main = part, book.main
        self.root = book.package.edit(part)
        self._link = f"{{{book.relation_types}}}id"
        data = self.root.find(self._tag("sheetData"))
        if data is None:
            raise OddPackageError(f"{part}: không có dữ liệu trang tính")
        self._data = data
        self._rows: list[etree._Element] = list(data.iterchildren(self._tag("row")))
        self._numbers: list[int] = []
        number = -1
        for row in self._rows:
            number = _whole(row.get("r"), number + 2) - 1
            self._numbers.append(number)
        if any(b <= a for a, b in zip(self._numbers, self._numbers[1:], strict=False)):
            raise OddPackageError(f"{part}: các dòng không theo thứ tự")
        self._columns = [
            (_whole(c.get("min"), 1) - 1, _whole(c.get("max"), 1) - 1, c)
            for c in self.root.iterfind(f"{self._tag('cols')}/{self._tag('col')}")
        ]

    def anchors(self, places: Iterable[Place]) -> dict[Place, Place]:
        """Of places within merged cells, the cell that shows them: the first."""
        found: dict[Place, Place] = {}
        wanted = sorted(places)
        for item in islice(
            self.root.iterfind(f"{self._tag('mergeCells')}/{self._tag('mergeCell')}"), _MOST_MERGES
        ):
            first, _, last = item.get("ref", "").partition(":")
            top, bottom = cell_place(first), cell_place(last or first)
            if top is None or bottom is None:
                continue
            for place in wanted[bisect_left(wanted, top) :]:
                if place[0] > bottom[0]:
                    break
                if top[1] <= place[1] <= bottom[1]:
                    found[place] = top
        return found

    def fill(self, grades: Mapping[Place, str], styles: Styles) -> None:
        """Fill cells by grade; a cell that is not there is added, empty, in its place."""
        for place in sorted(grades):
            cell = self._cell(place)
            cell.set("s", str(styles.marked(_whole(cell.get("s"), 0), grades[place])))

    def clear_earlier_marks(self, styles: Styles) -> None:
        """Give cells that an earlier answer filled the format back that they had before."""
        by_column: dict[int, Counter[int]] = defaultdict(Counter)
        filled: list[tuple[int, etree._Element]] = []
        for row in self._rows:
            for column, cell in self._cells(row):
                style = _whole(cell.get("s"), 0)
                if styles.is_ours(style):
                    filled.append((column, cell))
                else:
                    by_column[column][style] += 1
        for column, cell in filled:
            bare = styles.unmarked(_whole(cell.get("s"), 0), by_column[column])
            cell.set("s", str(bare))

    def link_drawing(self, rel_id: str) -> None:
        """Name the drawing of the sheet's comments, in the place that the schema gives it."""
        item = etree.Element(self._tag("legacyDrawing"))
        item.set(self._link, rel_id)
        for position, child in enumerate(self.root):
            if isinstance(child.tag, str) and self._comes_after(child):
                self.root.insert(position, item)
                return
        self.root.append(item)

    def drawing_link(self) -> str | None:
        """The relationship id of the drawing that holds the comments' boxes."""
        item = self.root.find(self._tag("legacyDrawing"))
        return None if item is None else item.get(self._link)

    def box(self, place: Place, width: int, height: int) -> tuple[int, ...]:
        """Where a comment's box lies beside its cell: column, offset, row, offset of two corners."""
        left, top = min(place[1] + 1, LAST_COLUMN - 2), max(place[0] - 1, 0)
        right, dx = self._reach(left, 15 + width, self._width, LAST_COLUMN - 1)
        bottom, dy = self._reach(top, 4 + height, self._height, LAST_ROW - 1)
        return left, 15, top, 4, right, dx, bottom, dy

    def _reach(self, start: int, pixels: int, size: object, last: int) -> tuple[int, int]:
        at = start
        while at < last:
            step: int = size(at)  # type: ignore[operator]
            if pixels <= step:
                return at, pixels
            pixels -= step
            at += 1
        return last, 0

    def _width(self, column: int) -> int:
        for first, last, item in self._columns:
            if first <= column <= last:
                if item.get("hidden") in ("1", "true"):
                    return 0
                width = _decimal(item.get("width"))
                return int(width * _CHARACTER_PIXELS) + _MARGIN_PIXELS if width else _COLUMN_PIXELS
        return _COLUMN_PIXELS

    def _height(self, row: int) -> int:
        position = bisect_left(self._numbers, row)
        if position == len(self._numbers) or self._numbers[position] != row:
            return _ROW_PIXELS
        item = self._rows[position]
        if item.get("hidden") in ("1", "true"):
            return 0
        height = _decimal(item.get("ht"))
        return int(height * _POINTS_TO_PIXELS) if height else _ROW_PIXELS

    def _comes_after(self, child: etree._Element) -> bool:
        names = {etree.QName(item).localname for item in child.iter() if isinstance(item.tag, str)}
        name = etree.QName(child).localname
        return name in _AFTER_COMMENTS or (name == "AlternateContent" and bool(names & _AFTER_COMMENTS))

    def _cell(self, place: Place) -> etree._Element:
        row = self._row(place[0])
        for position, (column, cell) in enumerate(self._cells(row)):
            if column == place[1]:
                return cell
            if column > place[1]:
                if cell.get("r") is None:
                    raise OddPackageError(f"{self.part}: ô không ghi địa chỉ")
                return self._new_cell(row, place, position)
        return self._new_cell(row, place, None)

    def _new_cell(self, row: etree._Element, place: Place, position: int | None) -> etree._Element:
        cell = etree.Element(self._tag("c"))
        cell.set("r", f"{letters(place[1])}{place[0] + 1}")
        style = row.get("s") if row.get("customFormat") in ("1", "true") else self._column_style(place[1])
        if style:
            cell.set("s", style)
        if position is None:
            last = [child for _, child in self._cells(row)]
            row.insert(row.index(last[-1]) + 1 if last else 0, cell)
        else:
            row.insert(row.index(self._cells(row)[position][1]), cell)
        row.attrib.pop("spans", None)  # says which columns the row fills; it may be left out
        return cell

    def _row(self, number: int) -> etree._Element:
        position = bisect_left(self._numbers, number)
        if position < len(self._numbers) and self._numbers[position] == number:
            return self._rows[position]
        row = etree.Element(self._tag("row"))
        row.set("r", str(number + 1))
        if position < len(self._rows):
            following = self._rows[position]
            if following.get("r") is None:
                following.set("r", str(self._numbers[position] + 1))
            self._data.insert(self._data.index(following), row)
        else:
            self._data.append(row)
        self._rows.insert(position, row)
        self._numbers.insert(position, number)
        return row

    def _cells(self, row: etree._Element) -> list[tuple[int, etree._Element]]:
        found, column = [], -1
        for cell in row.iterchildren(self._tag("c")):
            place = cell_place(cell.get("r", ""))
            column = place[1] if place else column + 1
            found.append((column, cell))
        return found

    def _column_style(self, column: int) -> str | None:
        return next((c.get("style") for first, last, c in self._columns if first <= column <= last), None)

    def _tag(self, name: str) -> str:
        return f"{{{self._main}}}{name}"


def _whole(text: str | None, otherwise: int) -> int:
    return int(text) if text is not None and text.isdecimal() and len(text) < 8 else otherwise


def _decimal(text: str | None) -> float:
    try:
        value = float(text) if text else 0.0
    except ValueError:
        return 0.0
    return value if 0 < value < 10_000 else 0.0
