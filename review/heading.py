"""What stands at the top of both outputs: whose review, of what, as of when, resting on what."""

from __future__ import annotations

from dataclasses import dataclass

from review.display import day, moment, number
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


def _window(city: dict[str, object]) -> str:
    start, end = city.get("window_start"), city.get("window_end")
    return f"từ {day(start)} đến {day(end)}" if start and end else ""  # type: ignore[arg-type]


def heading(marts: Marts, data_label: str | None) -> Heading:
    """Read the heading from the period's own row and from what is being served."""
    city = dict(marts.city)
    window = _window(city)
    problems = [
        f"{number(city[f'findings_{code}'])} {name}"
        for code, name in (
            ("fatal", "nghiêm trọng"),
            ("error", "lỗi"),
            ("warning", "cảnh báo"),
            ("note", "ghi chú"),
        )
        if city[f"findings_{code}"]
    ]
    facts = [
        ("Đơn vị tổng hợp", city["unit_name"]),
        ("Kỳ báo cáo", city["period_label"] + (" (suy ra)" if city["is_derived"] else "")),
        *([("Thời gian của số liệu", window)] if window else []),
        ("Số liệu tính đến", f"{moment(city['as_of'])} (giờ Việt Nam)"),
        ("Ngày xét tình trạng nhiệm vụ", day(city["evaluated_on"])),
        (
            "Tệp báo cáo",
            f"{number(city['deliveries_received'])} nhận, {number(city['deliveries_counted'])} được tính,"
            f" {number(city['deliveries_held'])} tạm giữ, {number(city['deliveries_refused'])} từ chối",
        ),
        (
            "Kiểm định số liệu",
            f"đã qua các cổng kiểm định (bản dựng số {marts.build_id}, đưa vào phục vụ"
            f" {moment(marts.promoted_at)});"
            f" phát hiện còn hiệu lực: {', '.join(problems) or 'không có'}",
        ),
    ]
    return Heading(
        title="Sơ kết công tác cải cách hành chính",
        unit_name=city["unit_name"],
        period_label=city["period_label"],
        period_id=city["period_id"],
        draft=DRAFT,
        data_label=data_label or "",
        is_derived=city["is_derived"],
        facts=facts,
    )
