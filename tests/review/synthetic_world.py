"""What the synthetic marts are about: agencies, areas, fields, periods, and a text that means harm."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any

LABEL = "DỮ LIỆU TỔNG HỢP (minh họa), không phải số liệu thật"
HOSTILE = (
    '=HYPERLINK("http://evil.example/","x")<script>window.hacked=1</script>'
    "<img src=x onerror=window.hacked=1>"
)
AS_OF = datetime(2023, 9, 25, 16, 59, 59, tzinfo=UTC)

AREAS = {
    "0": "Chỉ đạo, điều hành, kiểm tra, tuyên truyền",
    "1": "Cải cách thể chế",
    "2": "Cải cách thủ tục hành chính",
    "3": "Cải cách tổ chức bộ máy",
    "5": "Cải cách tài chính công",
    "6": "Xây dựng chính quyền điện tử, chính quyền số",
}
FIELDS = {"dat-dai": "Đất đai", "ho-tich": "Hộ tịch", "chung-thuc": "Chứng thực", "xay-dung": "Xây dựng"}
PERIODS = (
    ("2023-Q1", "Quý I năm 2023", 1, False, date(2022, 12, 15), date(2023, 3, 14), date(2023, 3, 25)),
    ("2023-Q2", "Quý II năm 2023", 2, True, date(2023, 3, 15), date(2023, 6, 14), date(2023, 6, 25)),
    ("2023-H1", "6 tháng đầu năm 2023", 3, False, date(2022, 12, 15), date(2023, 6, 14), date(2023, 6, 25)),
)


def agencies() -> list[dict[str, Any]]:
    """Fourteen agencies in the administration's order; one bears a hostile name."""
    names = [
        ("BT-VP", "Văn phòng Ủy ban nhân dân quận", "department"),
        ("BT-NV", "Phòng Nội vụ", "department"),
        ("BT-TP", "Phòng Tư pháp", "department"),
        ("BT-TNMT", "Phòng Tài nguyên và Môi trường", "department"),
        ("BT-TTYT", "Trung tâm Y tế quận", "public_service"),
        ("BT-CCT", "Chi cục Thuế quận", "vertical"),
    ]
    names += [(f"BT-P-{number}", f"Ủy ban nhân dân phường thứ {number}", "ward") for number in range(1, 8)]
    names.append(("BT-P-X", HOSTILE, "ward"))
    return [
        {"agency_code": code, "agency_name": name, "agency_kind": kind, "sort_order": place}
        for place, (code, name, kind) in enumerate(names, 1)
    ]
