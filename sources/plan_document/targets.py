"""The targets of a passage: bounds found by the grammar, with their years, parents, steps and words."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from decimal import Decimal

from sources.plan_document.comparators import BY_DATE, EQ, GE, GT, LE, LT, Bound, find_bounds
from sources.plan_document.counts import find_counts
from sources.plan_document.deadlines import read_deadline
from sources.plan_document.labels import clause_of, near_words, shorten
from sources.plan_document.masks import mask_numbers, mask_years
from sources.plan_document.skeleton import skeleton
from sources.plan_document.trends import find_trends, find_unmeasurable
from sources.plan_document.years import YearNamed, years_listed, years_named

_SENTENCE = re.compile(
    r"(?<!\bTP)(?<!\bQ)(?<!\bP)(?<!\bTX)(?<!\d)[.;](?:\s+|$)|(?<=\d)[.;]\s+(?=[A-ZĐÀ-Ỹ])|;\s+|\n"
)
_FEW_WORDS = 5
_LONGEST = 3000
_FIGURE = r"(?<![\d/.,:])(?!(?:19|20)\d\d\b)\d{1,4}(?![\d/])"
_LIKE_A_TARGET = re.compile(
    r"\d\s*(?:%|phan tram)"
    r"|\b(?:it nhat|toi thieu|toi da|khong qua|khong vuot qua|khong duoi|duoi|tren)"
    rf"\s+(?:[a-z]+\s+){{0,2}}{_FIGURE}"
    rf"|\b(?:giam|tang)\b(?! cuong)[^.;]{{0,60}}?{_FIGURE}"
)
"""What reads like a target, whether the grammar knows it or not."""
_NEAR = 100
_PAST = re.compile(r"\b(?:da dat|ket qua dat|(?<!thuc )hien dat|hien nay dat|nam truoc dat)\b")
_TO_YEAR = re.compile(r"\b(?:den|vao|trong|het|cuoi)\s+(?:het |cuoi )?nam (\d{4})\b")
_BY_THEN = re.compile(r"\b(?:đến|vào|hết|cuối) (?:hết |cuối )?năm \d{4}", re.IGNORECASE)
_FINISHED = re.compile(r"\b(?:hoan thanh|ban hanh|phe duyet|cong bo|dua vao)\b")
_CHILD = re.compile(r"\btrong (?:so )?do\b")
_EXCEPTION = re.compile(r"\brieng\b")
_EVERY_FIELD = re.compile(r"\b(?:tung|moi|tat ca(?: cac)?|o cac|tren cac) linh vuc\b")
_EVERY_AGENCY = re.compile(
    r"^\s*(?:(?:cac|so|tong so)\s+)*(?:co quan|don vi|so|ban|nganh|uy ban|ubnd|phong|xa|phuong|huyen|quan"
    r"|dia phuong)\b"
)
_STEP = re.compile(
    r"\b(?:tang|nang|giam)\s+(?:them\s+)?(?:dan\s+)?(?:deu\s+)?(?:dan\s+)?(?:them\s+)?(?:it nhat\s+"
    r"|toi thieu\s+|binh quan\s+)?"
    r"(\d{1,2}(?:[.,]\d+)?)\s*%\s*(?:/\s*nam|qua (?:tung|cac) nam|moi nam|hang nam|mot nam)"
    r"|\b(?:moi nam|hang nam|cac nam)(?: tiep theo| sau| ke tiep)?,?\s+(?:deu\s+)?(?:tang"
    r"|nang)\s+(?:them\s+)?"
    r"(?:it nhat\s+|toi thieu\s+|binh quan\s+)?(\d{1,2}(?:[.,]\d+)?)\s*%"
)


_OWN_SUBJECT = re.compile(r"\s*(?:so (?!voi)|ty le\b|luong\b|chi phi\b|thoi gian\b|ho so\b)")
"""What follows a step that is a target of its own: 'mỗi năm giảm 5% số hồ sơ giấy'."""


@dataclass(frozen=True)
class Passage:
    """Words of a plan that stand together: where, under which titles, for which years."""

    section: str
    text: str
    lines: tuple[int, ...]
    years: tuple[int, ...] = ()
    is_goal: bool = False
    task: str | None = None
    context: str = ""
    """Words beside it that say what it is about: the task of a row, where these are of a column of years."""
    restates: bool = False
    """It may say what the passages before it said: the product of a task."""


@dataclass
class TargetRead:
    """A target as read; `years` is empty where the text names none."""

    section: str
    bound: Bound | None
    clause: str
    words: str
    lines: tuple[int, ...]
    years: list[int]
    confidence: float = 0.5
    by_year: dict[int, Decimal] = field(default_factory=dict)
    every_field: bool = False
    every_agency: bool = False
    parent: TargetRead | None = None
    overrides: TargetRead | None = None
    unmeasurable: str | None = None
    notes: list[str] = field(default_factory=list)
    is_goal: bool = False
    context: str = ""
    paragraph: str = ""
    near: str = ""
    """The words next to the number, by which targets that are said twice are known."""
    also: list[str] = field(default_factory=list)
    restated: list[TargetRead] = field(default_factory=list)
    task: str | None = None

    @property
    def label(self) -> str:
        """A short draft of what is counted."""
        few = self.context and len(self.clause.split()) < _FEW_WORDS
        return shorten(f"{self.context.rstrip(' .;:')}: {self.clause}" if few else self.clause)

    @property
    def key(self) -> tuple[object, ...]:
        """What two targets that say the same agree in."""
        bound = self.bound
        if bound is None:
            return (None, self.unmeasurable)
        return (bound.comparator, bound.value, bound.high, bound.unit, tuple(sorted(self.by_year.items())))


@dataclass(frozen=True)
class Unread:
    """A sentence that looks like a target and gave none."""

    words: str
    lines: tuple[int, ...]


def read_targets(
    passages: list[Passage], plan_years: list[int], unread: list[Unread] | None = None
) -> list[TargetRead]:
    """The targets of the passages of one section, in the order of the text.

    Sentences that look like a target and gave none are added to `unread`.
    """
    found: list[TargetRead] = []
    for passage in passages:
        reader = _Reader(passage, plan_years)
        read = reader.read()
        if unread is not None:
            unread += reader.unread
        if passage.restates:
            said = {target.key for target in found}
            read = [target for target in read if target.key not in said]
        found += read
    return _merge_years(found)


class _Reader:
    def __init__(self, passage: Passage, plan_years: list[int]) -> None:
        self._passage = passage
        self._plan_years = plan_years
        self._found: list[TargetRead] = []
        self.unread: list[Unread] = []
        self._stepped: list[TargetRead] = []
        """Targets since a year was last named: what 'this rate rises by … each year' speaks of."""
        self._carried: int | None = None

    def read(self) -> list[TargetRead]:
        start = 0
        text = self._passage.text
        for match in [*_SENTENCE.finditer(text), None]:
            end = match.start() if match else len(text)
            for part in range(start, end, _LONGEST):  # nobody writes a longer sentence
                if text[part : min(part + _LONGEST, end)].strip():
                    self._read_or_note(text[part : min(part + _LONGEST, end)])
            start = match.end() if match else end
        self._share_year()
        return self._found

    def _share_year(self) -> None:
        """A paragraph that names one year at its end means all that it lists."""
        bare = [target for target in self._found if not target.years]
        named = {
            year.year for year in years_named(mask_years(skeleton(self._passage.text)), self._plan_years)
        }
        if len(named) == 1 and len(self._plan_years) > 1:
            for target in bare:
                target.years = [*named]
                target.confidence = round(target.confidence - 0.1, 2)

    def _read_or_note(self, text: str) -> None:
        before = len(self._found)
        said = self._sentence(text)
        if not said and len(self._found) == before and _LIKE_A_TARGET.search(mask_numbers(skeleton(text))):
            self.unread.append(Unread(text.strip(), self._passage.lines))

    def _sentence(self, text: str) -> bool:
        """Read a sentence; whether it speaks of targets that were found before it."""
        whole = skeleton(text)
        plain = mask_numbers(whole)
        if _PAST.search(plain):
            return False
        dated = mask_years(whole)
        named = years_named(dated, self._plan_years)
        if named and named[0].start <= 12:
            self._carried, self._stepped = named[0].year, []
        step = _STEP.search(plain)
        if step and not _OWN_SUBJECT.match(plain[step.end() :]) and self._take_step(step, dated):
            return True
        bounds = sorted([*_unlapped(find_bounds(plain), find_counts(plain))], key=lambda bound: bound.start)
        by_then = self._carried is not None and bool(_BY_THEN.search(self._passage.text))
        found = find_trends(plain, self._passage.is_goal, by_then and not bounds)
        trends = list(_unlapped(bounds, found))[len(bounds) :]
        bounds = sorted([*bounds, *trends], key=lambda bound: bound.start)
        for index, bound in enumerate(bounds):
            before = bounds[index - 1].end if index else 0
            after = bounds[index + 1].start if index + 1 < len(bounds) else len(text)
            self._target(text, plain, bound, before, after, dated)
        if not bounds and self._passage.is_goal and _FINISHED.search(plain) and self._by_date(text, named):
            return False
        if not bounds and (rule := find_unmeasurable(plain, self._passage.is_goal)):
            clause = clause_of(text, rule.start, rule.start, len(text), 0)
            self._add(None, clause, text, []).unmeasurable = rule.reason
        return False

    def _by_date(self, text: str, named: list[YearNamed]) -> bool:
        """A goal that is a day: 'hoàn thành … trước tháng 4', in the year named, else in each."""
        years = [year.year for year in named[:1]] or list(self._passage.years) or self._plan_years
        owed = [
            item for item in read_deadline(text, years).obligations if item.kind == "milestone" and item.due
        ]
        days = {item.due.year: item.due for item in owed if item.due is not None}
        if not days or len(owed) != len(days):
            return False
        values = {year: Decimal(f"{day:%Y%m%d}") for year, day in days.items()}
        first = next(iter(values.values()))
        target = self._add(
            Bound(BY_DATE, first, "date", 0, 0), clause_of(text, 0, 0, len(text), 0), text, list(values)
        )
        target.by_year = values if len(values) > 1 else {}
        target.confidence = 0.65
        return True

    def _target(self, text: str, plain: str, bound: Bound, before: int, after: int, dated: str) -> None:
        lead = plain[before : bound.start]
        clause = plain[before:after]
        clause_words = clause_of(text, bound.start, bound.end, after, before)
        clause_words = clause_words or clause_of(text, 0, 0, len(text), 0)
        years = self._years(bound, dated)
        if plain.startswith("nam sau", bound.start):
            years = list(self._plan_years)
        target = self._add(bound, clause_words, text, years)
        target.confidence = _confidence(bound, self._passage.is_goal)
        target.near = near_words(text, bound.start, bound.end, after, before)
        if before and not target.context and len(self._found) > 1:
            said_before = self._found[-2]  # 'cấp huyện 60%' goes on from it
            target.context = said_before.context or said_before.clause
        if bound.shares and len(self._found) > 1:
            target.near, target.clause = self._found[-2].near, self._found[-2].clause
        target.every_field = bool(_EVERY_FIELD.search(clause))
        share = bound.unit == "percent" and bound.value == 100
        target.every_agency = share and bool(_EVERY_AGENCY.match(plain[bound.end : after]))
        earlier = [other for other in self._found[:-1] if other.bound is not None and other.parent is None]
        if earlier and _CHILD.search(lead):
            target.parent = earlier[-1]
        elif len(self._found) > 1 and self._found[-2].parent is not None and before and _joins(lead):
            target.parent = self._found[-2].parent
        if earlier and _EXCEPTION.search(lead):
            target.overrides = earlier[-1]
        if bound.is_impossible:
            target.notes.append("văn bản ghi hơn 100%: đọc là 100%")
        self._doubt_year(target, dated, before)
        if target.parent is None:
            self._stepped.append(target)
        elif self._passage.years and not years_named(dated, self._plan_years):
            target.years = list(self._passage.years)  # 'in 2018' was said of its parent

    def _doubt_year(self, target: TargetRead, dated: str, before: int) -> None:
        """A number by a year that is none of the plan's is hardly a target of this plan."""
        if target.bound is None or not self._plan_years:
            return
        named = list(_TO_YEAR.finditer(dated, before, max(before, target.bound.start)))
        if named and int(named[-1].group(1)) not in self._plan_years:
            target.notes.append(f"năm {named[-1].group(1)} nằm ngoài các năm của kế hoạch")
            target.confidence = min(target.confidence, 0.5)

    def _add(self, bound: Bound | None, clause: str, words: str, years: list[int]) -> TargetRead:
        passage = self._passage
        target = TargetRead(passage.section, bound, clause, words.strip(), passage.lines, years)
        target.task, target.context, target.is_goal = passage.task, passage.context, passage.is_goal
        target.near, target.paragraph = clause, passage.text
        self._found.append(target)
        return target

    def _years(self, bound: Bound, dated: str) -> list[int]:
        """The year named last before the number, else first after it, else carried on, else of the titles."""
        named = years_named(dated, self._plan_years)
        before = [year for year in named if year.end <= bound.start]
        after = [year for year in named if year.start >= bound.end]
        if bound.baseline_year is not None:
            after = []
        if listed := years_listed(dated, self._plan_years):
            return listed
        if before or after:
            return [before[-1].year if before else after[0].year]
        if self._carried is not None:
            return [self._carried]
        return list(self._passage.years)

    def _take_step(self, step: re.Match[str], dated: str) -> bool:
        """'This rate rises by 10% each year' gives the targets before it a value in each year."""
        rise = Decimal((step.group(1) or step.group(2)).replace(",", "."))
        rise = -rise if step.group().startswith("giam") else rise
        sense = (GE, GT) if rise > 0 else (LE, LT)
        targets = [
            target
            for target in self._stepped
            if target.bound
            and target.bound.unit == "percent"
            and not target.by_year
            and target.bound.comparator in sense
        ]
        listed = years_listed(dated, self._plan_years)
        if not targets or not self._plan_years:
            return False
        for target in targets:
            bound = target.bound
            if bound is None:
                continue
            first = (target.years or listed or self._plan_years)[0]
            years = [year for year in (listed or self._plan_years) if year >= first]
            values = {
                year: min(max(bound.value + rise * (year - first), Decimal(0)), Decimal(100))
                for year in years
            }
            target.by_year, target.years = values, list(values)
            target.confidence = min(target.confidence, 0.75)
            target.notes.append(f"mỗi năm thêm {rise:f} điểm phần trăm")
        self._stepped, self._carried = [], None
        return True


def _joins(lead: str) -> bool:
    """Whether words between two numbers go on with the same list: ', có từ'."""
    return bool(re.match(r"\s*[^.;]{0,90}?(?:,|va)\s*(?:co\s+)?(?:tu\s+)?$", lead)) and "rieng" not in lead


def _unlapped(bounds: list[Bound], more: list[Bound]) -> Iterator[Bound]:
    yield from bounds
    for bound in more:
        if not any(bound.start < other.end and other.start < bound.end for other in bounds):
            yield bound


def _confidence(bound: Bound, is_goal: bool) -> float:
    confidence = 0.9 if bound.is_explicit else 0.8
    if bound.is_impossible or (bound.unit == "percent_change" and not bound.is_explicit):
        confidence -= 0.25
    if bound.unit.startswith("count") and not bound.is_explicit:
        confidence -= 0.1
    if bound.value == 0 or (bound.comparator == EQ and bound.unit == "count"):
        confidence -= 0.2
    return round(confidence + (0.05 if is_goal else -0.05), 2)


# ---------------------------------------------------------------- years side by side
def _merge_years(targets: list[TargetRead]) -> list[TargetRead]:
    """Targets of one section that differ in year and value alone are one target with a value in each year."""
    merged: list[TargetRead] = []
    for target in targets:
        near = merged[-_NEAR:]  # years of one target stand side by side
        same = next((other for other in near if _is_same_in_another_year(other, target)), None)
        if same is None or same.bound is None or target.bound is None:
            merged.append(target)
            continue
        if not same.by_year:
            same.by_year = dict.fromkeys(same.years, same.bound.value)
        same.by_year |= dict.fromkeys(target.years, target.bound.value)
        same.by_year = dict(sorted(same.by_year.items()))
        same.years = list(same.by_year)
        same.lines = (*same.lines, *(line for line in target.lines if line not in same.lines))
    for target in merged:
        if target.by_year and len(set(target.by_year.values())) == 1:
            target.by_year = {}
    return merged


def _is_same_in_another_year(one: TargetRead, other: TargetRead) -> bool:
    first, second = one.bound, other.bound
    if first is None or second is None or not one.years or not other.years:
        return False
    if (first.comparator, first.unit, first.high) != (second.comparator, second.unit, second.high):
        return False
    before = one.by_year or dict.fromkeys(one.years, first.value)
    if any(before.get(year, second.value) != second.value for year in other.years):
        return False  # another value in the same year: another target
    if one.task is None and first.unit == "percent":
        return one.clause.lower()[:20] == other.clause.lower()[:20] and one.years != other.years
    return (one.parent is None) == (other.parent is None) and (
        one.years != other.years or first.unit == "rank"
    )
