"""The receipt: one page, everything foreign escaped, what to do in plain words."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date
from html.parser import HTMLParser

import pytest

from sources.answers.receipt import Workbook, render_receipt
from sources.answers.told import Told, ToldFinding, VersionInForce
from tests.sources.answers.conftest import RECEIVED, finding

Tell = Callable[..., Told]
BOOK = Workbook("bao-cao-da-kiem-tra.xlsx")


class _Text(HTMLParser):
    """The page's visible text, its elements and what they point at."""

    def __init__(self, page: bytes) -> None:
        super().__init__()
        self.words: list[str] = []
        self.tags: set[str] = set()
        self.targets: list[str] = []
        self._is_style = False
        self.feed(page.decode())

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self._is_style = tag == "style"
        self.tags.add(tag)
        self.targets += [str(value) for name, value in attrs if name in ("src", "href", "action")]

    def handle_data(self, data: str) -> None:
        if not self._is_style:
            self.words.append(data)

    def handle_endtag(self, tag: str) -> None:
        self._is_style = False

    @property
    def text(self) -> str:
        return re.sub(r"\s+", " ", "".join(self.words))


def _text(told: Told, workbook: Workbook | None = BOOK) -> str:
    return _Text(render_receipt(told, workbook)).text


def test_it_says_what_was_received_when_from_whom(tell: Tell) -> None:
    text = _text(tell(finding(), data=b"abc"))
    for said in (
        "Phiếu tiếp nhận báo cáo số 17",
        "Đã tiếp nhận, có lỗi cần sửa",
        "1 lỗi · 0 cảnh báo · 0 ghi chú",
        "Ủy ban nhân dân phường Hòa An (XX-P-A)",
        "Quý I năm 2023",
        "Lần đầu, số 12/BC-UBND, ngày 15/03/2023",
        "09:00 ngày 16/03/2023",
        "20/03/2023 (giả định, chưa có văn bản quy định); nhận đúng hạn",
        "báo cáo quý.xlsx (3 byte), qua thư mục nhận báo cáo",
        "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad",
        "Sửa 1 lỗi rồi gửi lại chậm nhất hết ngày 20/03/2023 (giả định).",
        "Thay thế",
        "Bổ sung",
        "Báo cáo này.",
        "Bảng · B2",
    ):
        assert said in text, said
    assert "Bảng9612" in text.replace(" ", "")


@pytest.mark.parametrize(
    ("standing", "said", "asked"),
    [
        ("held", "Đang giữ lại, chờ quyết định", "Báo cáo chưa được tính."),
        ("rejected", "Không được chấp nhận", "Khắc phục lý do nêu trên"),
        ("refused", "Không tiếp nhận được", "Khắc phục lý do nêu trên"),
        ("duplicate", "Trùng với báo cáo đang có hiệu lực", "Không phải làm gì"),
        ("failed", "Chưa đọc được", "Cơ quan chưa phải làm gì"),
    ],
)
def test_each_outcome_in_plain_words(standing: str, said: str, asked: str, tell: Tell) -> None:
    text = _text(tell(finding(), standing=standing, reason_vi="Lý do thử.", in_force=()))
    assert said in text
    assert asked in text
    assert "Lý do thử." in text


def test_nothing_to_do_where_nothing_was_found(tell: Tell) -> None:
    text = _text(tell())
    assert "Không phát hiện vấn đề nào." in text
    assert "Không phải làm gì thêm." in text
    assert "Gửi lại" not in text


def test_warnings_alone_ask_for_a_look(tell: Tell) -> None:
    text = _text(tell(finding(severity="warning")))
    assert "Đã tiếp nhận, có cảnh báo cần xem" in text
    assert "Xem 1 cảnh báo; nếu số liệu sai, gửi lại" in text


def test_late_is_said_and_an_unset_due_date_too(tell: Tell) -> None:
    late = _text(tell(finding(), due_date=date(2023, 3, 14), is_late=True))
    assert "nhận muộn 2 ngày" in late
    assert "sớm nhất có thể (hạn 14/03/2023 đã qua)" in late
    assert "chưa có văn bản quy định" in _text(tell(finding(), due_date=None, due_assumed=False))


def test_a_file_of_nobody_knows_what_gets_its_page(tell: Tell) -> None:
    nothing = {"agency_name": None, "agency_code": None, "unit_name": None, "period_id": None}
    nothing |= {"period_label": None, "report_kind_label": None, "due_date": None, "sheets": ()}
    text = _text(tell(finding(None, None), standing="refused", in_force=(), **nothing), None)
    assert "chưa xác định được" in text
    assert "Gửi lại báo cáo theo mẫu CCHC-Q v1" in text
    assert "Sổ trả lại" not in text


@pytest.mark.parametrize(
    "hostile", ['<script>alert("x")</script>', "\"'><img src=x>", "{{ 7*7 }}", "\x00\u202ex"]
)
def test_what_senders_wrote_is_text(hostile: str, tell: Tell) -> None:
    clean = _Text(render_receipt(tell(finding()), BOOK))
    told = tell(
        finding(message_vi=hostile, given=hostile, sheet_name=hostile, cell=hostile),
        finding(rule_id="gate", given=hostile, expected=hostile),
        source_name=hostile,
        document_number=hostile,
        agency_name=hostile,
        reason_vi=hostile,
        channel=hostile,
    )
    page = _Text(render_receipt(told, Workbook(BOOK.name, hostile)))
    assert page.tags == clean.tags
    assert page.targets == clean.targets == [BOOK.name]
    assert "script" not in page.tags
    assert "\x00" not in page.text
    assert "\u202e" not in page.text


def test_it_stands_alone(tell: Tell) -> None:
    page = render_receipt(tell(finding()), BOOK).decode()
    assert "default-src 'none'" in page
    assert "http" not in page.replace("http-equiv", "")
    assert "@import" not in page
    assert page == render_receipt(tell(finding()), BOOK).decode()


def test_the_gravest_come_first_and_the_rest_is_counted(tell: Tell) -> None:
    many = [finding(f"B{row}", severity="note", rule_id=f"intake.n{row}") for row in range(2, 30)]
    same = [finding(f"C{row}", rule_id="intake.same") for row in range(2, 12)]
    text = _text(tell(*many, *same))
    assert text.index("(10 chỗ)") < text.index("Ghi chú")
    assert "Còn 23 phát hiện khác trong trang “Kết quả kiểm tra” của sổ trả lại." in text
    alone = _text(tell(*many, *same), None)
    assert "phát hiện khác" not in alone


def test_an_earlier_version_counts(tell: Tell) -> None:
    told = tell(finding(), standing="held", in_force=(VersionInForce(3, RECEIVED, "first"),))
    assert "Lượt nộp số 3 (nhận 09:00 ngày 16/03/2023); báo cáo này chờ quyết định." in _text(told)
    history = tell(finding(), in_force=(VersionInForce(30, RECEIVED, "first"),))
    assert "một báo cáo mới hơn của cơ quan đang được tính" in _text(history)


def test_a_group_names_the_cell_of_its_example_only_where_the_others_say_something_else(tell: Tell) -> None:
    def said(row: int, figure: int, rule_id: str) -> ToldFinding:
        return finding(f"C{row}", rule_id=rule_id, message_vi=f'Bảng "Bảng", ô C{row}: lệch {figure}.')

    text = _text(tell(*(said(row, 5, "intake.alike") for row in (2, 3))))
    assert "C2, C3 (2 chỗ): Lệch 5." in text
    text = _text(tell(said(2, 5, "intake.unlike"), said(3, 7, "intake.unlike")))
    assert "C2, C3 (2 chỗ, ví dụ tại C2): Lệch 5." in text
