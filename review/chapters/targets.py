"""Targets by reform area: value against threshold, what covers it, where it fails, what it rests on."""

from __future__ import annotations

from typing import Any

from review.display import Measured, Ratio, measured, number, threshold
from review.evidence import Evidence
from review.figures import period_kind
from review.marts import Marts, Row
from review.tables import Chapter, Chart, Column, Table
from review.wording import QUANTIFIERS, ROLL_UPS, VOCABULARIES

NAMED = 5
"""Missed targets named in the text; the table shows all."""

COLUMNS = [
    Column("area_label", "Chuyên đề", where="book", width=26),
    Column("target_code", "Mã chỉ tiêu", where="book", width=28),
    Column("target_label", "Chỉ tiêu", sub="rule_text", marks="marks", width=48),
    Column("threshold", "Ngưỡng", width=16),
    Column("measured", "Kết quả", "measured", link="evidence", width=12),
    Column("outcome", "Đánh giá", "state", vocabulary="outcome", width=17),
    Column("agencies", "Cơ quan có số liệu", "share", quiet=True, width=12),
    Column("fields", "Lĩnh vực đạt", "share", quiet=True, width=12),
    Column("failing_text_vi", "Chưa đạt tại", "small", width=40),
    Column("rule_text", "Cách tổng hợp", where="book", width=34),
    Column("citation", "Căn cứ", "small", sub="also_cited_text", width=30),
    Column("also_cited_text", "Cũng nêu tại", where="book", width=30),
    Column("marks", "Lưu ý", "marks", where="book", width=30),
]


def marks_of(row: Row) -> list[tuple[str, str]]:
    """What a reader must know about a target before quoting it."""
    marks = []
    if row["is_ambiguous"]:
        reason = row["ambiguity_reason"]
        marks.append(("warn", f"Văn bản chưa rõ: {reason}" if reason else "Văn bản chưa rõ"))
    if row["is_assumed"]:
        marks.append(("idle", "Có giả định"))
    return marks


def _row(row: Row, marts: Marts, evidence: Evidence) -> dict[str, Any]:
    counts_agencies = row["roll_up"] == "share_of_agencies" or row["quantifier"] == "every_agency"
    several = row["fields_total"] and row["quantifier"] == "every_field"
    rules = (QUANTIFIERS.get(row["quantifier"], ""), ROLL_UPS.get(row["roll_up"], ""))
    return dict(row) | {
        "area_label": marts.area_label(row["area_code"]),
        "rule_text": "; ".join(filter(None, rules)) if row["is_measurable"] else "",
        "threshold": threshold(row["target_text_vi"]),
        "measured": Measured(
            row["value"],
            row["unit_of_measure"],
            row["numerator"],
            row["denominator"],
            "cơ quan" if counts_agencies else "",
        ),
        "agencies": Ratio(row["agencies_covered"], row["agencies_expected"])
        if row["agencies_expected"]
        else None,
        "fields": Ratio(row["fields_met"], row["fields_total"]) if several else None,
        "evidence": evidence.link(row["target_code"]),
        "marks": marks_of(row),
    }


def _sentences(marts: Marts, rows: list[dict[str, Any]]) -> list[str]:
    sentences = []
    missed = [row for row in rows if row["outcome"] == "missed"]
    if missed:
        named = "; ".join(
            f"{row['target_label']} ({measured(row['measured'])}, ngưỡng: {row['threshold']})"
            for row in missed[:NAMED]
        )
        more = f"; và {number(len(missed) - NAMED)} chỉ tiêu khác" if len(missed) > NAMED else ""
        sentences.append(f"{number(len(missed))} chỉ tiêu chưa đạt: {named}{more}.")
    if period_kind(marts.city["period_id"]) != "Y":
        sentences.append(
            f"Ngưỡng là của cả năm {marts.city['year']}: “chưa đạt” ở kỳ này nghĩa là số liệu đến kỳ này"
            " chưa bằng"
            " ngưỡng của năm, chưa phải kết luận của năm."
        )
    return [*sentences, "Bấm vào kết quả của một chỉ tiêu để xem các ô số liệu mà nó được tính ra."]


def area_chart(marts: Marts) -> Chart:
    """Targets of each area by outcome."""
    areas = [row for row in marts.area if row["targets_total"]]
    return Chart(
        "chi-tieu",
        "Kết quả chỉ tiêu theo chuyên đề",
        [row["area_label"] for row in areas],
        [
            (state.label, state.tone, [row[f"targets_{code}"] or 0 for row in areas])
            for code, state in VOCABULARIES["outcome"].items()
        ],
        "chỉ tiêu",
    )


def chapter(marts: Marts, evidence: Evidence) -> Chapter:
    """Every target of the year under its area."""
    rows = [_row(row, marts, evidence) for row in marts.target]
    rows.sort(key=lambda row: (marts.area_place(row["area_code"]), row["target_order"], row["target_code"]))
    return Chapter(
        "chi-tieu",
        "Chỉ tiêu theo chuyên đề",
        sentences=_sentences(marts, rows),
        charts=[area_chart(marts)],
        tables=[Table("chi-tieu", "Từng chỉ tiêu", COLUMNS, rows, sheet="Chỉ tiêu", group="area_label")],
    )
