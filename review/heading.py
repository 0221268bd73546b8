"""What stands at the top of both outputs: whose review, of what, as of when, resting on what."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from review.display import day, moment, number
from review.figures import period_kind
from review.marts import Marts

DRAFT = "BẢN DỰ THẢO"


@dataclass(frozen=True)
class Heading:
    """The identity of a review. `facts` are (name, value) pairs in the order in which they are shown."""

    title: str
    unit_name: str
    period_label: str
    period_id: str
    draft: str
    data_label: str
    is_derived: bool
    facts: list[tuple[str, str]]


def _files(city: dict[str, Any]) -> tuple[str, str]:
    parts = (("received", "nhận"), ("counted", "được tính"), ("held", "tạm giữ"), ("refused", "từ chối"))
    return "Tệp báo cáo", ", ".join(f"{number(city[f'deliveries_{key}'])} {name}" for key, name in parts)


def _audited(marts: Marts) -> str:
    """Marts are served only when every gate let them through; what the gates noted is said beside."""
    passed = f"đã qua các cổng kiểm định (bản dựng số {marts.build_id})"
    if marts.city["is_derived"]:
        return passed
    severities = (("fatal", "nghiêm trọng"), ("error", "lỗi"), ("warning", "cảnh báo"), ("note", "ghi chú"))
    noted = [
        f"{number(marts.city[f'findings_{key}'])} {name}"
        for key, name in severities
        if marts.city[f"findings_{key}"]
    ]
    return f"{passed}; phát hiện còn hiệu lực: {', '.join(noted) or 'không có'}"


def heading(marts: Marts, data_label: str | None) -> Heading:
    """Read the heading from the period's own row and from what is being served."""
    city = dict(marts.city)
    window = (
        "chưa văn bản nào quy định"
        if city["window_start"] is None
        else f"từ {day(city['window_start'])} đến {day(city['window_end'])}"
    )
    facts = [
        ("Đơn vị tổng hợp", city["unit_name"]),
        ("Kỳ báo cáo", city["period_label"] + (" (suy ra)" if city["is_derived"] else "")),
        ("Thời gian của số liệu", window),
        ("Số liệu tính đến", f"{moment(city['as_of'])} (giờ Việt Nam)"),
        *(
            []
            if city["is_derived"]
            else [("Ngày xét tình trạng nhiệm vụ", day(city["evaluated_on"])), _files(city)]
        ),
        ("Kiểm định số liệu", _audited(marts)),
    ]
    kind = "Tổng kết" if period_kind(city["period_id"]) == "Y" else "Sơ kết"
    return Heading(
        title=f"{kind} công tác cải cách hành chính",
        unit_name=city["unit_name"],
        period_label=city["period_label"],
        period_id=city["period_id"],
        draft=DRAFT,
        data_label=data_label or "",
        is_derived=city["is_derived"],
        facts=facts,
    )
