"""A decision as text: which lines are cells, rows, paragraphs; sections at the addresses that people cite."""

from __future__ import annotations

import unicodedata

import pytest

from sources.plan_document.blocks import Document, Paragraph, Row, place
from sources.plan_document.cell_lists import split_places
from sources.plan_document.files import DocumentError, parse_document
from sources.plan_document.outline import Outline, read_outline
from sources.plan_document.tables import read_tables


def parsed(text: str) -> Document:
    return parse_document(text.encode(), "decision.txt")


def paragraphs(text: str) -> list[tuple[str, tuple[int, ...]]]:
    return [(block.text, block.lines) for block in parsed(text).blocks if isinstance(block, Paragraph)]


def rows(text: str) -> list[tuple[str, ...]]:
    return [block.cells for block in parsed(text).blocks if isinstance(block, Row)]


def outline(text: str) -> Outline:
    return read_outline([block for block in parsed(text).blocks if isinstance(block, Paragraph)])


# ---------------------------------------------------------------- lines
def test_a_row_is_a_line_with_tabs() -> None:
    assert rows("1\tViệc\tSở Nội vụ\n\ttiếp\t") == [("1", "Việc", "Sở Nội vụ"), ("", "tiếp", "")]


def test_a_row_may_have_a_cell_a_line_and_cells_a_blank_line_inside() -> None:
    text = "\t \n\tViệc một\n\t- Sở A.\n\n- Sở B.\n\tX\n\n\tNhóm\n\tViệc hai\n\tSở C\n\tX\n"
    assert rows(text) == [("", "Việc một", "- Sở A.\n- Sở B.", "X"), ("Nhóm", "Việc hai", "Sở C", "X")]


def test_a_line_break_inside_a_cell_of_a_row_does_not_end_the_row() -> None:
    text = (
        "1\tViệc một\tSở A\tQuý I\n2\tViệc hai\nvà tiếp\t- Sở A\n- Sở B\tQuý II\n3\tViệc ba\tSở C\tQuý III\n"
    )
    text += "4\tthiếu ô\n5\tViệc năm\tSở E\tQuý I\n"
    assert rows(text) == [
        ("1", "Việc một", "Sở A", "Quý I"),
        ("2", "Việc hai\nvà tiếp", "- Sở A\n- Sở B", "Quý II"),
        ("3", "Việc ba", "Sở C", "Quý III"),
        ("4", "thiếu ô"),
        ("5", "Việc năm", "Sở E", "Quý I"),
    ]


def test_a_row_may_have_bars() -> None:
    assert rows("| STT | Việc |\n|---|:--|\n| 1 | Một |\n") == [("STT", "Việc"), ("1", "Một")]


def test_indented_paragraphs_and_tabs_after_a_number_are_no_cells() -> None:
    assert rows("\t1. Đoạn một\n\t2. Đoạn hai\n\n1.\tĐoạn ba\n-\tgạch") == []
    assert [text for text, _ in paragraphs("1.\tĐoạn ba\n-\tgạch")] == ["1. Đoạn ba", "- gạch"]


def test_markup_goes_and_marks_are_put_in_normal_form() -> None:
    nfd = unicodedata.normalize("NFD", "**Tỷ lệ** hồ sơ&nbsp;<b>đúng hạn</b><br/>")
    assert paragraphs(nfd) == [("Tỷ lệ hồ sơ đúng hạn", (1,))]


def test_what_a_page_break_cuts_is_joined_over_blank_lines_footnotes_and_page_numbers() -> None:
    text = (
        "2.1. Đảm bảo 100%\n\ncán bộ, công chức đạt chuẩn.\n\n4.4. Ủy quyền cho các sở -\n\n"
        "² Chú thích của trang\ncòn tiếp chú thích\n\n12\n\nngành, địa phương.\n\nĐoạn khác."
    )
    assert paragraphs(text) == [
        ("2.1. Đảm bảo 100% cán bộ, công chức đạt chuẩn.", (1, 3)),
        ("4.4. Ủy quyền cho các sở - ngành, địa phương.", (5, 12)),
        ("² Chú thích của trang còn tiếp chú thích", (7, 8)),
        ("12", (10,)),
        ("Đoạn khác.", (14,)),
    ]


def test_lines_cut_at_the_width_of_a_page_are_joined() -> None:
    long = [
        "Triển khai đồng bộ các nhiệm vụ cải cách hành chính trên địa bàn thành phố theo kế",
        "Hoạch của Chính phủ và của Bộ Nội vụ, trong đó tập trung vào các nội dung của Chương",
        "Trình tổng thể.",
    ] * 5
    assert len(paragraphs("\n".join(long))) == 5


def test_places_are_cited_as_people_do() -> None:
    assert [place([7]), place([7, 8, 9]), place([7, 11])] == ["line 7", "lines 7-9", "lines 7, 11"]
    assert place([3, 4], "paragraph") == "paragraphs 3-4"


# ---------------------------------------------------------------- files
@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"", "is empty"),
        (b"%PDF-1.7\xff\xfe", "is a PDF; give the decision as a Word document"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1old", "is an old Word document"),
        (rb"{\rtf1 text}", "is an RTF document"),
        ("Kế hoạch".encode("cp1258", "replace") + b"\xea\xe5", "is no UTF-8 text"),
        ("Quyết định".encode("utf-16-le"), "is no UTF-8 text"),
        (b"I. K\x00\x01\x02", "holds bytes that are no text"),
        (b"a" * 4_200_000, "of text"),
        (b"a" * 30_000, "a line of more than 20000 characters"),
        (b"a\n" * 30_000, "more than 20000 lines"),
        (b"PK\x03\x04broken", "is damaged"),
    ],
)  # fmt: skip
def test_what_is_no_text_is_refused_with_the_reason(content: bytes, reason: str) -> None:
    with pytest.raises(DocumentError, match=rf"^decision\.bin {reason}|^decision\.bin .*{reason}"):
        parse_document(content, "decision.bin")


def test_utf16_with_its_mark_is_read_and_old_encodings_are_converted_where_certain() -> None:
    assert parse_document("Quyết định".encode("utf-16"), "x").blocks == [Paragraph("Quyết định", (1,))]
    tcvn3 = "QuyÕt ®Þnh ban hµnh KÕ ho¹ch c¶i c¸ch hµnh chÝnh\n"
    assert parse_document(tcvn3.encode(), "x").text == "Quyết định ban hành Kế hoạch cải cách hành chính\n"


def test_text_whose_encoding_is_uncertain_is_refused() -> None:
    with pytest.raises(DocumentError, match="is not written in Unicode Vietnamese"):
        parse_document(("Qu\u00dby\u00de \u00ae\u00dfxx zz\u00d8q\n" * 9).encode(), "x")


# ---------------------------------------------------------------- sections
def test_sections_have_the_addresses_that_people_cite() -> None:
    found = outline(
        "Điều 2. Giao nhiệm vụ\n1. Sở A báo cáo.\nKẾ HOẠCH\nI. MỤC TIÊU\n1. Một\n1.1. Một một\n"
        "- gạch đầu\n+ cộng\n- gạch hai\nII. NHIỆM VỤ\n1. Hai\na) chữ a\nđ) chữ đê"
    )
    assert list(found.sections) == [
        "Điều 2", "Điều 2.1", "I", "I.1", "I.1.1", "II", "II.1", "II.1.a", "II.1.đ",
    ]  # fmt: skip
    assert {address: piece.text for address, piece in found.bullets.items()} == {
        "I.1.1-01": "gạch đầu",
        "I.1.1-01-01": "cộng",
        "I.1.1-02": "gạch hai",
    }
    assert [section.address for section in found.sections["I.1.1"].chain()] == ["I.1.1", "I.1", "I"]


def test_numbers_that_repeat_their_chapter_stand_alone_and_parts_have_letters() -> None:
    part = "I. CƠ SỞ\n1.1. Một\nII. ĐÁNH GIÁ\n2.1. Hai\nIII. MỤC TIÊU\n3.1. Ba\n3.1.1. Ba một\n"
    found = outline(part + part.replace("III.", "VI."))
    assert list(found.sections)[3:7] == ["A.2.1", "A.III", "A.3.1", "A.3.1.1"]
    assert list(found.sections)[-2:] == ["B.3.1", "B.3.1.1"]


def test_a_slip_in_numbering_is_read_in_its_sequence_and_named() -> None:
    found = outline("III. MỤC TIÊU\n3.1.2.1. Một\n2.1.2.2. Hai\n3.1.2.3. Ba\nIV. X\n4.1. Bốn")
    assert [address for address in found.sections if address.startswith("3")] == [
        "3.1.2.1",
        "3.1.2.2",
        "3.1.2.3",
    ]
    assert found.slips == [("2.1.2.2", "3.1.2.2")]


def test_a_number_nested_deeper_than_any_is_text() -> None:
    found = outline("I. PHẦN\n" + "\n".join(f"{'.'.join('1' * depth)}. Việc" for depth in range(1, 1200)))
    assert len(found.sections) == 11
    assert len(found.sections["I.1.1.1.1.1.1.1.1.1.1"].pieces) == 1190


def test_sections_without_chapters_and_paragraphs_without_bullets() -> None:
    found = outline("1. Sở A\na) Việc a\nb) Việc b\n2. Sở B báo cáo.\nỦy ban yêu cầu các cơ quan thực hiện.")
    assert list(found.sections) == ["1", "1.a", "1.b", "2"]
    assert found.wording("2-02") == ("Ủy ban yêu cầu các cơ quan thực hiện.", [5])
    assert (found.wording("2-03"), found.wording("9")) == (None, None)


def test_recipients_belong_to_no_article() -> None:
    found = outline("Điều 4. Thi hành./.\nNơi nhận:\n- Như Điều 4;\nKẾ HOẠCH\n1. Mục tiêu")
    assert found.sections["Điều 4"].text == "Thi hành./."
    assert "1" in found.sections


# ---------------------------------------------------------------- tables
def test_rows_numbered_anew_in_each_group_are_cited_with_the_group() -> None:
    table = (
        "TT\tNội dung\tChủ trì\tThời hạn\nI\tThể chế\t\t\n1\tViệc a\tSở A\tQuý I\n2\tViệc b\tSở B\tQuý II\n"
        "II\tThủ tục\t\t\n1\tViệc c\tSở C\tQuý III\n\tviệc thêm\tSở D\tQuý IV\n\tViệc khác\tSở E\tQuý IV\n"
    )
    tables = read_tables(parsed(table), [2023])
    assert {address: row.cells["task"] for address, row in tables.tasks.items()} == {
        "PL.1.1": "Việc a",
        "PL.1.2": "Việc b",
        "PL.2.1": "Việc c việc thêm",
        "PL.2.1-02": "Việc khác",
    }
    assert tables.tasks["PL.2.1"].groups == ("Thủ tục",)
    assert tables.split_rows == 1


def test_a_row_under_a_head_come_again_goes_on_unless_it_is_whole() -> None:
    head = "STT\tNhiệm vụ\tChủ trì\tThời gian\n"
    table = (
        f"{head}1\tPhối hợp với\tThủ trưởng các\tQuý I\n\n{head}\tCơ quan Thuế\tĐơn vị\t\n"
        + f"2\tViệc hai\tSở B\tQuý I\n\n{head}\tViệc không số\tSở C\tQuý II\n"
    )
    tables = read_tables(parsed(table), [2023])
    assert {address: row.cells["task"] for address, row in tables.tasks.items()} == {
        "PL.1": "Phối hợp với Cơ quan Thuế",
        "PL.2": "Việc hai",
        "PL.2-02": "Việc không số",
    }
    assert (tables.headers, tables.split_rows) == (3, 1)


def test_columns_are_told_by_their_heads_in_any_order_and_numbers_of_columns_are_dropped() -> None:
    table = (
        "Tiến độ\tĐầu ra\tCông việc\tCơ quan chủ trì\tPhối hợp\n(1)\t(2)\t(3)\t(4)\t(5)\n"
        "Quý I\tBáo cáo\tRà soát\tSở A\tSở B\n"
    )
    tables = read_tables(parsed(table), [2023])
    assert tables.tasks["PL-01"].cells == {
        "deadline": "Quý I", "product": "Báo cáo", "task": "Rà soát", "lead": "Sở A", "cooperate": "Sở B",
    }  # fmt: skip


def test_a_table_of_something_else_is_no_table_of_tasks() -> None:
    found = read_tables(parsed("Họ tên\tNăm sinh\tQuê\nA\t1980\tHuế\nB\t1981\tHuế\n"), [2023])
    assert (found.tables, len(found.others)) == ([], 3)


@pytest.mark.parametrize(
    ("cell", "names"),
    [
        ("Sở Kế hoạch và Đầu tư, Sở Y tế và UBND xã", ["Sở Kế hoạch và Đầu tư", "Sở Y tế", "UBND xã"]),
        ("Văn phòng HĐND và UBND huyện; Phòng Nội vụ.", ["Văn phòng HĐND và UBND huyện", "Phòng Nội vụ"]),
        ("Các Sở, Ban, ngành, Chủ tịch UBND các huyện", ["Các Sở, Ban, ngành", "Chủ tịch UBND các huyện"]),
        ("- Sở A\n- Mời Ban Dân vận phối hợp với Mặt trận", ["Sở A", "Ban Dân vận", "Mặt trận"]),
        ("Ban Quản lý Khu chế xuất và Khu công nghiệp", ["Ban Quản lý Khu chế xuất và Khu công nghiệp"]),
        ("Các phòng, ban, đơn vị thuộc huyện", ["Các phòng, ban, đơn vị thuộc huyện"]),
        (" - ", []),
    ],
)  # fmt: skip
def test_names_in_a_cell_are_parted_only_before_another_office(cell: str, names: list[str]) -> None:
    assert [name for name, _ in split_places(cell)] == names
