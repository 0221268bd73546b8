"""What the review rests on that no document says, or that a document says unclearly."""

from __future__ import annotations

from typing import Any

from review.display import day
from review.evidence import Evidence
from review.marts import Marts
from review.tables import Chapter, Column, Table


def _points(marts: Marts) -> list[dict[str, Any]]:
    points = _calendar(marts) + _agencies(marts)
    for target in marts.target:
        if target["is_ambiguous"]:
            points.append(
                {
                    "kind": "Chỉ tiêu: văn bản chưa rõ",
                    "item": target["target_label"],
                    "why": target["ambiguity_reason"] or "Văn bản có thể hiểu nhiều cách.",
                    "citation": "; ".join(filter(None, (target["citation"], target["also_cited_text"]))),
                }
            )
        if target["is_assumed"]:
            points.append(
                {
                    "kind": "Chỉ tiêu: có giả định",
                    "item": target["target_label"],
                    "why": "Cơ quan báo cáo hoặc cách tính là giả định, văn bản không nêu.",
                    "citation": target["citation"],
                }
            )
    points += [
        {
            "kind": "Nhiệm vụ: có giả định",
            "item": f"{task['stt']} {task['task_label']}",
            "why": "Thời hạn hoặc cơ quan chủ trì được suy từ câu chữ của kế hoạch.",
            "citation": task["citation"],
        }
        for task in marts.task
        if task["is_assumed"]
    ]
    return points


def _calendar(marts: Marts) -> list[dict[str, Any]]:
    """The calendar's own assumptions, one line for the period and one for each assumed due date."""
    points = []
    if marts.city["is_calendar_assumed"]:
        points.append(
            {
                "kind": "Lịch báo cáo: có giả định",
                "item": f"Thời gian lấy số liệu và ngày sơ kết của {marts.city['period_label']}",
                "why": "Kế hoạch không nêu ngày; thời gian lấy số liệu theo quy định chung về chế độ báo cáo,"
                " ngày sơ kết là giả định.",
                "citation": marts.city["calendar_source"],
            }
        )
    assumed = {row["due_date"] for row in marts.reporting if row["is_due_date_assumed"]}
    for due in sorted(assumed):
        owing = [row for row in marts.reporting if row["due_date"] == due]
        points.append(
            {
                "kind": "Lịch báo cáo: có giả định",
                "item": f"Hạn nộp {day(due)} của {len(owing)} cơ quan, đơn vị",
                "why": "Kế hoạch không nêu hạn nộp báo cáo; đúng hạn, trễ hạn được xét theo ngày này.",
                "citation": marts.city["calendar_source"],
            }
        )
    return points


def _agencies(marts: Marts) -> list[dict[str, Any]]:
    """The agencies that the plan does not name."""
    unnamed = [row["agency_name"] for row in marts.reporting if row["is_agency_assumed"]]
    if not unnamed:
        return []
    return [
        {
            "kind": "Cơ quan báo cáo: có giả định",
            "item": ", ".join(unnamed),
            "why": "Kế hoạch không nêu tên từng cơ quan, đơn vị này; tên lấy từ danh mục đơn vị hành chính.",
            "citation": "",
        }
    ]


def assumptions(marts: Marts, _evidence: Evidence) -> Chapter:
    """Every assumption and every unclear passage that a figure depends on."""
    return Chapter(
        "gia-dinh",
        "Giả định và điểm chưa rõ",
        sentences=[
            "Những điểm dưới đây không văn bản nào nêu, hoặc văn bản nêu chưa rõ. Số liệu liên quan được"
            " tính theo cách"
            " ghi tại đây; khi có văn bản xác định, số liệu được tính lại.",
        ],
        tables=[
            Table(
                "gia-dinh",
                "Từng điểm",
                [
                    Column("kind", "Loại", width=26),
                    Column("item", "Chỉ tiêu, nhiệm vụ", width=54),
                    Column("why", "Đã hiểu thế nào, vì sao", width=60),
                    Column("citation", "Căn cứ", "small", width=40),
                ],
                _points(marts),
                sheet="Giả định",
                empty="Không có giả định nào được ghi nhận.",
            )
        ],
    )
