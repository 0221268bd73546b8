"""Satisfaction, feedback, and what the checks found in the reports."""

from __future__ import annotations

from typing import Any

from review.display import Ratio, number
from review.evidence import Evidence
from review.marts import Marts, Row
from review.tables import Chapter, Column, Table
from review.wording import GATES, VOCABULARIES

PAGE_FINDINGS = 300
"""A page longer than this helps nobody; the workbook holds every finding."""


def satisfaction(marts: Marts, _evidence: Evidence) -> Chapter:
    """Satisfaction with the handling of procedures, by agency."""
    rows = [
        {
            "agency_name": row["agency_name"],
            "satisfaction": Ratio(row["satisfaction_satisfied"], row["satisfaction_valid"]),
        }
        for row in marts.agency
        if row["satisfaction_valid"] is not None
    ]
    whole = Ratio(marts.city["satisfaction_satisfied"], marts.city["satisfaction_valid"])
    return Chapter(
        "hai-long",
        "Mức độ hài lòng",
        sentences=["Khảo sát về giải quyết thủ tục hành chính: tỷ lệ = số phiếu hài lòng / số phiếu hợp lệ."],
        tables=[
            Table(
                "hai-long",
                "Từng cơ quan",
                [
                    Column("agency_name", "Cơ quan", width=34),
                    Column("satisfaction", "Hài lòng", "ratio", width=12),
                ],
                rows,
                sheet="Hài lòng",
                empty="Chưa cơ quan nào báo cáo khảo sát trong kỳ này.",
                total_row={"agency_name": "Cộng", "satisfaction": whole},
            )
        ],
    )


def feedback(marts: Marts, _evidence: Evidence) -> Chapter:
    """Feedback and petitions of people and businesses."""
    city = marts.city
    resolved = [city["feedback_resolved_on_time"], city["feedback_resolved_late"]]
    denominator = None if None in resolved else sum(resolved)
    row = {
        key: city[f"feedback_{key}"]
        for key in ("received", "resolved_on_time", "resolved_late", "pending", "published")
    }
    row["unit_name"] = city["unit_name"]
    row["on_time"] = Ratio(city["feedback_resolved_on_time"], denominator)
    by_agency = [dict(agency) for agency in marts.agency if agency["feedback_received"] is not None]
    return Chapter(
        "phan-anh",
        "Phản ánh, kiến nghị",
        tables=[
            Table(
                "phan-anh",
                "Toàn đơn vị",
                [
                    Column("unit_name", "Đơn vị", width=34),
                    Column("received", "Tiếp nhận", "count"),
                    Column("resolved_on_time", "Xử lý đúng hạn", "count"),
                    Column("resolved_late", "Xử lý quá hạn", "count"),
                    Column("pending", "Đang xử lý", "count"),
                    Column("published", "Đã công khai", "count"),
                    Column("on_time", "Tỷ lệ đúng hạn", "ratio"),
                ],
                [row],
                sheet="Phản ánh",
            ),
            Table(
                "phan-anh-co-quan",
                "Tiếp nhận theo cơ quan",
                [Column("agency_name", "Cơ quan"), Column("feedback_received", "Tiếp nhận", "count")],
                by_agency,
                folded=True,
            ),
        ],
    )


def _finding(row: Row) -> dict[str, Any]:
    marks = []
    if row["is_waived"]:
        marks.append(("idle", "Được miễn"))
    if not row["is_current"]:
        marks.append(("idle", "Thuộc bản đã được thay hoặc chưa được tính"))
    place = ", ".join(filter(None, (row["sheet_name"], f"ô {row['cell']}" if row["cell"] else None)))
    return dict(row) | {"marks": marks, "place": place, "gate_name": GATES.get(row["gate"], row["gate"])}


FINDING_COLUMNS = [
    Column("severity", "Mức độ", "state", vocabulary="severity", width=15),
    Column("agency_name", "Cơ quan", width=30),
    Column("file_name", "Tệp", "small", sub="place", width=34),
    Column("sheet_name", "Trang tính", where="book", width=18),
    Column("cell", "Ô", where="book", width=9),
    Column("message_vi", "Phát hiện", width=60),
    Column("given", "Đã ghi", "small", width=24),
    Column("expected", "Cần là", "small", width=28),
    Column("marks", "Lưu ý", "marks", width=22),
    Column("gate_name", "Nơi phát hiện", where="book", width=24),
    Column("rule_id", "Quy tắc", where="book", width=30),
]


def findings(marts: Marts, _evidence: Evidence) -> Chapter:
    """Findings: counts by agency and severity, then each with its file, sheet and cell."""
    rows = [_finding(row) for row in marts.finding]
    serious = [row for row in rows if row["severity"] != "note"]
    current = [row for row in rows if row["is_current"] and not row["is_waived"]]
    codes = list(VOCABULARIES["severity"])
    agencies: dict[str, dict[str, Any]] = {}
    for row in marts.finding:
        name = row["agency_name"] or "Không xác định được cơ quan"
        counts = agencies.setdefault(name, {"agency_name": name, **dict.fromkeys(codes)})
        counts[row["severity"]] = (counts.get(row["severity"]) or 0) + 1
    ranked = sorted(
        agencies.values(), key=lambda row: ([-(row[code] or 0) for code in codes], row["agency_name"])
    )
    return Chapter(
        "phat-hien",
        "Phát hiện khi kiểm tra số liệu",
        sentences=[
            f"{number(len(rows))} phát hiện, trong đó {number(len(serious))} từ mức cảnh báo trở lên;"
            f" {number(len(current))} phát hiện còn hiệu lực, tức thuộc báo cáo đang được tính và không"
            " được miễn."
            " Mỗi phát hiện chỉ rõ tệp, trang tính và ô; cơ quan gửi bản thay thế hoặc bổ sung để sửa."
        ],
        tables=[
            Table(
                "phat-hien-co-quan",
                "Theo cơ quan và mức độ",
                [
                    Column("agency_name", "Cơ quan"),
                    *(Column(code, VOCABULARIES["severity"][code].label, "count") for code in codes),
                ],
                ranked,
                empty="Không có phát hiện nào.",
            ),
            Table(
                "phat-hien-tung-diem",
                "Từ mức cảnh báo trở lên",
                FINDING_COLUMNS,
                serious,
                limit=PAGE_FINDINGS,
                empty="Không có phát hiện từ mức cảnh báo trở lên.",
            ),
            Table("phat-hien", "Mọi phát hiện", FINDING_COLUMNS, rows, sheet="Phát hiện", on_page=False),
        ],
    )
