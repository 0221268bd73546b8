"""Every sentence of ours in an answer, and how foreign text is made harmless in it."""

from __future__ import annotations

import re
from datetime import date, datetime

from sources.answers.told import ERROR, NOTE, WARNING, Told, ToldFinding
from warehouse.clock import TIME_ZONE

AUTHOR = "Kho dữ liệu CCHC"
TITLE = "KẾT QUẢ KIỂM TRA BÁO CÁO"
GRADES = {ERROR: "Lỗi", WARNING: "Cảnh báo", NOTE: "Ghi chú"}
CHANNELS = {"landing": "thư mục nhận báo cáo", "cli": "nhập trực tiếp tại đơn vị vận hành"}
NOTHING = "–"
NO_FINDINGS = "Không phát hiện vấn đề nào."

READER_FAILED = "intake.file_reader_failed"
"""The one refusal that the agency need not mend."""

FORMULA_STARTS = tuple("=+-@\t\r＝＋－＠")  # the full-width forms start a formula in some locales
_CONTROL = re.compile(
    "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u200e\u200f\u202a-\u202e\u2066-\u2069\ufeff\ufffe\uffff]"
    "|[\ud800-\udfff]"
)
_LONGEST = 32_000
"""Characters of a cell; Excel takes 32,767."""

VERDICTS = {
    "counts": "Đã tiếp nhận",
    "held": "Đang giữ lại, chờ quyết định",
    "rejected": "Không được chấp nhận",
    "refused": "Không tiếp nhận được",
    "duplicate": "Trùng với báo cáo đang có hiệu lực",
    "failed": "Chưa đọc được, đơn vị vận hành đang kiểm tra",
}


def clean(text: object) -> str:
    """Text without control characters and without marks that turn the reading direction around."""
    return _CONTROL.sub("", str(text))


def harmless(text: object) -> str:
    """Text for a spreadsheet cell of ours: what could start a formula gets an apostrophe in front."""
    kept = clean(text)[:_LONGEST]
    starts = {str(text)[:1], kept[:1], kept.lstrip()[:1]} - {""}
    return f"'{kept}" if any(start in FORMULA_STARTS for start in starts) else kept


def day(value: date) -> str:
    """17/03/2023."""
    return f"{value:%d/%m/%Y}"


def moment(value: datetime) -> str:
    """16:30 ngày 17/03/2023, in Vietnam."""
    return f"{value.astimezone(TIME_ZONE):%H:%M ngày %d/%m/%Y}"


def size(value: int) -> str:
    """A file's size for people."""
    if value < 1024:
        return f"{value} byte"
    unit, shown = ("KB", value / 1024) if value < 1024**2 else ("MB", value / 1024**2)
    return f"{shown:,.1f} {unit}".translate(str.maketrans(",.", ".,"))


def message(finding: ToldFinding) -> str:
    """A finding's message without the place, for where the place is seen beside it."""
    text = clean(finding.message_vi)
    heads = (
        f'Bảng "{finding.sheet_name}", ô {finding.cell}: ',
        f'Bảng "{finding.sheet_name}": ',
        f"Ô {finding.cell}: ",
    )
    for head in heads:
        if text.startswith(head) and len(text) > len(head):
            return text[len(head)].upper() + text[len(head) + 1 :]
    return text


def verdict(told: Told) -> str:
    """What became of the delivery, in few words."""
    words = VERDICTS[told.standing]
    if told.standing != "counts":
        return words
    if told.counts_of[ERROR]:
        return f"{words}, có lỗi cần sửa"
    return f"{words}, có cảnh báo cần xem" if told.counts_of[WARNING] else words


def counts(told: Told) -> str:
    """How many errors, warnings and notes."""
    return " · ".join(f"{told.counts_of[grade]} {label.lower()}" for grade, label in GRADES.items())


def form_of_call(told: Told) -> str:
    """Which report it is, as far as that is known."""
    parts = [told.report_kind_label, f"số {told.document_number}" if told.document_number else None]
    parts.append(f"ngày {day(told.report_date)}" if told.report_date else None)
    return ", ".join(filter(None, parts)) or NOTHING


def due(told: Told) -> str:
    """The unit's due date, marked where no document sets it, and whether it was kept."""
    if told.due_date is None:
        return "chưa có văn bản quy định" if told.period_id else NOTHING
    assumed = " (giả định, chưa có văn bản quy định)" if told.due_assumed else ""
    kept = f"nhận muộn {_days_late(told)} ngày" if told.is_late else "nhận đúng hạn"
    return f"{day(told.due_date)}{assumed}; {kept}"


def in_force(told: Told) -> str:
    """Which version counts now."""
    if not told.in_force:
        if told.standing == "held":
            return "Chưa có báo cáo nào của kỳ này được tính; báo cáo này chờ quyết định."
        return "Chưa có báo cáo nào của kỳ này được tính." if told.period_id else NOTHING
    listed = ", ".join(f"số {v.delivery_id} (nhận {moment(v.received_at)})" for v in told.in_force)
    if not told.is_in_force:
        waits = "; báo cáo này chờ quyết định" if told.standing == "held" else ""
        return f"Lượt nộp {listed}{waits}."
    if len(told.in_force) == 1:
        return "Báo cáo này."
    return f"Báo cáo này cùng các lượt nộp còn hiệu lực: {listed}."


def to_do(told: Told) -> list[str]:
    """What the agency has to do, until when, and how."""
    steps = [_first_step(told)]
    mends = told.counts_of[ERROR] + told.counts_of[WARNING]
    is_done = told.standing == "counts" and (told.is_history or not mends)
    if is_done or told.standing in ("failed", "duplicate"):
        return steps
    if told.can_be_opened:
        steps.append(
            "Mở sổ báo cáo trả lại: ô có vấn đề được tô màu và có chú thích, trang "
            f"“{told.answer_sheet}” liệt kê tất cả. Có thể sửa ngay trong sổ đó, "
            "không cần xóa màu và chú thích."
        )
    if told.standing in ("counts", "held"):
        steps.append(
            f"Gửi lại đúng mẫu {told.form_code}: chọn Loại báo cáo “Thay thế” và gửi đủ các bảng; chỉ sửa "
            "một vài bảng thì chọn “Bổ sung” và gửi đủ dòng của các bảng đó. Ghi Ngày báo cáo mới."
        )
    else:
        steps.append(f"Gửi lại báo cáo theo mẫu {told.form_code} đã phát hành, loại báo cáo như lần này.")
    return steps


def _first_step(told: Told) -> str:
    if told.standing == "failed":
        return "Cơ quan chưa phải làm gì: tệp đã được lưu nguyên vẹn; đơn vị vận hành sẽ kiểm tra và báo lại."
    if told.standing == "duplicate":
        return "Không phải làm gì: nội dung trùng với báo cáo đang có hiệu lực nên không có gì thay đổi."
    if told.standing == "held":
        whom = told.unit_name or "đơn vị tổng hợp"
        return f"Báo cáo chưa được tính. {whom} sẽ xem xét; cơ quan có thể sửa và gửi lại ngay{_until(told)}."
    if told.standing in ("refused", "rejected"):
        return f"Khắc phục lý do nêu trên rồi gửi lại{_until(told)}."
    errors, warnings = told.counts_of[ERROR], told.counts_of[WARNING]
    if told.is_history:
        return "Không phải làm gì: một báo cáo mới hơn của cơ quan đang được tính."
    if errors:
        return f"Số liệu đọc được đã tính. Sửa {errors} lỗi rồi gửi lại{_until(told)}."
    if warnings:
        return f"Số liệu đã tính. Xem {warnings} cảnh báo; nếu số liệu sai, gửi lại{_until(told)}."
    return "Không phải làm gì thêm."


def _until(told: Told) -> str:
    if told.due_date is None:
        return ""
    if told.is_late:
        return f" sớm nhất có thể (hạn {day(told.due_date)} đã qua)"
    return f" chậm nhất hết ngày {day(told.due_date)}" + (" (giả định)" if told.due_assumed else "")


def _days_late(told: Told) -> int:
    assert told.due_date is not None  # noqa: S101 (asked by the caller)
    return (told.received_at.astimezone(TIME_ZONE).date() - told.due_date).days
