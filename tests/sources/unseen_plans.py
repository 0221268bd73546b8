"""Plans of our own in layouts that none of the five decisions has, and what a careful reader takes from them.

They were written before the reader was tried on them. The first time it found all their targets and tasks,
and misread two heads, an issuer and an office (Văn phòng HĐND và UBND). Places and wording are invented.
"""

from __future__ import annotations

from io import BytesIO
from typing import Any

import docx
from docx.oxml import OxmlElement
from docx.oxml.ns import qn

Expected = tuple[str, str, str, str, str]
"""Section or row, comparator, value, upper value, unit."""

# ------------------------------------------------ another city's wording, cut at the width of a page
WRAPPED = """\
ỦY BAN NHÂN DÂN
THÀNH PHỐ MẪU SƠN

KẾ HOẠCH
Cải cách hành chính nhà nước thành phố Mẫu Sơn giai đoạn 2021 - 2025

Số: 88/KH-UBND

Căn cứ Nghị quyết số 76/NQ-CP ngày 15 tháng 7 năm 2021 của Chính phủ ban hành Chương
trình tổng thể cải cách hành chính nhà nước giai đoạn 2021 - 2030;

I. TÌNH HÌNH VÀ KẾT QUẢ GIAI ĐOẠN TRƯỚC
1. Năm 2020, tỷ lệ hồ sơ trực tuyến của thành phố đã đạt 31%, xếp thứ 41/63 tỉnh, thành
phố; mức độ hài lòng đạt 84%.

II. MỤC TIÊU
1. Mục tiêu chung
Xây dựng nền hành chính dân chủ, chuyên nghiệp, hiện đại, tinh gọn.

2. Mục tiêu cụ thể đến năm 2025
2.1. Cải cách thể chế
- 100% văn bản quy phạm pháp luật được ban hành đúng trình tự, thủ tục; không để xảy ra
việc nợ đọng văn bản quy định chi tiết.
2.2. Cải cách thủ tục hành chính
a) Mức độ hài lòng của người dân, doanh nghiệp về giải quyết thủ tục hành chính đạt tối
thiểu 95%; trong đó, mức độ hài lòng về giải quyết thủ tục đất đai, xây dựng không thấp
hơn 90%.
b) Không dưới 80% hồ sơ giải quyết thủ tục hành chính được luân chuyển trên môi trường
điện tử; tỷ lệ hồ sơ trễ hạn không vượt quá 1,5%.
c) Số hóa kết quả giải quyết thủ tục hành chính còn hiệu lực: cấp thành phố đạt từ 60%
trở lên, cấp huyện từ 50% trở lên, cấp xã 40%.
d) Năm 2022, tỷ lệ thanh toán trực tuyến đạt 20%; các năm tiếp theo, mỗi năm tăng thêm
tối thiểu 10% cho đến khi đạt 50%.
2.3. Cải cách tổ chức bộ máy
- Giảm tối thiểu 10% số lượng đơn vị sự nghiệp công lập so với năm 2021.
- Số lượng cấp phó của các cơ quan không vượt quá số lượng theo quy định.
2.4. Xây dựng chính quyền số
- Từ 90% đến 95% văn bản giữa các cơ quan được ký số.
- Tỷ lệ cán bộ, công chức xử lý hồ sơ công việc trên mạng đạt trên 98%.
- Mỗi năm có ít nhất 02 sáng kiến cải cách hành chính được công nhận.
- Tổ chức đối thoại với doanh nghiệp tối thiểu 02 lần/năm.
2.5. Chỉ số cải cách hành chính (PAR Index) của thành phố hằng năm nằm trong nhóm 15
tỉnh, thành phố dẫn đầu cả nước; điểm chỉ số năm sau cao hơn năm trước.

III. TỔ CHỨC THỰC HIỆN
1. Sở Nội vụ
a) Chủ trì theo dõi, đôn đốc thực hiện Kế hoạch; báo cáo theo khoản 2 Điều 10 Nghị định
số 09/2019/NĐ-CP.
b) Tham mưu kiểm tra cải cách hành chính hằng năm.
2. Văn phòng Ủy ban nhân dân thành phố chủ trì kiểm soát thủ tục hành chính, dịch vụ
công trực tuyến mức độ 3, mức độ 4; kinh phí không quá 500 triệu đồng.
"""
WRAPPED_TARGETS: list[Expected] = [
    ("II.2.1", "eq", "100", "", "percent"),
    ("II.2.1", "eq", "0", "", "count"),
    ("II.2.2.a", "ge", "95", "", "percent"),
    ("II.2.2.a", "ge", "90", "", "percent"),
    ("II.2.2.b", "ge", "80", "", "percent"),
    ("II.2.2.b", "le", "1.5", "", "percent"),
    ("II.2.2.c", "ge", "60", "", "percent"),
    ("II.2.2.c", "ge", "50", "", "percent"),
    ("II.2.2.c", "ge", "40", "", "percent"),
    ("II.2.2.d", "ge", "20", "", "percent"),
    ("II.2.3", "le", "-10", "", "percent_change"),
    ("II.2.3", "le", "100", "", "percent"),
    ("II.2.4", "range", "90", "95", "percent"),
    ("II.2.4", "gt", "98", "", "percent"),
    ("II.2.4", "ge", "2", "", "count_per_year"),
    ("II.2.4", "ge", "2", "", "count_per_year"),
    ("II.2.5", "rank_le", "15", "", "rank"),
    ("II.2.5", "gt", "0", "", "score_change"),
]
WRAPPED_DUTIES = ["III.1.a", "III.1.b", "III.2"]

# ------------------------------------------------ no numbers of rows, columns in another order, bars
_BARS_ROWS = (
    ("Thời hạn", "Đơn vị thực hiện", "Đơn vị phối hợp", "Nội dung nhiệm vụ", "Kết quả đầu ra"),
    ("---", "---", "---", "---", "---"),
    ("Tháng 01/2024", "Sở Nội vụ", "Các sở, ban, ngành", "Ban hành Kế hoạch tuyên truyền", "Kế hoạch"),
    (
        "Trước 15/12/2024",
        "Sở Nội vụ; Sở Tài chính",
        "UBND các huyện, thành phố",
        "Kiểm tra cải cách hành chính tại ít nhất 30% cơ quan, đơn vị",
        "Báo cáo",
    ),
    (
        "Thường xuyên",
        "Các sở, ban, ngành; UBND các huyện, thành phố",
        "",
        "Công khai 100% thủ tục hành chính thuộc thẩm quyền",
        "",
    ),
    (
        "Quý II, quý IV năm 2024",
        "Sở Thông tin và Truyền thông",
        "Sở Nội vụ, Văn phòng UBND tỉnh và Báo Mẫu Hà",
        "Đánh giá mức độ chuyển đổi số",
        "Báo cáo",
    ),
    ("Theo kế hoạch của Bộ Nội vụ", "Sở Nội vụ", "Bưu điện tỉnh", "Điều tra xã hội học", "Văn bản"),
    ("6 tháng/lần", "Thanh tra tỉnh", "Các cơ quan có liên quan", "Thanh tra công vụ", "Kết luận"),
)
BARS = """\
UBND TỈNH MẪU HÀ

KẾ HOẠCH
Cải cách hành chính tỉnh Mẫu Hà năm 2024
Số: 12/KH-UBND

PHỤ LỤC
DANH MỤC NHIỆM VỤ

""" + "\n".join(f"| {' | '.join(cells)} |" for cells in _BARS_ROWS)
BARS_TASKS: dict[str, tuple[list[str], list[str], list[tuple[str, str]]]] = {
    "PL-01": (["Sở Nội vụ"], ["Các sở, ban, ngành"], [("milestone", "2024-01-31")]),
    "PL-02": (["Sở Nội vụ", "Sở Tài chính"], ["UBND các huyện, thành phố"], [("milestone", "2024-12-14")]),
    "PL-03": (["Các sở, ban, ngành", "UBND các huyện, thành phố"], [], [("ongoing", "")]),
    "PL-04": (
        ["Sở Thông tin và Truyền thông"],
        ["Sở Nội vụ", "Văn phòng UBND tỉnh", "Báo Mẫu Hà"],
        [("milestone", "2024-12-31")],
    ),
    "PL-05": (["Sở Nội vụ"], ["Bưu điện tỉnh"], [("external", "")]),
    "PL-06": (
        ["Thanh tra tỉnh"],
        ["Các cơ quan có liên quan"],
        [("recurring", "2024-06-30"), ("recurring", "2024-12-31")],
    ),
}
BARS_TARGETS: list[Expected] = [
    ("PL-02", "ge", "30", "", "percent"),
    ("PL-03", "eq", "100", "", "percent"),
]

# ------------------------------------------------ a landscape table of targets by year
TARGET_TABLE = """\
ỦY BAN NHÂN DÂN HUYỆN MẪU LÂM

KẾ HOẠCH
Thực hiện các chỉ tiêu cải cách hành chính giai đoạn 2022 - 2024

STT\tChỉ tiêu\tĐơn vị tính\tNăm 2022\tNăm 2023\tNăm 2024\tCơ quan chủ trì
1\tTỷ lệ hồ sơ giải quyết đúng hạn\t%\t≥ 95\t≥ 97\t≥ 98\tVăn phòng HĐND và UBND huyện
2\tTỷ lệ hồ sơ nộp trực tuyến\t%\t40\t50\t60\tVăn phòng HĐND và UBND huyện
3\tTỷ lệ hồ sơ trễ hạn\t%\t< 5\t< 3\t< 2\tPhòng Tài nguyên và Môi trường
4\tTỷ lệ cán bộ, công chức cấp xã đạt chuẩn\t%\t100\t100\t100\tPhòng Nội vụ
"""
TARGET_TABLE_BY_YEAR = {
    "PL.1": ("ge", {2022: 95, 2023: 97, 2024: 98}),
    "PL.2": ("ge", {2022: 40, 2023: 50, 2024: 60}),
    "PL.3": ("lt", {2022: 5, 2023: 3, 2024: 2}),
    "PL.4": ("eq", {2022: 100, 2023: 100, 2024: 100}),
}


# ------------------------------------------------ Word: merged heads, Roman groups, automatic numbers
def merged_word() -> bytes:
    """Two rows of heads with spans, groups across the table, rows that Word numbers, long cells."""
    document = docx.Document()
    for text in ("ỦY BAN NHÂN DÂN HUYỆN MẪU GIANG", "Số: 45/KH-UBND", "Mẫu Giang, ngày 20 tháng 01 năm 2024"):
        document.add_paragraph(text)
    document.add_paragraph("KẾ HOẠCH")
    document.add_paragraph("Cải cách hành chính huyện Mẫu Giang năm 2024")
    document.add_paragraph("I. MỤC TIÊU")
    goals = (
        "Tỷ lệ hồ sơ thủ tục hành chính giải quyết trước hạn và đúng hạn đạt từ 98% trở lên.",
        "Phấn đấu 100% Ủy ban nhân dân cấp xã thực hiện chữ ký số.",
        "Tỷ lệ giải ngân vốn đầu tư công đạt tối thiểu 95%; tỷ lệ hồ sơ trễ hạn dưới 2%.",
    )
    numbered = _numbering(document)
    for text in goals:
        _numbered(document.add_paragraph(text), numbered)
    document.add_paragraph("II. NHIỆM VỤ: theo Phụ lục kèm theo")
    table = document.add_table(rows=2, cols=7)
    for column, text in enumerate(
        ("TT", "Nội dung công việc", "Cơ quan thực hiện", "", "Sản phẩm", "Thời gian", "")
    ):
        table.cell(0, column).text = text
    for column, text in enumerate(("", "", "Chủ trì", "Phối hợp", "", "Bắt đầu", "Hoàn thành")):
        table.cell(1, column).text = text
    table.cell(0, 2).merge(table.cell(0, 3))
    table.cell(0, 5).merge(table.cell(0, 6))
    for column in (0, 1, 4):
        table.cell(0, column).merge(table.cell(1, column))
    _group(table, "I. Cải cách thể chế")
    _task(
        table,
        numbered,
        ("Rà soát văn bản", "Phòng Tư pháp", "Các cơ quan, đơn vị", "Báo cáo", "", "30/6/2024"),
        7,
    )
    _task(
        table,
        numbered,
        (
            "Theo dõi thi hành pháp luật",
            "Phòng Tư pháp",
            "UBND các xã, thị trấn",
            "Kế hoạch\nBáo cáo",
            "",
            "Quý IV/2024",
        ),
        7,
    )
    _group(table, "II. Cải cách thủ tục hành chính")
    _task(
        table,
        numbered,
        (
            "Kiểm tra, rà soát thủ tục hành chính",
            "Văn phòng HĐND và UBND huyện\nPhòng Nội vụ",
            "UBND các xã, thị trấn",
            "Quyết định",
            "",
            "Hằng quý",
        ),
        7,
    )
    buffer = BytesIO()
    document.save(buffer)
    return buffer.getvalue()


MERGED_TASKS = {
    "PL.1": (["Phòng Tư pháp"], [("milestone", "2024-06-30")]),
    "PL.2": (["Phòng Tư pháp"], [("milestone", "2024-12-31")]),
    "PL.3": (
        ["Văn phòng HĐND và UBND huyện", "Phòng Nội vụ"],
        [("recurring", f"2024-{day}") for day in ("03-31", "06-30", "09-30", "12-31")],
    ),
}
MERGED_TARGETS: list[Expected] = [
    ("I.1", "ge", "98", "", "percent"),
    ("I.2", "eq", "100", "", "percent"),
    ("I.3", "ge", "95", "", "percent"),
    ("I.3", "lt", "2", "", "percent"),
]


def _numbering(document: Any) -> dict[str, str]:
    """Two lists that Word numbers itself: paragraphs '1.', rows of the table '1'."""
    part = document.part.numbering_part.element
    names = {}
    for number, (name, text) in enumerate((("paragraph", "%1."), ("row", "%1")), start=90):
        abstract = OxmlElement("w:abstractNum")
        abstract.set(qn("w:abstractNumId"), str(number))
        level = OxmlElement("w:lvl")
        level.set(qn("w:ilvl"), "0")
        for tag, value in (("w:start", "1"), ("w:numFmt", "decimal"), ("w:lvlText", text)):
            child = OxmlElement(tag)
            child.set(qn("w:val"), value)
            level.append(child)
        abstract.append(level)
        part.insert(0, abstract)
        num = OxmlElement("w:num")
        num.set(qn("w:numId"), str(number))
        reference = OxmlElement("w:abstractNumId")
        reference.set(qn("w:val"), str(number))
        num.append(reference)
        part.append(num)
        names[name] = str(number)
    return names


def _numbered(paragraph: Any, numbering: dict[str, str], name: str = "paragraph") -> None:
    properties = paragraph._p.get_or_add_pPr().get_or_add_numPr()
    properties.get_or_add_ilvl().val = 0
    properties.get_or_add_numId().val = int(numbering[name])


def _group(table: Any, title: str) -> None:
    cells = table.add_row().cells
    cells[0].merge(cells[-1])
    cells[0].text = title


def _task(table: Any, numbering: dict[str, str], texts: tuple[str, ...], width: int) -> None:
    cells = table.add_row().cells
    assert len(texts) == width - 1
    _numbered(cells[0].paragraphs[0], numbering, "row")
    for cell, text in zip(cells[1:], texts, strict=True):
        cell.text = text
