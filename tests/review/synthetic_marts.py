"""Marts filled with DỮ LIỆU TỔNG HỢP (synthetic): the contract's columns, plausible rows, hostile texts."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any

import sqlalchemy as sa

from tests.review.mart_columns import COLUMNS, INT, PLACE, TIME, WITHOUT_PERIOD
from tests.review.synthetic_world import AREAS, AS_OF, FIELDS, HOSTILE, PERIODS, agencies


def _digest(number: int) -> str:
    return f"{number:064x}"


def _dossiers(scale: int, derived: bool) -> list[dict[str, Any]]:
    rows = []
    for agency in agencies():
        if agency["agency_code"] in ("BT-P-3", "BT-NV"):
            continue  # missing, and an agency that handles no procedures
        for place, (field, name) in enumerate(FIELDS.items()):
            base = 40 * scale + 17 * agency["sort_order"] + 60 * place
            late = 7 if (field, agency["agency_code"]) == ("dat-dai", "BT-TNMT") else int(place == 0)
            online, carried = base // 2, base // 10
            direct = base - online
            pending, overdue = base // 12, int(late > 1)
            resolved = online + direct + carried - pending
            early = resolved // 3
            row = {
                "agency_code": agency["agency_code"],
                "agency_name": agency["agency_name"],
                "field_code": field,
                "field_name": name,
                "received_total": base
                + carried
                + (3 if agency["agency_code"] == "BT-P-2" and place == 1 else 0),
                "received_online": online,
                "received_direct": direct,
                "carried_over": carried,
                "resolved_total": resolved,
                "resolved_early": early,
                "resolved_on_time": resolved - early - late,
                "resolved_late": late,
                "pending_total": pending,
                "pending_in_time": pending - overdue,
                "pending_overdue": overdue,
                "received_total_computed": base + carried,
                "resolved_total_computed": resolved,
                "pending_total_computed": pending,
                "resolved_in_time": resolved - late,
                "apology_letters": late - int(late > 1),
                "is_derived": derived,
                "delivery_id": 100 + agency["sort_order"],
                "file_sha256": _digest(agency["sort_order"]),
                "sheet_name": "Hồ sơ TTHC",
                "sheet_row": 6 + place,
            }
            rows.append(row)
    return rows


def _reporting() -> list[dict[str, Any]]:
    rows = []
    for agency in agencies():
        state = {"BT-P-3": "missing", "BT-P-4": "late", "BT-P-5": "held"}.get(
            agency["agency_code"], "on_time"
        )
        came = state in ("on_time", "late")
        number = agency["sort_order"]
        rows.append(
            agency
            | {
                "due_date": date(2023, 3, 17),
                "is_due_date_assumed": True,
                "is_agency_assumed": agency["agency_kind"] == "ward",
                "reporting_state": state,
                "first_received_at": datetime(2023, 3, 16 if state == "on_time" else 20, 2, 5, tzinfo=UTC)
                if came
                else None,
                "received_on": date(2023, 3, 16 if state == "on_time" else 20) if came else None,
                "days_late": 3 if state == "late" else None,
                "deliveries": 0 if state == "missing" else 1 + (number == 1),
                "replacements": int(number == 1),
                "supplements": 0,
                "held_deliveries": int(state == "held"),
                "refused_deliveries": 0,
                "current_delivery_id": 100 + number if came else None,
                "current_file_name": f"bao-cao-{number}.xlsx" if number != 14 else HOSTILE,
                "current_file_sha256": _digest(number) if came else None,
                "current_document_number": f"{40 + number}/BC-UBND" if came else None,
            }
        )
    return rows


def _targets() -> list[dict[str, Any]]:
    outcomes = [
        ("2", "Hồ sơ giải quyết đúng hạn, mọi lĩnh vực", "percent", "≥ 98 %", "97.4", 390, 400, "missed"),
        ("2", "Có thư xin lỗi khi hồ sơ trễ hạn", "percent", "= 100 %", "100", 12, 12, "met"),
        ("2", "Hồ sơ trễ hạn của lĩnh vực đất đai", "percent", "< 3 %", "1.2", 12, 1000, "met"),
        ("0", "Bài tuyên truyền mỗi quý", "count_per_quarter", "≥ 1 bài/quý", "3", 3, None, "met"),
        ("5", "Giải ngân vốn đầu tư công", "percent", "≥ 90 %", None, None, None, "no_data"),
        ("6", "Hồ sơ trực tuyến mức độ cao", "percent", "≥ 50 %", None, 0, 0, "not_applicable"),
        ("3", "Nâng chất lượng bộ máy", "none", "không nêu số", None, None, None, "not_measurable"),
        ("2", HOSTILE, "percent", "≥ 95 %", "99.96", 2499, 2500, "met"),
    ]
    return [
        {
            "target_code": f"BT-2022-7679/CT-II.{place}.a",
            "year": 2023,
            "target_order": place,
            "area_code": area,
            "target_label": label,
            "comparator": "ge",
            "unit_of_measure": unit,
            "low_value": 90,
            "high_value": None,
            "target_text_vi": text,
            "quantifier": "every_field" if place == 1 else "overall",
            "roll_up": "sum" if place != 4 else "own",
            "agencies_expected": 13,
            "agencies_covered": 12,
            "numerator": above,
            "denominator": below,
            "value": value,
            "outcome": outcome,
            "fields_total": 4,
            "fields_met": 3,
            "failing_text_vi": "Đất đai (Phòng Tài nguyên và Môi trường)" if outcome == "missed" else None,
            "is_measurable": outcome != "not_measurable",
            "is_ambiguous": place == 5,
            "ambiguity_reason": "Mục II.8 ghi ≥ 90, mục III.6.3 ghi > 90." if place == 5 else None,
            "citation": f"7679/QĐ-UBND, II.{place}",
            "also_cited_text": "7679/QĐ-UBND, III.6.3" if place == 5 else None,
            "is_assumed": place in (4, 5),
        }
        for place, (area, label, unit, text, value, above, below, outcome) in enumerate(outcomes, 1)
    ]


def _tasks() -> list[dict[str, Any]]:
    states = ["done", "done_late", "overdue", "running", "not_due", "not_arisen", "awaiting", "running"]
    rows = []
    for place, state in enumerate(states * 2, 1):
        done = state in ("done", "done_late")
        rows.append(
            {
                "task_code": f"BT-2022-7679/{place}",
                "area_code": list(AREAS)[place % len(AREAS)],
                "task_order": place,
                "stt": f"{1 + place // 6}.{place % 6 + 1}",
                "task_label": f"Nhiệm vụ minh họa số {place}: rà soát, công khai quy trình giải quyết thủ"
                " tục",
                "product_label": "Kế hoạch, báo cáo",
                "deadline_label": "Trong năm 2023" if place % 3 else "Quý I: kế hoạch; Quý II, III: kiểm tra",
                "next_due_date": None
                if state in ("not_arisen", "awaiting")
                else date(2023, 3 + 3 * (place % 4), 30),
                "task_state": state,
                "leads_total": 2,
                "leads_done": 2 if done else 1,
                "lead_names": "Phòng Nội vụ; Văn phòng Ủy ban nhân dân quận",
                "obligations_total": 4,
                "obligations_done": 4 if done else 1,
                "obligations_overdue": 1 if state == "overdue" else 0,
                "products_text": f"12{place}/KH-UBND (05/02/2023)" if done else None,
                "difficulties_text": "- Thiếu nhân sự chuyên trách" if state == "overdue" else None,
                "citation": f"7679/QĐ-UBND, Phụ lục, dòng {place}",
                "is_assumed": place % 5 == 0,
            }
        )
    rows[3]["difficulties_text"], rows[4]["product_label"] = HOSTILE, "+84 công văn"
    return rows


def _findings() -> list[dict[str, Any]]:
    kinds = [
        ("fatal", "held", "BT-P-5", 105),
        ("error", "intake.identity", "BT-P-2", 108),
        ("warning", "core_hundred", "BT-VP", 101),
        ("note", "intake.hidden_row", "BT-VP", 101),
        ("error", "intake.hostile", "BT-P-X", 114),
    ]
    names = {agency["agency_code"]: agency["agency_name"] for agency in agencies()}
    return [
        {
            "finding_code": f"intake:{place}",
            "gate": "intake",
            "rule_id": rule,
            "severity": severity,
            "severity_order": ["fatal", "error", "warning", "note"].index(severity),
            "agency_code": code,
            "agency_name": names[code],
            "delivery_id": delivery,
            "file_name": f"bao-cao-{delivery - 100}.xlsx",
            "sheet_name": "Hồ sơ TTHC",
            "cell": f"C{6 + place}",
            "given": HOSTILE if rule == "intake.hostile" else "103",
            "expected": "100 (= trực tuyến + trực tiếp + từ kỳ trước)",
            "message_vi": "Tổng số tiếp nhận không bằng tổng các phần.",
            "is_waived": severity == "warning",
            "is_current": severity != "fatal",
        }
        for place, (severity, rule, code, delivery) in enumerate(kinds, 1)
    ]


def _evidence(dossiers: list[dict[str, Any]]) -> list[dict[str, Any]]:
    rows = []
    for row in dossiers:
        figures = [("dossier", "HS-TTHC", "H{0}+I{0}; G{0}", None)]
        figures.append(("target", "BT-2022-7679/CT-II.1.a", "H{0}+I{0}", "7679/QĐ-UBND, II.1"))
        if row["field_code"] == "dat-dai":
            figures.append(("target", "BT-2022-7679/CT-II.8.a", "J{0}", "7679/QĐ-UBND, II.8"))
        rows += [
            {
                "figure_kind": kind,
                "figure_code": code,
                "agency_code": row["agency_code"],
                "agency_name": row["agency_name"],
                "field_code": row["field_code"],
                "field_name": row["field_name"],
                "value_text": "98,2 %",
                "numerator": row["resolved_in_time"],
                "denominator": row["resolved_total_computed"],
                "delivery_id": row["delivery_id"],
                "file_name": HOSTILE
                if row["delivery_id"] == 114
                else f"bao-cao-{row['delivery_id'] - 100}.xlsx",
                "file_sha256": row["file_sha256"],
                "sheet_name": "Hồ sơ TTHC",
                "cells": cells.format(row["sheet_row"]),
                "citation": citation,
            }
            for kind, code, cells, citation in figures
        ]
    return rows


def _due(start: date) -> list[dict[str, Any]]:
    """Each of the first eight agencies has an open duty and one that is done; the last has a hostile text."""
    return [
        {key: agency[key] for key in ("agency_code", "agency_name", "sort_order")}
        | {
            "task_code": f"BT-2022-7679/{place}",
            "obligation_no": number,
            "task_order": place,
            "stt": f"1.{place}",
            "task_label": HOSTILE if place == 8 else f"Nhiệm vụ minh họa số {place}",
            "product_label": "Báo cáo",
            "obligation_label": "Quý III: kiểm tra",
            "due_date": date(start.year + 1, 9, 20 + number),
            "obligation_state": state,
            "citation": f"7679/QĐ-UBND, PL.1.{place}",
        }
        for place, agency in enumerate(agencies()[:8], 1)
        for number, state in enumerate(("not_due", "done_early"), 1)
    ]


OF_THE_UNIT: dict[str, list[dict[str, Any]]] = {
    "review_index": [
        {"index_code": "PAPI", "content_no": 0, "year": 2022, "target_code": "*", "index_label": "PAPI"}
        | {
            "score": 41.5,
            "rank": 30,
            "ranked_of": 63,
            "outcome": "no_target",
            "figure_source": "Báo cáo 2022",
        }
        | {"is_figure_assumed": True},
        {"index_code": "PAPI", "content_no": 0, "year": 2023, "target_code": "X/CT-1", "index_label": "PAPI"}
        | {"score_before": 41.5, "rank_before": 30, "target_order": 1, "target_label": "PAPI vào nhóm 16"}
        | {"target_text_vi": "hạng ≤ 16", "outcome": "no_data", "target_citation": "3897/QĐ-UBND, II.1.2"}
        | {"is_ambiguous": True, "ambiguity_reason": HOSTILE, "is_figure_assumed": False},
        {"index_code": "PAPI", "content_no": 0, "year": 2024, "target_code": "X/CT-1", "index_label": "PAPI"}
        | {"target_label": "năm sau", "outcome": "no_data", "is_figure_assumed": False},
    ],
    "review_plan_finding": [
        {"plan_code": "BT-2022-7679", "finding_code": "reviewed:1", "plan_label": "Kế hoạch 2023"}
        | {"cited_as": "7679/QĐ-UBND", "year_from": 2023, "year_to": 2023, "finding_order": 1}
        | {"citations_text": "7679/QĐ-UBND, II.8; 7679/QĐ-UBND, III.6.3", "found_by": "reading"}
        | {
            "says_vi": "II.8 ghi ≥ 90, III.6.3 ghi > 90",
            "read_as_vi": "≥ 90",
            "why_vi": "mục tiêu đứng trước",
        }
        | {"is_reviewed": True},
        {"plan_code": "BT-2022-7679", "finding_code": "computed:1", "plan_label": "Kế hoạch 2023"}
        | {"cited_as": "7679/QĐ-UBND", "year_from": 2023, "year_to": 2023, "citations_text": "106/2020/NĐ-CP"}
        | {"says_vi": f"ghi hai ngày {HOSTILE}", "found_by": "computation", "is_reviewed": False},
        {"plan_code": "OLD", "finding_code": "reviewed:1", "plan_label": "Kế hoạch cũ", "cited_as": "OLD"}
        | {"year_from": 2018, "year_to": 2020, "finding_order": 1, "citations_text": "OLD, 1"}
        | {"says_vi": "của năm khác", "found_by": "reading", "is_reviewed": True},
    ],
}
"""Rows of the marts that belong to years: 2023, the year before, and others that a review leaves out."""


def _city(period: tuple[Any, ...], dossiers: list[dict[str, Any]]) -> dict[str, Any]:
    period_id, label, order, derived, start, end, evaluated = period
    sums = {
        f"dossiers_{key}": sum(row[source] for row in dossiers)
        for key, source in {
            "received_total": "received_total_computed",
            "received_online": "received_online",
            "received_direct": "received_direct",
            "carried_over": "carried_over",
            "resolved_total": "resolved_total_computed",
            "resolved_in_time": "resolved_in_time",
            "resolved_late": "resolved_late",
            "pending_total": "pending_total_computed",
            "pending_overdue": "pending_overdue",
        }.items()
    }
    row: dict[str, Any] = {
        name: None if derived else 0 for name, kind in COLUMNS["review_city"].items() if kind is INT
    }
    row |= {
        "unit_name": "Ủy ban nhân dân quận Bình Tân",
        "period_id": period_id,
        "period_label": label,
        "year": 2023,
        "period_order": order,
        "is_derived": derived,
        "as_of": AS_OF,
        "evaluated_on": evaluated,
        "window_start": start,
        "window_end": end,
        "calendar_source": "09/2019/NĐ-CP; hạn nộp và ngày sơ kết là giả định",
        "is_calendar_assumed": True,
        "dossier_agencies_covered": 12,
        "apology_letters": sum(r["apology_letters"] for r in dossiers),
        "satisfaction_valid": 520 + order,
        "satisfaction_satisfied": 499,
        "feedback_received": 31,
        "feedback_resolved_on_time": 27,
        "feedback_resolved_late": 1,
        "feedback_pending": 3,
        "feedback_published": 25,
        **sums,
    }
    if not derived:
        row |= {
            "agencies_expected": 14,
            "agencies_received": 13,
            "agencies_on_time": 11,
            "agencies_late": 1,
            "agencies_missing": 1,
            "agencies_held": 1,
            "tasks_total": 16,
            "tasks_done": 4,
            "tasks_overdue": 2,
            "tasks_running": 4,
            "tasks_other": 6,
            "obligations_total": 64,
            "obligations_done_early": 5,
            "obligations_done_on_time": 18,
            "obligations_done_late": 4,
            "obligations_running": 12,
            "obligations_overdue": 2,
            "obligations_not_due": 17,
            "obligations_not_arisen": 3,
            "obligations_awaiting": 3,
            "targets_total": 8,
            "targets_met": 4,
            "targets_missed": 1,
            "targets_no_data": 1,
            "targets_not_applicable": 1,
            "targets_not_measurable": 1,
            "deliveries_received": 15,
            "deliveries_counted": 12,
            "deliveries_held": 1,
            "deliveries_refused": 1,
            "findings_fatal": 1,
            "findings_error": 2,
            "findings_warning": 1,
            "findings_note": 1,
        }
    return row


def _areas(targets: list[dict[str, Any]], tasks: list[dict[str, Any]]) -> list[dict[str, Any]]:
    def count(rows: list[dict[str, Any]], area: str, key: str, *values: str) -> int:
        return sum(row["area_code"] == area and row[key] in values for row in rows)

    return [
        {
            "area_code": code,
            "area_label": label,
            "sort_order": place,
            "tasks_total": sum(row["area_code"] == code for row in tasks),
            "tasks_done": count(tasks, code, "task_state", "done", "done_late"),
            "tasks_overdue": count(tasks, code, "task_state", "overdue"),
            "targets_total": sum(row["area_code"] == code for row in targets),
            **{
                f"targets_{outcome}": count(targets, code, "outcome", outcome)
                for outcome in ("met", "missed", "no_data", "not_applicable", "not_measurable")
            },
        }
        for place, (code, label) in enumerate(AREAS.items())
    ]


def rows_of(period: tuple[Any, ...]) -> dict[str, list[dict[str, Any]]]:
    """The rows of every mart for one period."""
    derived = period[3]
    dossiers = _dossiers(period[2], derived)
    rows: dict[str, list[dict[str, Any]]] = {
        "review_city": [_city(period, dossiers)],
        "review_dossier": dossiers,
    }
    if not derived:
        targets, tasks = _targets(), _tasks()
        rows |= {
            "review_area": _areas(targets, tasks),
            "review_target": targets,
            "review_task": tasks,
            "review_reporting": _reporting(),
            "review_finding": _findings(),
            "review_evidence": _evidence(dossiers),
            "review_task_due": _due(period[4]),
            "review_agency": [
                agency | {"satisfaction_valid": 40, "satisfaction_satisfied": 38, "feedback_received": 2}
                for agency in agencies()
            ],
        }
    return rows


def _place(mart: str) -> dict[str, Any]:
    return {name: kind for name, kind in PLACE.items() if name != "period_id" or mart not in WITHOUT_PERIOD}


def create(engine: sa.Engine) -> None:
    """Make the marts and fill three periods: a quarter, a derived one, a half year."""
    metadata = sa.MetaData()
    tables = {
        name: sa.Table(
            name,
            metadata,
            *(sa.Column(key, kind) for key, kind in {**_place(name), **columns}.items()),
            schema="marts",
        )
        for name, columns in COLUMNS.items()
    }
    serving = sa.Table(
        "serving",
        metadata,
        sa.Column("build_id", INT),
        sa.Column("as_of", TIME),
        sa.Column("promoted_at", TIME),
        schema="marts",
    )
    with engine.begin() as connection:
        metadata.drop_all(connection)
        metadata.create_all(connection)
        for period in PERIODS:
            place = {"unit_code": "BT", "period_id": period[0]}
            for name, rows in rows_of(period).items():
                connection.execute(
                    sa.insert(tables[name]),
                    [dict.fromkeys(COLUMNS[name]) | row | place for row in rows],
                )
        for name, rows in OF_THE_UNIT.items():
            of_unit = {"unit_code": "BT"}
            connection.execute(
                sa.insert(tables[name]), [dict.fromkeys(COLUMNS[name]) | row | of_unit for row in rows]
            )
        connection.execute(sa.insert(serving), {"build_id": 7, "as_of": AS_OF, "promoted_at": AS_OF})
        connection.exec_driver_sql("grant select on all tables in schema marts to cchc_bi")
