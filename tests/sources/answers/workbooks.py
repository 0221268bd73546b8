"""Workbooks as several programs write them, and their packages taken apart."""

from __future__ import annotations

import zipfile
from collections.abc import Callable
from io import BytesIO

import openpyxl
import xlsxwriter
from lxml import etree
from openpyxl.comments import Comment

PIXEL = bytes.fromhex(
    "89504e470d0a1a0a0000000d49484452000000010000000108060000001f15c4890000000d49444154789c6360606060000000"
    "05000165f640ee0000000049454e44ae426082"
)
STRICT = {
    "http://schemas.openxmlformats.org/spreadsheetml/2006/main": (
        "http://purl.oclc.org/ooxml/spreadsheetml/main"
    ),
    "http://schemas.openxmlformats.org/officeDocument/2006/relationships": (
        "http://purl.oclc.org/ooxml/officeDocument/relationships"
    ),
}


def parts_of(data: bytes) -> dict[str, bytes]:
    with zipfile.ZipFile(BytesIO(data)) as archive:
        return {info.filename: archive.read(info) for info in archive.infolist()}


def packed(parts: dict[str, bytes]) -> bytes:
    buffer = BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in parts.items():
            archive.writestr(name, data)
    return buffer.getvalue()


def changed(data: bytes, change: Callable[[str, bytes], bytes]) -> bytes:
    return packed({name: change(name, part) for name, part in parts_of(data).items()})


def rich_workbook(comments: bool = False) -> bytes:
    """Formulas with values, a chart, a picture, rules, names, a hidden sheet, protection: by xlsxwriter."""
    buffer = BytesIO()
    book = xlsxwriter.Workbook(buffer, {"in_memory": True})
    money = book.add_format({"num_format": "#,##0", "bold": True, "border": 1, "locked": False})
    page = book.add_worksheet("Bảng")
    page.set_column(0, 0, 31.5)
    page.set_column(1, 1, 12, money)
    page.set_row(1, 40)
    page.write_row("A1", ["Lĩnh vực", "Số", "Cộng"])
    page.write_string("A2", "Đất đai")
    page.write_number("B2", 5, money)
    page.write_formula("C2", "=B2*2", None, 10)
    page.write_string("A4", "Hộ tịch")
    page.write_formula("C4", "=SUM(B2:B4)", None, 5)
    page.merge_range("A6:C6", "Gộp ô", money)
    page.data_validation("B2:B9", {"validate": "integer", "criteria": ">=", "value": 0})
    page.conditional_format("B2:B9", {"type": "cell", "criteria": ">", "value": 4, "format": money})
    page.protect("mật khẩu")
    page.set_footer("&LChân trang")
    other = book.add_worksheet("Biểu đồ")
    chart = book.add_chart({"type": "column"})
    chart.add_series({"values": "=Bảng!$B$2:$B$4"})
    other.insert_chart("B2", chart)
    other.insert_image("B20", "anh.png", {"image_data": BytesIO(PIXEL)})
    hidden = book.add_worksheet("Ẩn")
    hidden.write("A1", "x")
    hidden.hide()
    if comments:
        page.write_comment("B2", "Lời người lập", {"author": "Người lập"})
        page.write_comment("A1", "Ghi chú khác", {"author": "Người lập"})
    book.define_name("Tong", "=Bảng!$C$4")
    book.close()
    return buffer.getvalue()


def plain_workbook(comment: bool = False) -> bytes:
    """A workbook by openpyxl: absolute targets, shared strings, its own VML."""
    book = openpyxl.Workbook()
    page = book.active
    assert page is not None
    page.title = "Bảng"
    page.append(["Lĩnh vực", "Số"])
    page.append(["Đất đai", 5])
    if comment:
        page["B2"].comment = Comment("Lời người lập", "Người lập")
    buffer = BytesIO()
    book.save(buffer)
    return buffer.getvalue()


def strict(data: bytes) -> bytes:
    """The same in the strict dialect."""

    def change(name: str, part: bytes) -> bytes:
        for loose, tight in STRICT.items():
            if name.endswith(("workbook.xml", "styles.xml", ".rels")) or "/worksheets/" in name:
                part = part.replace(loose.encode(), tight.encode())
            if name.endswith("sharedStrings.xml"):
                part = part.replace(loose.encode(), tight.encode())
        return part

    return changed(data, change)


def prefixed(data: bytes) -> bytes:
    """The same with a prefix on every element of the worksheets and the workbook."""

    def change(name: str, part: bytes) -> bytes:
        if not (name == "xl/workbook.xml" or name.startswith("xl/worksheets/sheet")):
            return part
        root = etree.fromstring(part)
        main = etree.QName(root).namespace
        nsmap = {"x": main} | {k: v for k, v in root.nsmap.items() if k is not None}
        copy = etree.Element(root.tag, root.attrib, nsmap=nsmap)
        copy.extend(list(root))
        etree.cleanup_namespaces(copy, keep_ns_prefixes=list(nsmap))
        return bytes(etree.tostring(copy, xml_declaration=True, encoding="UTF-8", standalone=True))

    return changed(data, change)


def check_package(data: bytes) -> None:
    """Every XML part is well-formed, every relationship leads somewhere, every part has a type."""
    parts = parts_of(data)
    types = etree.fromstring(parts["[Content_Types].xml"])
    overrides = {item.get("PartName") for item in types if item.get("PartName")}
    extensions = {item.get("Extension") for item in types if item.get("Extension")}
    assert len(overrides) == sum(1 for item in types if item.get("PartName"))
    assert {name.lstrip("/") for name in overrides} <= parts.keys()
    for name, part in parts.items():
        if name.endswith((".xml", ".rels", ".vml")):
            etree.fromstring(part)
        assert (
            name == "[Content_Types].xml" or f"/{name}" in overrides or name.rpartition(".")[2] in extensions
        )
        if name.endswith(".rels"):
            folder = name.rpartition("_rels/")[0]
            items = etree.fromstring(part)
            ids = [item.get("Id") for item in items]
            assert len(ids) == len(set(ids))
            for item in items:
                target = item.get("Target")
                if item.get("TargetMode") == "External":
                    continue
                path = target.lstrip("/") if target.startswith("/") else _joined(folder, target)
                assert path in parts, (name, target)


def _joined(folder: str, target: str) -> str:
    found: list[str] = [piece for piece in folder.split("/") if piece]
    for piece in target.split("/"):
        found = found[:-1] if piece == ".." else [*found, piece]
    return "/".join(found)
