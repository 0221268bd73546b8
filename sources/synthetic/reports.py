"""One agency's report for one period as rows by sheet, before it becomes a workbook, and its edits."""

from __future__ import annotations

import copy
from dataclasses import dataclass, field
from datetime import date

from sources.synthetic import simulation
from sources.synthetic.duties import PlanDuties, task_rows
from sources.synthetic.scenario import Delivery, Edit, Round, Scenario, Value
from warehouse.errors import DataFileError

Cell = Value | date
Row = dict[str, Cell]
"""Column code of the form → what is written."""


@dataclass
class Report:
    """What one workbook says. Rows are keyed by identity: field, `field/content`, `channel/kind`, code."""

    agency_code: str
    period_id: str
    info: dict[str, Cell]
    sheets: dict[str, dict[str, Row]]
    left_out: set[str] = field(default_factory=set)
    """Sheets that the workbook lacks."""
    total_row: bool = False
    formulas: tuple[str, ...] = ()
    truncate_to: float | None = None
    decomposed: bool = False


def dossier_rows(scenario: Scenario, agency_code: str, quarters: tuple[int, ...]) -> dict[str, Row]:
    """Rows of the sheet Hồ sơ TTHC, by field code."""
    return {
        profile.field: dict(
            simulation.dossier_counts(simulation.dossier_chain(scenario, profile, agency_code), quarters)
        )
        for profile in scenario.dossiers
        if agency_code in scenario.members(profile.agencies)
    }


def satisfaction_rows(scenario: Scenario, agency_code: str, quarters: tuple[int, ...]) -> dict[str, Row]:
    """Rows of the sheet Hài lòng, by `field/content`; a profile for one field overrides the general one."""
    handled = [p.field for p in scenario.dossiers if agency_code in scenario.members(p.agencies)]
    rows: dict[str, Row] = {}
    for profile in scenario.surveys:
        if agency_code in scenario.members(profile.agencies):
            for code in [profile.field] if profile.field else handled:
                counts = simulation.survey_counts(scenario, profile, code, agency_code, quarters)
                rows[f"{code}/{profile.content}"] = dict(counts)
    return rows


def feedback_rows(scenario: Scenario, agency_code: str, quarters: tuple[int, ...]) -> dict[str, Row]:
    """Rows of the sheet Phản ánh, kiến nghị, by `channel/kind`."""
    return {
        f"{p.channel}/{p.kind}": dict(simulation.feedback_counts(scenario, p, agency_code, quarters))
        for p in scenario.feedback
        if agency_code in scenario.members(p.agencies)
    }


def target_rows(scenario: Scenario, agency_code: str, round_no: int) -> dict[str, Row]:
    """Rows of the sheet Chỉ tiêu, by target code, as stated in the round of this number (from 0)."""
    rows: dict[str, Row] = {}
    size = scenario.agency(agency_code).size
    for profile in scenario.targets:
        if agency_code not in scenario.members(profile.agencies):
            continue
        code = f"{scenario.plan}/{profile.target}"
        rows.pop(code, None)
        share = profile.share[round_no] if profile.share else None
        count = profile.numerator[round_no] if profile.numerator else None
        if count is not None:
            rows[code] = {"numerator": count}
        elif share is not None and profile.denominator is not None:
            base = profile.denominator
            whole = round(
                (base if isinstance(base, int) else base[round_no]) * (size if profile.by_size else 1)
            )
            rows[code] = {"numerator": round(whole * share), "denominator": whole}
    return rows


def faithful_report(
    scenario: Scenario, duties: PlanDuties, reporting_round: Round, agency_code: str
) -> Report:
    """The report that the agency would send without any fault."""
    agency = scenario.agency(agency_code)
    round_no = scenario.rounds.index(reporting_round)
    quarters = reporting_round.quarters
    assessment: dict[str, Row] = {
        "1": {
            "results": "Dữ liệu tổng hợp: kết quả minh họa cho kỳ báo cáo",
            "limits": "Dữ liệu tổng hợp: hạn chế minh họa",
        }
    }
    return Report(
        agency_code=agency_code,
        period_id=reporting_round.period,
        info={
            "agency": agency.writes,
            "agency_code": agency_code,
            "period": reporting_round.period_label,
            "prepared_by": scenario.author,
            "signed_by": scenario.author,
            "signer_title": agency.signer_title,
        },
        sheets={
            "task": task_rows(scenario, duties, agency_code, reporting_round.cut_off),
            "target": target_rows(scenario, agency_code, round_no),
            "dossier": dossier_rows(scenario, agency_code, quarters),
            "satisfaction": satisfaction_rows(scenario, agency_code, quarters),
            "feedback": feedback_rows(scenario, agency_code, quarters),
            "figure": {},
            "assessment": assessment,
        },
    )


def delivered_report(
    scenario: Scenario,
    duties: PlanDuties,
    reporting_round: Round,
    delivery: Delivery,
    agency_code: str,
    sent_on: date,
) -> Report:
    """The report as one delivery of the scenario carries it, edits applied. `sent_on` dates it by default."""
    report = faithful_report(scenario, duties, reporting_round, agency_code)
    number = 10 + 40 * scenario.rounds.index(reporting_round) + 3 * (delivery.kind != "first")
    suffix = scenario.agency(agency_code).number_suffix
    report.info |= {
        "report_kind": delivery.kind,
        "report_date": delivery.report_date or sent_on,
        "document_number": f"{number}/{suffix}",
    }
    if delivery.kind != "first":
        report.info["amends"] = f"{number - 3}/{suffix}"
    for edit in delivery.edits:
        _apply(scenario, reporting_round, report, edit)
    return report


def _apply(scenario: Scenario, reporting_round: Round, report: Report, edit: Edit) -> None:
    if edit.cell:
        row = _row(report, edit, edit.cell.sheet, edit.cell.row)
        if edit.cell.add is not None:
            row[edit.cell.column] = _count(row, edit.cell.column) + edit.cell.add
        else:
            row[edit.cell.column] = edit.cell.value if edit.cell.value is not None else ""
    elif edit.row:
        report.sheets[edit.row.sheet][f"+{edit.fault}"] = dict(edit.row.values)
    elif edit.rate:
        row = _row(report, edit, "dossier", edit.rate.field)
        in_time = _count(row, "resolved_early") + _count(row, "resolved_on_time")
        report.sheets["target"][f"+{edit.fault}"] = {
            "target_code": edit.rate.target,
            "field_name": edit.rate.field,
            "reported_value": round(100 * in_time / _count(row, edit.rate.over), 2),
        }
    elif edit.info:
        report.info |= edit.info
    elif edit.copy_dossiers_of:
        report.sheets["dossier"] = copy.deepcopy(
            dossier_rows(scenario, edit.copy_dossiers_of, reporting_round.quarters)
        )
    elif edit.only_sheets is not None:
        report.left_out |= report.sheets.keys() - set(edit.only_sheets)
    else:
        report.left_out |= set(edit.without_sheets or ())
        report.total_row = report.total_row or bool(edit.total_row)
        report.formulas += edit.formulas or ()
        report.truncate_to = edit.truncate_to or report.truncate_to
        report.decomposed = report.decomposed or bool(edit.decomposed)


def _row(report: Report, edit: Edit, sheet: str, key: str) -> Row:
    try:
        return report.sheets[sheet][key]
    except KeyError:
        known = ", ".join(sorted(report.sheets.get(sheet, {}))) or "none"
        raise DataFileError(
            [
                f"scenario, fault '{edit.fault}' of {report.agency_code} {report.period_id}: "
                f"sheet '{sheet}' has no row '{key}'; rows: {known}"
            ]
        ) from None


def _count(row: Row, column: str) -> int:
    value = row[column]
    if not isinstance(value, int):
        raise DataFileError([f"scenario: column '{column}' holds {value!r}, expected a whole number"])
    return value
