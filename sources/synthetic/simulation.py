"""Figures of a synthetic year, consistent by construction: dossiers, surveys and feedback by quarter window.

Each agency and field is a chain of four windows: what is pending at one cut-off is carried into the next.
A period's figures are sums over its windows (flows) and the stocks at its two ends, so that the six months
less the first quarter is the second quarter, and the identities of biểu II.06a/VPCP/KSTT hold.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass

from sources.synthetic.scenario import DossierProfile, FeedbackProfile, Scenario, SurveyProfile

Counts = dict[str, int]
"""Column code of a sheet → count."""

DOSSIER_FLOWS = (
    "received_online",
    "received_direct",
    "resolved_early",
    "resolved_on_time",
    "resolved_late",
    "apology_letters",
)


class Draw:
    """Numbers that follow from the seed and the words alone, in whatever order they are asked for."""

    def __init__(self, seed: str) -> None:
        self._seed = seed

    def unit(self, *words: object) -> float:
        """A number in [0, 1)."""
        text = "/".join([self._seed, *map(str, words)])
        return int.from_bytes(hashlib.sha256(text.encode()).digest()[:7]) / 2**56

    def around(self, middle: float, spread: float, *words: object) -> float:
        """A number within `spread` (a share) of `middle`."""
        return middle * (1 + spread * (2 * self.unit(*words) - 1))

    def whole(self, middle: float, spread: float, *words: object) -> int:
        """A whole number around `middle`; a fraction becomes one more with its own probability."""
        value = self.around(middle, spread, *words)
        return int(value) + (self.unit("round", *words) < value - int(value))


@dataclass(frozen=True)
class DossierWindow:
    """One field of one agency in one quarter window: the parts of the biểu, from which its totals follow."""

    received_online: int
    received_direct: int
    carried_over: int
    resolved_early: int
    resolved_on_time: int
    resolved_late: int
    pending_in_time: int
    pending_overdue: int
    apology_letters: int


def dossier_chain(scenario: Scenario, profile: DossierProfile, agency_code: str) -> list[DossierWindow]:
    """Four adjoining windows of one field of one agency."""
    agency = scenario.agency(agency_code)
    draw = Draw(f"{scenario.seed}/dossier/{agency_code}/{profile.field}")
    yearly = profile.yearly * agency.size
    stock = draw.whole(yearly * profile.days / 365, 0.2, "opening")
    windows = []
    for quarter, season in enumerate(scenario.season):
        received = draw.whole(yearly * season, 0.06, "received", quarter)
        online = min(received, draw.whole(received * profile.online, 0.1, "online", quarter))
        pending = min(stock + received, draw.whole(yearly * profile.days / 365, 0.25, "pending", quarter))
        resolved = stock + received - pending
        late_share = profile.late[quarter] * agency.late_factor[quarter]
        late = min(resolved, draw.whole(resolved * late_share, 0.12, "late", quarter))
        early = draw.whole((resolved - late) * profile.early, 0.04, "early", quarter)
        early = min(resolved - late, early)
        overdue = min(pending, draw.whole(pending * late_share * 0.8, 0.3, "overdue", quarter))
        windows.append(
            DossierWindow(
                received_online=online,
                received_direct=received - online,
                carried_over=stock,
                resolved_early=early,
                resolved_on_time=resolved - late - early,
                resolved_late=late,
                pending_in_time=pending - overdue,
                pending_overdue=overdue,
                apology_letters=min(late, draw.whole(late * profile.letters, 0.0, "letters", quarter)),
            )
        )
        stock = pending
    return windows


def dossier_counts(windows: list[DossierWindow], quarters: tuple[int, ...]) -> Counts:
    """The row of the sheet Hồ sơ TTHC for a period that spans these quarters (1-4)."""
    span = [windows[q - 1] for q in quarters]
    counts: Counts = {name: sum(getattr(w, name) for w in span) for name in DOSSIER_FLOWS}
    counts["carried_over"] = span[0].carried_over
    counts["pending_in_time"] = span[-1].pending_in_time
    counts["pending_overdue"] = span[-1].pending_overdue
    counts["received_total"] = counts["received_online"] + counts["received_direct"] + counts["carried_over"]
    counts["resolved_total"] = counts["resolved_early"] + counts["resolved_on_time"] + counts["resolved_late"]
    counts["pending_total"] = counts["pending_in_time"] + counts["pending_overdue"]
    return counts


def survey_counts(
    scenario: Scenario, profile: SurveyProfile, field: str | None, agency_code: str, quarters: tuple[int, ...]
) -> Counts:
    """The row of the sheet Hài lòng: forms sent, returned, valid, satisfied, summed over the quarters."""
    draw = Draw(f"{scenario.seed}/survey/{agency_code}/{field}/{profile.content}")
    size = scenario.agency(agency_code).size
    counts: Counts = dict.fromkeys(("sent", "returned", "valid", "satisfied"), 0)
    for quarter in quarters:
        sent = max(1, draw.whole(profile.yearly * size * scenario.season[quarter - 1], 0.1, "sent", quarter))
        returned = min(sent, draw.whole(sent * 0.96, 0.03, "returned", quarter))
        valid = min(returned, draw.whole(returned * 0.985, 0.01, "valid", quarter))
        satisfied = min(valid, round(valid * draw.around(profile.satisfied[quarter - 1], 0.008, quarter)))
        for name, value in (
            ("sent", sent),
            ("returned", returned),
            ("valid", valid),
            ("satisfied", satisfied),
        ):
            counts[name] += value
    return counts


def feedback_counts(
    scenario: Scenario, profile: FeedbackProfile, agency_code: str, quarters: tuple[int, ...]
) -> Counts:
    """The row of the sheet Phản ánh, kiến nghị: a chain like the dossiers', with few pending."""
    draw = Draw(f"{scenario.seed}/feedback/{agency_code}/{profile.channel}/{profile.kind}")
    size = scenario.agency(agency_code).size
    stock = draw.whole(profile.yearly * size * 0.02, 0.5, "opening")
    counts: Counts = dict.fromkeys(("received", "resolved_on_time", "resolved_late", "published"), 0)
    for quarter, season in enumerate(scenario.season, start=1):
        received = draw.whole(profile.yearly * size * season, 0.2, "received", quarter)
        pending = min(stock + received, draw.whole(received * 0.06, 0.5, "pending", quarter))
        resolved = stock + received - pending
        late = min(resolved, draw.whole(resolved * profile.late, 0.4, "late", quarter))
        published = min(resolved, draw.whole(resolved * profile.published, 0.0, "published", quarter))
        if quarter == quarters[0]:
            counts["carried_over"] = stock
        if quarter in quarters:
            counts["received"] += received
            counts["resolved_on_time"] += resolved - late
            counts["resolved_late"] += late
            counts["published"] += published
            counts["pending"] = pending
            counts["pending_overdue"] = 0
        stock = pending
    return counts
