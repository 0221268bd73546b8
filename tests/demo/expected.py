"""What the year must come to, computed from the scenario alone: no warehouse, no dbt, no form is read.

Which files are held, refused or doubles of another is stated here by name, as docs/intake.md rules.
"""

from __future__ import annotations

from datetime import date

from sources.synthetic.generate import Generator, SyntheticFile
from sources.synthetic.scenario import Round

HELD = {"BT-P-BTD ban khac.xlsx", "BT-P-BHHA 2023-Q3.xlsx", "BT-P-BTDB 2023-Q3.xlsx"}
REFUSED = {"BT-DKDD bao cao.xlsx", "BT-CCT loi tai len.xlsx"}
DOUBLE = {"BT-VP gui lai.xlsx"}
FINDINGS = {
    "2023-Q1": {
        ("task_done_without_product", "BT-NV"),
        ("intake.task_unknown", "BT-TTR"),
        ("intake.cell_fraction", "BT-TP"),
        ("intake.identity_broken", "BT-P-BHH"),
        ("intake.identity_broken", "BT-P-TT"),
        ("intake.rate_over_received", "BT-P-BTDA"),
        ("intake.period_unknown", "UNKNOWN"),
    },
    "2023-H1": {
        ("task_progress_disagrees", "BT-VHTT"),
        ("intake.cell_number", "BT-GDDT"),
        ("intake.field_unknown", "BT-P-ALA"),
        ("intake.file_damaged", "UNKNOWN"),
        ("intake.second_first", "BT-P-BTD"),
    },
    "2023-Q3": {
        ("intake.neighbour_carried_over", "BT-P-AL"),
        ("intake.agency_code_disagrees", "BT-P-BHHA"),
        ("dossier_identical_to_other_agency", "BT-P-BTDB"),
        # what it copied does not follow on from its own first half
        ("intake.neighbour_carried_over", "BT-P-BTDB"),
    },
    "2023-Y": {("intake.neighbour_falls", "BT-KT")},
}
"""Every warning, error and fatal finding of the year: (rule, agency) by period.

What is merely unusual (formulas with cached values, total rows, normal form D, dashes, "Không phát sinh", a
file sent twice) gives none. What the reader said of a cell is not said again by a gate.
"""
DUE = {
    "2023-Q1": {"ward": date(2023, 3, 16), "other": date(2023, 3, 17)},
    "2023-H1": {"ward": date(2023, 6, 16), "other": date(2023, 6, 19)},
    "2023-Q3": {"ward": date(2023, 9, 15), "other": date(2023, 9, 18)},
    "2023-Y": {"ward": date(2023, 12, 15), "other": date(2023, 12, 18)},
}
Sheets = dict[str, dict[str, dict[str, object]]]


def counted_files(generator: Generator, reporting_round: Round) -> list[SyntheticFile]:
    """The files of a round whose figures count, in the order of arrival."""
    return [f for f in generator.files(reporting_round) if f.name not in HELD | REFUSED | DOUBLE]


def current_sheets(generator: Generator, reporting_round: Round) -> dict[str, Sheets]:
    """Agency → its current sheets: a replacement takes the place of all, a supplement of those it carries."""
    current: dict[str, Sheets] = {}
    for file in counted_files(generator, reporting_round):
        report = file.report
        carried: Sheets = {code: rows for code, rows in report.sheets.items() if code not in report.left_out}
        earlier = current.get(report.agency_code, {}) if file.delivery.kind == "supplement" else {}
        current[report.agency_code] = {**earlier, **carried}
    return current


def reporting_counts(generator: Generator, reporting_round: Round) -> dict[str, int]:
    """Agencies on time, late, missing and held in a round."""
    groups = {agency.code: agency.group for agency in generator.scenario.agencies}
    due = DUE[reporting_round.period]
    first: dict[str, date] = {}
    for file in counted_files(generator, reporting_round):
        first.setdefault(file.report.agency_code, file.received_at.date())
    held = {f.report.agency_code for f in generator.files(reporting_round) if f.name in HELD} - set(first)
    late = [c for c, day in first.items() if day > due["ward" if groups[c] == "ward" else "other"]]
    return {
        "agencies_expected": len(groups),
        "agencies_received": len(first),
        "agencies_on_time": len(first) - len(late),
        "agencies_late": len(late),
        "agencies_held": len(held),
        "agencies_missing": len(groups) - len(first) - len(held),
    }


def number(value: object) -> int | None:
    """What a reader makes of a count cell: "Không phát sinh" is zero; a dash and words are no figure."""
    if value == "Không phát sinh":
        return 0
    return value if isinstance(value, int) else None


def dossier_sums(sheets: dict[str, Sheets]) -> dict[str, int]:
    """Sums of the dossier parts over agencies and fields."""
    sums: dict[str, int] = {}
    for of_agency in sheets.values():
        for row in of_agency.get("dossier", {}).values():
            for column, value in row.items():
                sums[column] = sums.get(column, 0) + (number(value) or 0)
    return sums


def target_sums(sheets: dict[str, Sheets], target_code: str) -> tuple[int, int]:
    """Numerator and denominator of a target, summed over the agencies that state it."""
    rows = [of_agency.get("target", {}).get(target_code, {}) for of_agency in sheets.values()]
    stated = [row for row in rows if "denominator" in row]
    return sum(int(str(r["numerator"])) for r in stated), sum(int(str(r["denominator"])) for r in stated)
