"""What no schema can say about agencies: references, spans of validity, names that would mean two, counts."""

from __future__ import annotations

from collections import defaultdict
from datetime import date
from itertools import pairwise

from sources.catalogue.agencies import Agency
from sources.catalogue.agency_folder import AgencyFolder, Placed
from sources.catalogue.agency_links import check_links
from sources.catalogue.agency_names import spellings
from sources.catalogue.codes import known
from sources.catalogue.days_off import ONE_DAY
from sources.names import is_spoken_alike, spoken

Spans = dict[str, list[Placed[Agency]]]


def check_agencies(folder: AgencyFolder) -> None:
    """Note every problem of the agencies, collectives, codes, links and counts, each in its own file.

    A file that could not be read would make a stranger of every agency in it: then only that is said.
    """
    if folder.has_problems:
        return
    spans: Spans = defaultdict(list)
    for entry in folder.agencies:
        spans[entry.item.code].append(entry)
    if folder.agencies and not any(entry.item.key == 0 for entry in folder.agencies):
        folder.agencies[0].file.report(("agencies",), "key 0, the unknown agency, is missing")
    for entry in folder.agencies:
        _check_agency(entry, spans)
    _check_keys(folder.agencies)
    for of_one in spans.values():
        _check_overlaps(of_one)
    _check_names(folder.agencies)
    _check_collectives(folder, spans)
    _check_codes(folder, spans)
    check_links(folder.links, spans)
    _check_counts(folder)


def _check_agency(entry: Placed[Agency], spans: Spans) -> None:
    agency = entry.item
    if agency.last_day < agency.valid_from:
        entry.report(f"lies before valid_from {agency.valid_from}", "valid_to")
    if agency.reports and agency.parent is None:
        entry.report("an agency that reports needs a parent to report to", "reports")
    if agency.parent is None:
        return
    if agency.parent not in spans:
        entry.report(f"unknown agency {agency.parent!r} {known(spans, agency.parent)}", "parent")
        return
    circle = _circle(agency, spans)
    if circle:
        entry.report(f"the chain of parents comes back: {' → '.join(circle)}", "parent")
        return
    held = _joined([parent.item for parent in spans[agency.parent]])
    if not any(first <= agency.valid_from and agency.last_day <= last for first, last in held):
        side = "valid_from" if all(agency.valid_from < first for first, _ in held) else "valid_to"
        parents = ", ".join(_span(first, last) for first, last in held)
        own = _span(agency.valid_from, agency.last_day)
        entry.report(f"{own} is not within the span of its parent {agency.parent!r}, {parents}", side)


def _circle(agency: Agency, spans: Spans) -> list[str]:
    """The chain of parents, in any of their spans, that comes back to where it was; [] where none does."""
    chains = [[agency.code]]
    while chains:
        chain = chains.pop()
        for parent in {entry.item.parent for entry in spans.get(chain[-1], [])} - {None}:
            if parent in chain:
                return [*chain, str(parent)]
            chains.append([*chain, str(parent)])
    return []


def _joined(spans: list[Agency]) -> list[tuple[date, date]]:
    """Spans of validity, those that adjoin made one."""
    joined: list[tuple[date, date]] = []
    for span in sorted(spans, key=lambda item: item.valid_from):
        if joined and joined[-1][1] != date.max and span.valid_from <= joined[-1][1] + ONE_DAY:
            joined[-1] = (joined[-1][0], max(joined[-1][1], span.last_day))
        else:
            joined.append((span.valid_from, span.last_day))
    return joined


def _check_keys(agencies: list[Placed[Agency]]) -> None:
    codes: dict[int, Placed[Agency]] = {}
    keys: dict[str, Placed[Agency]] = {}
    for entry in agencies:
        same_key = codes.setdefault(entry.item.key, entry)
        same_code = keys.setdefault(entry.item.code, entry)
        for other in (same_key, same_code):
            if (other.item.key, other.item.code) != (entry.item.key, entry.item.code):
                what = f"key {entry.item.key} and code {entry.item.code!r}"
                theirs = f"key {other.item.key} and code {other.item.code!r}"
                entry.report(f"{what} do not go together with {theirs} in {other.line}", "key")
                break


def _check_overlaps(spans: list[Placed[Agency]]) -> None:
    for one, two in pairwise(sorted(spans, key=lambda entry: entry.item.valid_from)):
        if _overlap(one.item, two.item):
            two.report(f"span overlaps that of {one.line}, the same agency", "valid_from")


def _check_names(agencies: list[Placed[Agency]]) -> None:
    """A name for two agencies below one parent: nobody could ever tell which of them is meant."""
    seen: dict[tuple[str | None, str], list[tuple[str, Placed[Agency]]]] = defaultdict(list)
    for entry in agencies:
        for spelling in spellings(entry.item):
            if spelling.kind in ("bare", "local"):
                continue
            holders = seen[entry.item.parent, spelling.key]
            for name, other in holders:
                if (
                    other.item.code != entry.item.code
                    and _overlap(other.item, entry.item)
                    and is_spoken_alike(name, spoken(spelling.name))
                ):
                    entry.report(f"{spelling.name!r} would also mean {other.item.code!r} ({other.line})")
            holders.append((spelling.name, entry))


def _check_collectives(folder: AgencyFolder, spans: Spans) -> None:
    first: dict[str, str] = {}
    for entry in folder.collectives:
        collective = entry.item
        if collective.code in first:
            entry.report(f"code {collective.code!r} is given twice (first in {first[collective.code]})")
        first.setdefault(collective.code, entry.line)
        if collective.code in spans:
            entry.report(f"{collective.code!r} is the code of an agency", "code")
        if collective.parent not in spans:
            entry.report(f"unknown agency {collective.parent!r} {known(spans, collective.parent)}", "parent")
            continue
        below = _below(collective.parent, folder)
        for number, member in enumerate(collective.members):
            if not any(
                a.kind == member.kind
                and member.level in (None, a.level)
                and (a.parent == collective.parent or not collective.direct)
                for a in below
            ):
                entry.report(f"no agency of this kind below {collective.parent!r}", "members", number, "kind")


def _below(code: str, folder: AgencyFolder) -> list[Agency]:
    children: dict[str | None, list[Agency]] = defaultdict(list)
    for entry in folder.agencies:
        children[entry.item.parent].append(entry.item)
    below: list[Agency] = []
    seen = {code}
    codes = [code]
    while codes:
        found = children[codes.pop()]
        below += found
        codes += {agency.code for agency in found} - seen
        seen |= {agency.code for agency in found}
    return below


def _check_codes(folder: AgencyFolder, spans: Spans) -> None:
    seen: dict[tuple[str, date], str] = {}
    for entry in folder.codes:
        change = entry.item
        if change.code not in spans:
            entry.report(f"unknown agency {change.code!r} {known(spans, change.code)}", "code")
            continue
        if not any(span.item.is_valid(change.valid_from) for span in spans[change.code]):
            entry.report(f"{change.code!r} was not there on {change.valid_from}", "valid_from")
        if (change.code, change.valid_from) in seen:
            entry.report(f"given twice (first in {seen[change.code, change.valid_from]})", "valid_from")
        seen.setdefault((change.code, change.valid_from), entry.line)


def _check_counts(folder: AgencyFolder) -> None:
    for entry in folder.counts:
        count = entry.item
        listed = {held.item.code for held in folder.agencies if count.counts(held.item)}
        beside = set(filter(None, [count.beside]))
        for code in beside - listed:
            entry.report(f"{code!r} is no agency of what is counted {known(listed, code)}", "beside")
        if count.missing and not count.missing_vi:
            entry.report(f"{count.missing} are missing: say which in missing_vi", "missing_vi")
        have = len(listed - beside)
        if have + count.missing != count.known:
            found = f"{have} in the lists and {count.missing} missing"
            entry.report(f"{found} do not make {count.known} on {count.counted_on}", "known")


def _span(first: date, last: date) -> str:
    return f"{first} - {'open' if last == date.max else last}"


def _overlap(one: Agency, two: Agency) -> bool:
    return one.valid_from <= two.last_day and two.valid_from <= one.last_day
