"""The words of the review: every state with its Vietnamese name, its tone and what it means."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Tone = Literal["good", "soft", "warn", "bad", "idle", "none"]


@dataclass(frozen=True)
class State:
    """How one code of the marts is shown. `symbol` says the same as the colour does."""

    label: str
    tone: Tone
    symbol: str
    meaning: str


VOCABULARIES: dict[str, dict[str, State]] = {
    "reporting": {
        "on_time": State("Đúng hạn", "good", "✓", "Báo cáo đầu tiên được tính đến trong hạn nộp."),
        "late": State("Trễ hạn", "warn", "◷", "Báo cáo đầu tiên được tính đến sau hạn nộp."),
        "missing": State("Chưa nộp", "bad", "✗", "Đã quá hạn nộp mà chưa có báo cáo nào được tính."),
        "held": State("Tạm giữ", "warn", "‖", "Có báo cáo nhưng đang chờ người có trách nhiệm quyết định."),
        "not_due": State("Chưa đến hạn", "idle", "…", "Chưa đến hạn nộp và chưa nhận được báo cáo."),
    },
    "outcome": {
        "met": State("Đạt", "good", "✓", "Kết quả thỏa ngưỡng mà văn bản đặt ra."),
        "missed": State("Chưa đạt", "bad", "✗", "Có số liệu nhưng kết quả chưa thỏa ngưỡng."),
        "no_data": State(
            "Chưa có số liệu", "warn", "?", "Đo được nhưng cơ quan chưa báo cáo số liệu cần thiết."
        ),
        "not_applicable": State(
            "Không áp dụng",
            "idle",
            "○",
            "Mẫu số bằng không, ví dụ không có hồ sơ trễ thì không cần thư xin lỗi.",
        ),
        "not_measurable": State("Không đo được", "none", "∅", "Văn bản không nêu con số để so sánh."),
    },
    "index": {
        "met": State("Đạt", "good", "✓", "Số đã công bố thỏa ngưỡng mà văn bản đặt ra."),
        "missed": State("Chưa đạt", "bad", "✗", "Số đã công bố chưa thỏa ngưỡng."),
        "no_data": State("Chưa công bố", "warn", "?", "Chưa có số công bố của năm, hoặc của năm gốc."),
        "not_measurable": State("Không đo được", "none", "∅", "Văn bản không nêu con số để so sánh."),
        "no_target": State("Không đặt chỉ tiêu", "none", "○", "Số đã công bố mà không chỉ tiêu nào đặt ra."),
    },
    "task": {
        "done": State("Hoàn thành", "good", "✓", "Mọi cơ quan chủ trì đã xong phần việc đến hạn, không trễ."),
        "done_late": State("Hoàn thành trễ", "soft", "◷", "Đã xong nhưng có phần việc xong sau thời hạn."),
        "overdue": State("Quá hạn", "bad", "✗", "Có phần việc đã quá thời hạn mà chưa xong."),
        "running": State("Đang thực hiện", "warn", "►", "Đang làm, chưa đến thời hạn."),
        "not_due": State(
            "Chưa đến hạn", "idle", "…", "Chưa bắt đầu hoặc chưa báo cáo, thời hạn còn ở phía trước."
        ),
        "not_arisen": State(
            "Không phát sinh", "none", "○", "Việc chỉ làm khi phát sinh, và trong kỳ không phát sinh."
        ),
        "awaiting": State(
            "Chờ cấp trên",
            "idle",
            "⧗",
            "Thời hạn do cấp khác định (đề án, kế hoạch được duyệt) và việc chưa xong.",
        ),
    },
    "obligation": {
        "done_early": State("Xong trước hạn", "good", "✓", "Xong trước ngày đến hạn của mốc hoặc của kỳ."),
        "done_on_time": State("Xong đúng hạn", "good", "✓", "Xong trong thời hạn."),
        "done_late": State("Xong trễ hạn", "soft", "◷", "Xong sau thời hạn."),
        "running": State("Đang thực hiện", "warn", "►", "Đang làm, chưa đến thời hạn."),
        "overdue": State("Quá hạn", "bad", "✗", "Quá thời hạn mà chưa xong."),
        "not_due": State("Chưa đến hạn", "idle", "…", "Chưa bắt đầu, thời hạn còn ở phía trước."),
        "not_arisen": State(
            "Không phát sinh", "none", "○", "Chỉ làm khi phát sinh; trong kỳ không phát sinh."
        ),
        "awaiting": State("Chờ cấp trên", "idle", "⧗", "Thời hạn do cấp khác định, chưa xong."),
    },
    "severity": {
        "fatal": State("Nghiêm trọng", "bad", "✗", "Sai đến mức báo cáo bị tạm giữ, chưa được tính."),
        "error": State(
            "Lỗi", "bad", "!", "Số liệu sai hoặc mâu thuẫn; được nạp như đã gửi, cần cơ quan sửa."
        ),
        "warning": State("Cảnh báo", "warn", "!", "Số liệu đáng ngờ, cần cơ quan kiểm tra lại."),
        "note": State("Ghi chú", "idle", "i", "Điểm cần biết khi đọc, không phải sai sót."),
    },
}

VOCABULARY_TITLES = {
    "reporting": "Chấp hành chế độ báo cáo",
    "outcome": "Kết quả chỉ tiêu",
    "index": "Chỉ số bên ngoài",
    "task": "Tình trạng nhiệm vụ",
    "obligation": "Phần việc (mỗi cơ quan chủ trì × mỗi thời hạn)",
    "severity": "Mức độ của phát hiện",
}

GUIDE = (
    "Tỷ lệ luôn được tính lại từ số đếm; tử số và mẫu số ghi bên cạnh. Tỷ lệ chung là tổng tử số chia tổng"
    " mẫu số.",
    "Dấu – nghĩa là không có số liệu hoặc không báo cáo; số 0 nghĩa là có báo cáo và bằng không.",
    "Kết quả gạch chân dẫn đến các ô trong tệp của cơ quan mà số đó được tính ra.",
    "“Suy ra”: kỳ không có báo cáo riêng, tính bằng hiệu của các báo cáo lũy kế, theo từng cơ quan.",
    "“Giả định”, “văn bản chưa rõ”: điểm mà văn bản không nêu hoặc nêu chưa rõ, liệt kê ở phần riêng.",
)

QUANTIFIERS = {
    "overall": "",
    "every_field": "từng lĩnh vực đều phải đạt",
    "every_agency": "từng cơ quan đều phải đạt",
}

ROLL_UPS = {
    "own": "cơ quan phụ trách báo cáo",
    "sum": "cộng các cơ quan",
    "share_of_agencies": "tính tỷ lệ cơ quan đạt",
    "none": "",
}

AGENCY_KINDS = {
    "people_committee": "Ủy ban nhân dân",
    "department": "Phòng, ban chuyên môn",
    "public_service": "Đơn vị sự nghiệp",
    "vertical": "Cơ quan ngành dọc",
    "ward": "Phường",
}

GATES = {
    "intake": "Tiếp nhận",
    "raw": "Cổng 1 – dữ liệu gốc",
    "core": "Cổng 2 – dữ liệu tính toán",
    "candidate": "Cổng 3 – trước khi phục vụ",
}


def state(vocabulary: str, code: str | None) -> State:
    """How a code is shown; a code that has no wording yet is shown as it is, never dropped."""
    if code is None:
        return State("–", "none", "", "")
    return VOCABULARIES[vocabulary].get(code) or State(code, "none", "", "")
