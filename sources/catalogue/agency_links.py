"""Checks of who came after whom: units that are known, on their days, and parts that make a whole."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from datetime import date

from sources.catalogue.agencies import Agency, Link
from sources.catalogue.agency_folder import Placed
from sources.catalogue.codes import known
from sources.catalogue.days_off import ONE_DAY


def check_links(links: list[Placed[Link]], spans: Mapping[str, list[Placed[Agency]]]) -> None:
    """Note every problem of the links, each in its own file."""
    wholes: dict[tuple[str, date], list[Placed[Link]]] = defaultdict(list)
    for entry in links:
        link = entry.item
        wholes[link.predecessor or link.label, link.effective_on].append(entry)
        for field_name, code in (("predecessor", link.predecessor), ("successor", link.successor)):
            if code is not None and code not in spans:
                entry.report(f"unknown agency {code!r} {known(spans, code)}", field_name)
        if link.successor == link.predecessor:
            entry.report("names the predecessor itself", "successor")
        if link.successor in spans and not _is_there(spans[link.successor], link.effective_on):
            entry.report(f"{link.successor!r} was not there on {link.effective_on}", "successor")
        if link.predecessor is not None and link.predecessor in spans:
            before = spans[link.predecessor]
            eve = link.effective_on - ONE_DAY
            if not _is_there(before, eve) or _is_there(before, link.effective_on):
                message = f"{link.predecessor!r} did not end on {eve}, the day before"
                entry.report(message, "effective_on")
    for (whole, _), parts in wholes.items():
        total = sum(part.item.weight for part in parts)
        if total != 1:
            lines = ", ".join(part.line for part in parts)
            parts[-1].report(f"the weights of {whole!r} add up to {total}, not to 1 ({lines})", "weight")
        successors = [part.item.successor for part in parts]
        for number, part in enumerate(parts):
            if part.item.successor in successors[:number]:
                part.report(f"{whole!r} and {part.item.successor!r} are linked twice", "successor")


def _is_there(spans: list[Placed[Agency]], on: date) -> bool:
    return any(span.item.is_valid(on) for span in spans)
