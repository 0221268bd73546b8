"""Tasks by reform area, and the calendar: what is overdue, what falls due next."""

from __future__ import annotations

from collections import Counter
from datetime import timedelta
from typing import Any

from review.display import Ratio, day, number
from review.evidence import Evidence
from review.marts import Marts, Row
from review.tables import Chapter, Chart, Column, Table
from review.wording import VOCABULARIES

HORIZON = timedelta(days=92)
"""How far ahead 'falls due next' looks: about one quarter."""

COLUMNS = [
    Column("area_label", "Chuyên đề", where="book", width=26),
    Column("task_title", "Nhiệm vụ", sub="product_label", marks="marks", where="page", width=46),
    Column("stt", "Số thứ tự", where="book", width=9),
    Column("task_label", "Nhiệm vụ", where="book", width=50),
    Column("product_label", "Sản phẩm phải có", where="book", width=34),
    Column("lead_names", "Chủ trì", "small", width=34),
    Column("deadline_label", "Thời hạn", "small", width=24),
    Column("task_state", "Tình trạng", "state", vocabulary="task", width=20),
    Column("leads", "Chủ trì đã xong", "share", quiet=True, width=15),
    Column("obligations", "Phần việc đã xong", "share", quiet=True, width=15),
    Column("obligations_overdue", "Phần việc quá hạn", "count", quiet=True, width=10),
    Column("products_text", "Sản phẩm đã có (số, ngày)", "small", width=38),
    Column("difficulties_text", "Khó khăn, vướng mắc", "small", width=40),
    Column("citation", "Căn cứ", "small", width=26),
    Column("marks", "Lưu ý", "marks", where="book", width=16),
]

CALENDAR_COLUMNS = [
    Column("list_name", "Danh sách", where="book", width=18),
    Column("task_title", "Nhiệm vụ", where="page", width=50),
    Column("next_due_date", "Hạn", "day", width=12),
    Column("stt", "Số thứ tự", where="book", width=9),
    Column("task_label", "Nhiệm vụ", where="book", width=50),
    Column("lead_names", "Chủ trì", "small", width=34),
    Column("deadline_label", "Thời hạn theo kế hoạch", "small", width=28),
    Column("task_state", "Tình trạng", "state", vocabulary="task", width=20),
    Column("obligations_overdue", "Phần việc quá hạn", "count", width=10),
    Column("difficulties_text", "Khó khăn, vướng mắc", "small", width=40),
]


def _row(row: Row, marts: Marts) -> dict[str, Any]:
    return dict(row) | {
        "area_label": marts.area_label(row["area_code"]),
        "task_title": f"{row['stt']}. {row['task_label']}",
        "leads": Ratio(row["leads_done"], row["leads_total"]) if row["leads_total"] else None,
        "obligations": Ratio(row["obligations_done"], row["obligations_total"])
        if row["obligations_total"]
        else None,
        "obligations_overdue": row["obligations_overdue"] or None,
        "marks": [("idle", "Có giả định")] if row["is_assumed"] else [],
    }


def area_chart(marts: Marts) -> Chart:
    """Tasks of each area by state."""
    states = Counter((row["area_code"], row["task_state"]) for row in marts.task)
    present = {row["area_code"] for row in marts.task}
    areas = [row for row in marts.area if row["area_code"] in present]
    return Chart(
        "nhiem-vu",
        "Tình trạng nhiệm vụ theo chuyên đề",
        [row["area_label"] for row in areas],
        [
            (state.label, state.tone, [states[row["area_code"], code] for row in areas])
            for code, state in VOCABULARIES["task"].items()
        ],
        "nhiệm vụ",
    )


def obligation_chart(marts: Marts) -> Chart:
    """Obligations of the whole unit by state, one bar each."""
    states = VOCABULARIES["obligation"]
    return Chart(
        "phan-viec",
        "Phần việc của các cơ quan chủ trì theo tình trạng",
        [state.label for state in states.values()],
        [
            (
                state.label,
                state.tone,
                [marts.city[f"obligations_{code}"] or 0 if here == code else 0 for here in states],
            )
            for code, state in states.items()
        ],
        "phần việc",
    )


def chapter(marts: Marts, _evidence: Evidence) -> Chapter:
    """Every task of the plan under its area."""
    rows = [_row(row, marts) for row in marts.task]
    rows.sort(key=lambda row: (marts.area_place(row["area_code"]), row["task_order"], row["task_code"]))
    city = marts.city
    done = sum(city[f"obligations_done_{how}"] or 0 for how in ("early", "on_time", "late"))
    return Chapter(
        "nhiem-vu",
        "Nhiệm vụ theo chuyên đề",
        sentences=[
            f"{number(city['obligations_total'])} phần việc (mỗi cơ quan chủ trì × mỗi thời hạn):"
            f" xong {number(done)}, trong đó trước hạn {number(city['obligations_done_early'])},"
            f" đúng hạn {number(city['obligations_done_on_time'])}, trễ hạn"
            f" {number(city['obligations_done_late'])};"
            f" quá hạn {number(city['obligations_overdue'])}; đang thực hiện"
            f" {number(city['obligations_running'])}.",
            "Một nhiệm vụ chỉ hoàn thành khi mọi cơ quan chủ trì đã xong các phần việc đến hạn.",
        ],
        charts=[area_chart(marts), obligation_chart(marts)],
        tables=[Table("nhiem-vu", "Từng nhiệm vụ", COLUMNS, rows, sheet="Nhiệm vụ", group="area_label")],
    )


def calendar(marts: Marts, _evidence: Evidence) -> Chapter:
    """What is overdue on the day of the review, and what falls due in the quarter after it."""
    evaluated = marts.city["evaluated_on"]
    until = evaluated + HORIZON
    rows = [_row(row, marts) for row in marts.task]
    rows.sort(key=lambda row: (row["next_due_date"] or until, row["task_order"], row["task_code"]))
    overdue = [row | {"list_name": "Quá hạn"} for row in rows if row["task_state"] == "overdue"]
    coming = [
        row | {"list_name": "Sắp đến hạn"}
        for row in rows
        if row["task_state"] in ("running", "not_due", "overdue")
        and row["next_due_date"] is not None
        and evaluated < row["next_due_date"] <= until
    ]
    next_columns = [column for column in CALENDAR_COLUMNS if column.key != "obligations_overdue"]
    return Chapter(
        "lich",
        "Việc quá hạn và việc sắp đến hạn",
        sentences=[
            f"Xét tại ngày {day(evaluated)}: {number(len(overdue))} nhiệm vụ có phần việc quá hạn;"
            f" {number(len(coming))} nhiệm vụ đến hạn từ sau ngày đó đến {day(until)}."
        ],
        tables=[
            Table("qua-han", "Quá hạn", CALENDAR_COLUMNS, overdue, empty="Không có nhiệm vụ quá hạn."),
            Table("sap-den-han", f"Đến hạn sau {day(evaluated)}, đến hết {day(until)}", next_columns, coming),
            Table(
                "lich",
                "Quá hạn, sắp đến hạn",
                CALENDAR_COLUMNS,
                overdue + coming,
                sheet="Quá hạn, sắp hạn",
                on_page=False,
            ),
        ],
    )
