"""Dossiers of administrative procedures: flow by agency and by field, rates recomputed from counts."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from review.display import Ratio, number, total
from review.evidence import DOSSIER_FIGURE, Evidence, order_of_agencies
from review.marts import Marts, Row
from review.tables import Chapter, Chart, Column, Table

FLOW = [
    Column("received_total", "Tiếp nhận: tổng", "count", width=11),
    Column("received_online", "Tiếp nhận: trực tuyến", "count", width=11),
    Column("received_direct", "Tiếp nhận: trực tiếp, bưu chính", "count", width=11),
    Column("carried_over", "Tiếp nhận: từ kỳ trước", "count", width=11),
    Column("resolved_total", "Đã giải quyết: tổng", "count", width=11),
    Column("resolved_early", "Đã giải quyết: trước hạn", "count", width=11),
    Column("resolved_on_time", "Đã giải quyết: đúng hạn", "count", width=11),
    Column("resolved_late", "Đã giải quyết: quá hạn", "count", width=11),
    Column("pending_total", "Đang giải quyết: tổng", "count", width=11),
    Column("pending_in_time", "Đang giải quyết: trong hạn", "count", width=11),
    Column("pending_overdue", "Đang giải quyết: quá hạn", "count", width=11),
]
RATES = [
    Column("on_time", "Tỷ lệ trong hạn", "ratio", link="evidence", width=12),
    Column("apology", "Thư xin lỗi trên hồ sơ trễ", "ratio", width=12),
]
LATE_SHOWN = 10
"""Bars of the chart of late dossiers; the table has every agency."""
_COUNTS = [column.key for column in FLOW]
_COMPUTED = {
    "received_total": "received_total_computed",
    "resolved_total": "resolved_total_computed",
    "pending_total": "pending_total_computed",
}


def _sums(rows: list[Row]) -> dict[str, Any]:
    """Counts of several rows, totals recomputed from their parts, and the rates of the sums."""
    sums = {key: total(rows, _COMPUTED.get(key, key)) for key in _COUNTS}
    return sums | {
        "on_time": Ratio(total(rows, "resolved_in_time"), sums["resolved_total"]),
        "apology": _letters(rows),
    }


def _letters(rows: list[Row]) -> Ratio:
    """Letters over late dossiers, of the rows that say both: a row that gives no letters is no zero."""
    known = [
        (row["apology_letters"] or 0, row["resolved_late"])
        for row in rows
        if row["resolved_late"] is not None
        and (row["apology_letters"] is not None or not row["resolved_late"])
    ]
    return (
        Ratio(sum(letters for letters, _ in known), sum(late for _, late in known), is_part=False)
        if known
        else Ratio(None, None)
    )


def _grouped(rows: list[Row], key: Callable[[Row], str]) -> dict[str, list[Row]]:
    groups: dict[str, list[Row]] = {}
    for row in rows:
        groups.setdefault(key(row), []).append(row)
    return groups


def _differing(row: Row) -> list[tuple[str, str]]:
    """Totals that the agency reported and that its own parts do not give."""
    return [
        ("warn", f"{name}: báo cáo {number(row[reported])}, cộng lại {number(row[computed])}")
        for name, (reported, computed) in zip(
            ("tiếp nhận", "giải quyết", "còn lại"), _COMPUTED.items(), strict=True
        )
        if row[reported] is not None and row[computed] is not None and row[reported] != row[computed]
    ]


def _detail(row: Row, evidence: Evidence) -> dict[str, Any]:
    return dict(row) | {
        **{reported: row[computed] for reported, computed in _COMPUTED.items()},
        "on_time": Ratio(row["resolved_in_time"], row["resolved_total_computed"]),
        "apology": _letters([row]),
        "evidence": evidence.link(DOSSIER_FIGURE, row["agency_code"], row["field_code"]),
        "marks": _differing(row),
        "source": _source(row),
    }


def _source(row: Row) -> str:
    place = f"{row['sheet_name']}, dòng {row['sheet_row']}"
    return f"suy ra: {place} của báo cáo lũy kế, trừ các báo cáo trước" if row["is_derived"] else place


def chapter(marts: Marts, evidence: Evidence) -> Chapter:
    """Dossier flow: by agency, by field, and every reported row."""
    order = order_of_agencies(marts)
    rows = sorted(
        marts.dossier,
        key=lambda row: (order.get(row["agency_code"], 0), row["agency_code"], row["field_code"]),
    )
    by_agency = [
        {
            "agency_name": group[0]["agency_name"],
            "evidence": evidence.link(DOSSIER_FIGURE, code),
            **_sums(group),
        }
        for code, group in _grouped(rows, lambda row: row["agency_code"]).items()
    ]
    by_field = [
        {"field_name": group[0]["field_name"], "agencies": len(group), "evidence": "", **_sums(group)}
        for group in _grouped(
            sorted(rows, key=lambda row: row["field_code"]), lambda row: row["field_code"]
        ).values()
    ]
    whole = {
        "agency_name": "Cộng",
        "field_name": "Cộng",
        "agencies": None,
        "evidence": evidence.link(DOSSIER_FIGURE),
    }
    whole |= _sums(rows)
    city = marts.city
    derived = ["Số liệu của kỳ này là suy ra: hiệu của hai báo cáo lũy kế, theo từng cơ quan có đủ cả hai."]
    return Chapter(
        "ho-so",
        "Giải quyết hồ sơ thủ tục hành chính",
        sentences=[
            *(derived if city["is_derived"] else []),
            f"Tổng hợp từ {number(city['dossier_agencies_covered'])} cơ quan. Tổng số và tỷ lệ được tính"
            " lại từ các"
            " số thành phần: trong hạn = (trước hạn + đúng hạn) / đã giải quyết; tỷ lệ chung cộng tử số và"
            " mẫu số,"
            " không lấy trung bình các tỷ lệ.",
        ],
        charts=[_resolved_chart(by_field), *_late_chart(by_agency)],
        tables=[
            Table(
                "ho-so-co-quan",
                "Theo cơ quan",
                [Column("agency_name", "Cơ quan", width=34), *FLOW, *RATES],
                by_agency,
                sheet="Hồ sơ theo cơ quan",
                total_row=whole if by_agency else None,
            ),
            Table(
                "ho-so-linh-vuc",
                "Theo lĩnh vực",
                [
                    Column("field_name", "Lĩnh vực", width=34),
                    Column("agencies", "Số cơ quan", "count", width=9),
                    *FLOW,
                    *RATES,
                ],
                by_field,
                sheet="Hồ sơ theo lĩnh vực",
                total_row=whole if by_field else None,
            ),
            Table(
                "ho-so-chi-tiet",
                "Từng cơ quan và lĩnh vực",
                [
                    Column("agency_name", "Cơ quan", where="book", width=34),
                    Column("field_name", "Lĩnh vực", width=30),
                    *FLOW,
                    *RATES,
                    Column("marks", "Tổng báo cáo khác tổng tính lại", "marks", width=34),
                    Column("source", "Trang tính, dòng", "small", width=22),
                    Column("delivery_id", "Tệp", "file", width=9),
                ],
                [_detail(row, evidence) for row in rows],
                sheet="Hồ sơ chi tiết",
                group="agency_name",
                folded=True,
            ),
        ],
    )


def _resolved_chart(by_field: list[dict[str, Any]]) -> Chart:
    shown = sorted(
        (row for row in by_field if row["resolved_total"]),
        key=lambda row: (-row["resolved_total"], row["field_name"]),
    )
    return Chart(
        "ho-so-linh-vuc",
        "Hồ sơ đã giải quyết theo lĩnh vực",
        [row["field_name"] for row in shown],
        [
            ("Trước hạn", "good", [row["resolved_early"] or 0 for row in shown]),
            ("Đúng hạn", "soft", [row["resolved_on_time"] or 0 for row in shown]),
            ("Quá hạn", "bad", [row["resolved_late"] or 0 for row in shown]),
        ],
        "hồ sơ",
    )


def _late_chart(by_agency: list[dict[str, Any]]) -> list[Chart]:
    """Where dossiers are late, worst first; nothing when nobody is late."""

    def late(row: dict[str, Any]) -> int:
        return (row["resolved_late"] or 0) + (row["pending_overdue"] or 0)

    shown = sorted((row for row in by_agency if late(row) > 0), key=lambda row: -late(row))[:LATE_SHOWN]
    if not shown:
        return []
    more = f" ({LATE_SHOWN} cơ quan nhiều nhất)" if len(shown) == LATE_SHOWN else ""
    chart = Chart(
        "ho-so-tre",
        f"Hồ sơ quá hạn theo cơ quan{more}",
        [row["agency_name"] for row in shown],
        [
            ("Đã giải quyết, quá hạn", "warn", [row["resolved_late"] or 0 for row in shown]),
            ("Đang giải quyết, đã quá hạn", "bad", [row["pending_overdue"] or 0 for row in shown]),
        ],
        "hồ sơ",
    )
    return [chart]
