"""Reporting discipline: who owed a report, when it came, which version counts."""

from __future__ import annotations

from collections import Counter
from typing import Any

from review.display import NOTHING, Ratio, number
from review.evidence import Evidence
from review.marts import Marts
from review.tables import Chapter, Chart, Column, Table
from review.wording import AGENCY_KINDS, VOCABULARIES

COLUMNS = [
    Column("agency_name", "Cơ quan", width=34),
    Column("kind", "Loại", where="book", width=22),
    Column("reporting_state", "Tình trạng", "state", vocabulary="reporting", width=16),
    Column("due_date", "Hạn nộp", "day", width=12),
    Column("received_on", "Ngày nhận bản được tính", "day", width=14),
    Column("days_late", "Số ngày trễ", "count", quiet=True, width=9),
    Column("first_received_at", "Nhận lần đầu", "moment", where="book", width=17),
    Column("deliveries", "Số lần gửi", "count", width=9),
    Column("amended", "Sửa đổi", "small", width=22),
    Column("held_deliveries", "Tạm giữ", "count", quiet=True, width=9),
    Column("refused_deliveries", "Từ chối", "count", quiet=True, width=9),
    Column("current_document_number", "Số văn bản", where="book", width=18),
    Column("current_delivery_id", "Tệp được tính", "file", width=12),
    Column("current_file_name", "Tên tệp", where="book", width=34),
]


def _amended(row: dict[str, Any]) -> str:
    parts = []
    if row["replacements"]:
        parts.append(f"{number(row['replacements'])} bản thay thế")
    if row["supplements"]:
        parts.append(f"{number(row['supplements'])} bản bổ sung")
    return ", ".join(parts)


def chapter(marts: Marts, _evidence: Evidence) -> Chapter:
    """Reporting discipline by agency, and by kind of agency as a chart."""
    rows = [
        dict(row)
        | {
            "kind": AGENCY_KINDS.get(row["agency_kind"], row["agency_kind"]),
            "amended": _amended(dict(row)),
            "days_late": row["days_late"] or None,
            **{key: row[key] or None for key in ("held_deliveries", "refused_deliveries")},
        }
        for row in marts.reporting
    ]
    states = Counter((row["kind"], row["reporting_state"]) for row in rows)
    kinds = list(dict.fromkeys(row["kind"] for row in rows))
    chart = Chart(
        "bao-cao",
        "Tình trạng nộp báo cáo theo loại cơ quan",
        kinds,
        [
            (state.label, state.tone, [states[kind, code] for kind in kinds])
            for code, state in VOCABULARIES["reporting"].items()
        ],
        "cơ quan",
    )
    city = marts.city
    amended = sum(1 for row in rows if row["amended"])
    on_time = Ratio(city["agencies_on_time"], city["agencies_expected"])
    return Chapter(
        "bao-cao",
        "Chấp hành chế độ báo cáo",
        sentences=[
            f"{number(on_time.numerator)} trong {number(on_time.denominator)} cơ quan phải báo cáo đã nộp"
            " đúng hạn;"
            f" {number(amended)} cơ quan có bản thay thế hoặc bổ sung.",
            f"Tệp đã nhận: {number(city['deliveries_received'])}; được tính"
            f" {number(city['deliveries_counted'])},"
            f" tạm giữ {number(city['deliveries_held'])}, từ chối {number(city['deliveries_refused'])};"
            " số còn lại là bản đã được thay hoặc gửi trùng."
            f" Dấu {NOTHING} nghĩa là không có.",
        ],
        charts=[chart],
        tables=[Table("bao-cao", "Từng cơ quan", COLUMNS, rows, sheet="Báo cáo nộp")],
    )
