"""Contradictions in the catalogue's own data: targets with two bounds, indices that do not add up."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal

from sources.catalogue.indices import IndicesFile, Result, Score
from sources.catalogue.plans import Comparator, PlanFile, Target, Unit
from sources.plan_findings.findings import DocumentFinding, listed_vi, number_vi

_SIGNS: dict[Comparator, str] = {
    "gt": "> ",
    "ge": "≥ ",
    "eq": "= ",
    "lt": "< ",
    "le": "≤ ",
    "rank_le": "hạng ≤ ",
}
_UNITS: dict[Unit, str] = {
    "percent": "%",
    "percent_change": "% thay đổi",
    "score": " điểm",
    "score_change": " điểm thay đổi",
    "months": " tháng",
    "count_per_quarter": " mỗi quý",
    "count_per_half": " mỗi 6 tháng",
    "count_per_year": " mỗi năm",
}


def catalogue_findings(plan: PlanFile, indices: IndicesFile | None = None) -> list[DocumentFinding]:
    """What a plan's targets and the results of its indices contradict; places are citations."""
    found = [*_restated(plan), *_overridden(plan)]
    if indices is not None:
        found += _indices(plan, indices)
    return found


def _restated(plan: PlanFile) -> Iterator[DocumentFinding]:
    for target in plan.targets:
        if not target.restated:
            continue
        bounds = [f"{_bound(target)} ở {target.citation}"]
        bounds += [
            f"{bound_vi(again.comparator, again.value, again.high, target.unit)} ở {again.citation}"
            for again in target.restated
        ]
        says = f"{target.label}: {listed_vi(bounds)}; lấy theo {target.citation}"
        cited = [target.citation, *(again.citation for again in target.restated)]
        yield _finding(plan, "target-restated", target.citation, cited, says)


def _overridden(plan: PlanFile) -> Iterator[DocumentFinding]:
    """A general bound with the exceptions that go before it."""
    for general in plan.targets:
        special = [target for target in plan.targets if target.overrides == general.code]
        if special:
            bounds = [f"{target.label} ({target.citation}) {_bound(target)}" for target in special]
            says = (
                f"{general.label} ({general.citation}) {_bound(general)}, nhưng {listed_vi(bounds)}: "
                "mức riêng thay mức chung"
            )
            cited = [general.citation, *(target.citation for target in special)]
            yield _finding(plan, "target-overridden", general.citation, cited, says)


def _indices(plan: PlanFile, indices: IndicesFile) -> Iterator[DocumentFinding]:
    """Results that the plan's document gives: against the whole, and against the baselines of its targets."""
    own = f"{plan.plan.cited_as},"
    results = [result for result in indices.results if result.source.startswith(own)]
    for result in results:
        total = result.sum_of_contents()
        read = [
            f"nội dung {part.content} hiểu là {_score_vi(part.score)}"
            for part in result.contents
            if part.read_as and part.score is not None
        ]
        if result.score is not None and total is not None and (total != result.score or read):
            says = f"{result.index} {result.year}: các nội dung cộng lại {_score_vi(total)}"
            says += f", tổng ghi {_score_vi(result.score)}: {_agrees(total == result.score, read)}"
            yield _finding(plan, "index-sum", _section(result, own), [_section(result, own)], says)
    for target in plan.targets:
        yield from _baseline(plan, target, results)


def _score_vi(score: Decimal) -> str:
    """A score with two decimals at least, as indices are published: 4.7 → 4,70."""
    exponent = score.as_tuple().exponent
    short = isinstance(exponent, int) and exponent > -2
    return number_vi(score.quantize(Decimal("0.01")) if short else score)


def _agrees(agrees: bool, read: list[str]) -> str:
    """Whether the contents make the total, and the readings that it rests on."""
    return ("khớp" if agrees else "không khớp") + (f", với {listed_vi(read)}" if read else "")


def _baseline(plan: PlanFile, target: Target, results: list[Result]) -> Iterator[DocumentFinding]:
    if target.index is None or target.baseline is None:
        return
    for result in results:
        if (result.index, result.year) != (target.index.code, target.baseline_year):
            continue
        parts: list[Score] = [part for part in result.contents if part.content == target.index.content]
        for given in parts if target.index.content else [result]:
            read = given.rank if target.unit == "rank" else given.score
            if read is not None and read != target.baseline:
                shown = number_vi if target.unit == "rank" else _score_vi
                says = (
                    f"{target.label}: mức so sánh năm {result.year} ghi {shown(target.baseline)}, "
                    f"kết quả {result.index} được hiểu là {shown(Decimal(read))}"
                )
                yield _finding(plan, "index-baseline", target.citation, [target.citation], says)


def bound_vi(comparator: Comparator, value: Decimal | None, high: Decimal | None, unit: Unit) -> str:
    """A bound as people read it: '≥ 90%', '20-30%', 'hạng ≤ 16', 'chậm nhất 31/03/2018'."""
    if value is None:
        return "không nêu mức"
    if comparator == "by_date":
        digits = f"{value:08.0f}"
        return f"chậm nhất {digits[6:]}/{digits[4:6]}/{digits[:4]}"
    number = f"{number_vi(value)}-{number_vi(high)}" if high is not None else number_vi(value)
    return f"{_SIGNS.get(comparator, '')}{number}{_UNITS.get(unit, '')}"


def _bound(target: Target) -> str:
    if target.by_year:
        steps = (
            f"{year}: {bound_vi(target.comparator, value, target.high, target.unit)}"
            for year, value in target.by_year.items()
        )
        return f"({'; '.join(steps)})"
    return bound_vi(target.comparator, target.value, target.high, target.unit)


def _section(result: Result, own: str) -> str:
    return result.source.removeprefix(own).strip()


def _finding(plan: PlanFile, check_code: str, subject: str, cited: list[str], says: str) -> DocumentFinding:
    places = ", ".join(dict.fromkeys(cited))
    return DocumentFinding(check_code, subject, f"{plan.plan.cited_as}, {places}", says)
