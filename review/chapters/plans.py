"""What looks beyond the period: what is due next, indices that others publish, contradictions in plans."""

from __future__ import annotations

from typing import Any

from review.display import day, number, threshold
from review.evidence import Evidence
from review.marts import Marts, Row
from review.tables import Chapter, Column, Table

PAGE_ROWS = 300
"""A page longer than this helps nobody; the workbook holds every row."""
OPEN_STATES = ("running", "not_due", "overdue", "awaiting")

COMING_COLUMNS = [
    Column("agency_name", "Cơ quan", where="book", width=30),
    Column("task_title", "Nhiệm vụ", sub="product_label", where="page", width=46),
    Column("due_date", "Hạn", "day", width=12),
    Column("stt", "Số thứ tự", where="book", width=9),
    Column("task_label", "Nhiệm vụ", where="book", width=50),
    Column("product_label", "Sản phẩm phải có", where="book", width=34),
    Column("obligation_label", "Phần việc", "small", width=34),
    Column("obligation_state", "Tình trạng", "state", vocabulary="obligation", width=20),
    Column("citation", "Căn cứ", "small", width=26),
]
INDEX_COLUMNS = [
    Column("index_label", "Chỉ số, nội dung", where="book", width=48),
    Column("year", "Năm", width=12),
    Column("score", "Điểm", "score", width=9),
    Column("score_before", "Điểm năm trước", "score", width=9),
    Column("placed", "Thứ hạng", width=12),
    Column("rank_before", "Thứ hạng năm trước", "count", where="book", width=11),
    Column("target_label", "Chỉ tiêu", marks="marks", width=44),
    Column("threshold", "Ngưỡng", width=20),
    Column("outcome", "Đánh giá", "state", vocabulary="index", width=19),
    Column("marks", "Lưu ý", "marks", where="book", width=26),
    Column("target_citation", "Căn cứ của chỉ tiêu", "small", width=30),
    Column("figure_source", "Nguồn của số công bố", "small", width=34),
]
FINDING_COLUMNS = [
    Column("plan_name", "Kế hoạch", where="book", width=40),
    Column("sections", "Mục", marks="marks", where="page", width=20),
    Column("citations_text", "Mục", where="book", width=30),
    Column("says_vi", "Văn bản nói gì", width=60),
    Column("read_as_vi", "Cách hiểu", width=44),
    Column("why_vi", "Vì sao", "small", width=44),
    Column("how_found", "Phát hiện bằng", "small", width=18),
    Column("marks", "Lưu ý", "marks", where="book", width=20),
]


def coming(marts: Marts, _evidence: Evidence) -> Chapter:
    """What the lead agencies owe in the quarter after the period's, agency by agency."""
    rows = [
        dict(row) | {"task_title": f"{row['stt']}. {row['task_label']}"}
        for row in marts.task_due
        if row["obligation_state"] in OPEN_STATES
    ]
    agencies = {row["agency_name"] for row in rows}
    done = len(marts.task_due) - len(rows)
    sentence = f"{number(len(rows))} phần việc của {number(len(agencies))} cơ quan chủ trì đến hạn trong quý"
    if rows:
        first, last = min(row["due_date"] for row in rows), max(row["due_date"] for row in rows)
        sentence += f", từ {day(first)} đến {day(last)}"
    return Chapter(
        "den-han",
        "Việc đến hạn quý tới",
        sentences=[sentence + (f"; {number(done)} phần việc khác đã xong trước." if done else ".")],
        tables=[
            Table(
                "den-han",
                "Từng cơ quan",
                COMING_COLUMNS,
                rows,
                sheet="Đến hạn quý tới",
                group="agency_name",
                folded=True,
                limit=PAGE_ROWS,
            )
        ]
        if rows
        else [],
    )


def indices(marts: Marts, _evidence: Evidence) -> Chapter:
    """What others published of the jurisdiction, and what the plans ask of it, up to the review's year."""
    rows = [_index(row) for row in marts.index]
    asked = [row for row in marts.index if row["year"] == marts.city["year"] and row["target_citation"]]
    unknown = sum(row["outcome"] == "no_data" for row in asked)
    return Chapter(
        "chi-so",
        "Chỉ số bên ngoài",
        sentences=[
            f"Năm {marts.city['year']} có {number(len(asked))} chỉ tiêu theo chỉ số do cơ quan ngoài công bố,"
            f" {number(unknown)} chỉ tiêu chưa có số công bố."
            " Số công bố là dữ liệu tham chiếu, có nguồn ghi bên cạnh; không cơ quan nào báo cáo thay.",
        ],
        tables=[
            Table(
                "chi-so",
                "Từng chỉ số và năm",
                INDEX_COLUMNS,
                rows,
                sheet="Chỉ số bên ngoài",
                group="index_label",
            )
        ]
        if rows
        else [],
    )


def _index(row: Row) -> dict[str, Any]:
    marks = []
    if row["is_ambiguous"]:
        marks.append(("warn", f"Văn bản chưa rõ: {row['ambiguity_reason'] or 'có thể hiểu nhiều cách'}"))
    if row["is_figure_assumed"]:
        marks.append(("idle", "Số công bố là giả định"))
    placed = None
    if row["rank"] is not None:
        placed = f"{row['rank']}/{row['ranked_of']}" if row["ranked_of"] else f"{row['rank']}"
    return dict(row) | {"placed": placed, "threshold": threshold(row["target_text_vi"]), "marks": marks}


def contradictions(marts: Marts, _evidence: Evidence) -> Chapter:
    """Where the documents of the plans contradict themselves, and how they were read."""
    rows = [
        dict(row)
        | {
            "plan_name": f"{row['cited_as']} – {row['plan_label']}",
            # the heading of the group names the document already
            "sections": row["citations_text"].replace(f"{row['cited_as']}, ", ""),
            "how_found": "đọc văn bản" if row["found_by"] == "reading" else "tính từ văn bản",
            "marks": [] if row["is_reviewed"] else [("warn", "Chưa có người xem xét")],
        }
        for row in marts.plan_finding
    ]
    open_points = sum(not row["is_reviewed"] for row in rows)
    sentence = f"{number(len(rows))} điểm trong văn bản kế hoạch mâu thuẫn hoặc có sai sót"
    return Chapter(
        "mau-thuan",
        "Mâu thuẫn trong văn bản kế hoạch",
        sentences=[
            f"{sentence}, mỗi điểm ghi rõ cách hiểu và lý do"
            + (f"; {number(open_points)} điểm chưa có người xem xét." if open_points else ".")
        ],
        tables=[
            Table(
                "mau-thuan",
                "Từng điểm",
                FINDING_COLUMNS,
                rows,
                sheet="Mâu thuẫn trong văn bản",
                group="plan_name",
                folded=True,
            )
        ]
        if rows
        else [],
    )
