"""Headline figures, the sentences that sum the period up, and the course of the year."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from review.display import NOTHING, Ratio, counts, number, percent, percent_places, percent_shown
from review.marts import Marts, Row
from review.tables import Column, Table

CUMULATIVE_KINDS = ("Q1", "H1", "9M", "Y")
QUARTER_KINDS = ("Q1", "Q2", "Q3", "Q4")


@dataclass(frozen=True)
class Figure:
    """One headline rate: what it is, its counts, what they count, what stands beside it, where to read on."""

    label: str
    ratio: Ratio
    counted: str
    beside: str
    before: str
    href: str


@dataclass(frozen=True)
class _Rate:
    label: str
    numerator: str
    denominator: str
    counted: str
    href: str
    reported_only: bool = False
    """Has no meaning in a derived quarter, which nobody reports."""


RATES = (
    _Rate("Nộp báo cáo đúng hạn", "agencies_on_time", "agencies_expected", "cơ quan", "#bao-cao", True),
    _Rate("Chỉ tiêu đạt", "targets_met", "targets_judged", "chỉ tiêu có kết quả", "#chi-tieu", True),
    _Rate("Nhiệm vụ hoàn thành", "tasks_done", "tasks_total", "nhiệm vụ", "#nhiem-vu", True),
    _Rate(
        "Hồ sơ giải quyết trong hạn",
        "dossiers_resolved_in_time",
        "dossiers_resolved_total",
        "hồ sơ",
        "#ho-so",
    ),
    _Rate("Hồ sơ nộp trực tuyến", "dossiers_received_online", "dossiers_received_new", "hồ sơ mới", "#ho-so"),
    _Rate("Người dân hài lòng", "satisfaction_satisfied", "satisfaction_valid", "phiếu hợp lệ", "#hai-long"),
    _Rate(
        "Phản ánh xử lý đúng hạn", "feedback_resolved_on_time", "feedback_resolved", "đã xử lý", "#phan-anh"
    ),
)


def _add(*values: int | None) -> int | None:
    known = [value for value in values if value is not None]
    return sum(known) if known else None


def with_sums(city: Row) -> Row:
    """The city row with the denominators that are sums of its counts."""
    return {
        **city,
        "targets_judged": _add(city["targets_met"], city["targets_missed"]),
        "dossiers_received_new": _add(city["dossiers_received_online"], city["dossiers_received_direct"]),
        "feedback_resolved": _add(city["feedback_resolved_on_time"], city["feedback_resolved_late"]),
    }


def period_kind(period_id: str) -> str:
    """Q1, H1, … from a period id such as 2023-Q1."""
    return period_id.partition("-")[2]


def previous(marts: Marts) -> Row | None:
    """The period of the same year that this one can be compared with, or None.

    A quarter is compared with the quarter before it, a cumulative report with the shorter one that began
    on the same day; the two kinds are never mixed.
    """
    for line in (QUARTER_KINDS, CUMULATIVE_KINDS):
        kind = period_kind(marts.city["period_id"])
        if kind in line and (kind != "Q1"):
            earlier = line[: line.index(kind)]
            rows = {period_kind(row["period_id"]): row for row in marts.year}
            return next((rows[name] for name in reversed(earlier) if name in rows), None)
    return None


def _difference(now: Decimal | None, then: Decimal | None) -> str:
    if now is None or then is None:
        return ""
    # Of the rates as they are shown, so that a reader who subtracts them finds the same.
    points = percent_shown(now) - percent_shown(then)
    if not points:
        return "không đổi"
    places = max(percent_places(now), percent_places(then))
    return f"{'tăng' if points > 0 else 'giảm'} {number(abs(points), places)} điểm %"


def headline(marts: Marts) -> list[Figure]:
    """The rates of the period, each with its counts and with the period before where there is one."""
    city = with_sums(marts.city)
    before = previous(marts)
    earlier = with_sums(before) if before else None
    figures = []
    for rate in RATES:
        if rate.reported_only and city["is_derived"]:
            continue
        ratio = Ratio(city[rate.numerator], city[rate.denominator])
        comparison = ""
        if earlier and not (rate.reported_only and earlier["is_derived"]):
            then = Ratio(earlier[rate.numerator], earlier[rate.denominator])
            change = _difference(ratio.value, then.value)
            if change:
                comparison = f"{earlier['period_label']}: {percent(then.value)} ({change})"
        figures.append(Figure(rate.label, ratio, rate.counted, _beside(rate, city), comparison, rate.href))
    return figures


def _beside(rate: _Rate, city: Row) -> str:
    """What must be read with a rate, lest it say more than it does."""
    notes = {
        "agencies_on_time": [
            (city["agencies_late"], "trễ hạn"),
            (city["agencies_missing"], "chưa nộp"),
            (city["agencies_held"], "tạm giữ"),
        ],
        "targets_met": [
            (city["targets_no_data"], "chưa có số liệu"),
            (city["targets_not_applicable"], "không áp dụng"),
            (city["targets_not_measurable"], "không đo được"),
        ],
        "tasks_done": [(city["tasks_overdue"], "quá hạn"), (city["tasks_running"], "đang thực hiện")],
        "dossiers_resolved_in_time": [
            (city["dossiers_resolved_late"], "giải quyết trễ"),
            (city["dossiers_pending_overdue"], "đang giải quyết quá hạn"),
        ],
        "feedback_resolved_on_time": [(city["feedback_pending"], "đang xử lý")],
    }.get(rate.numerator, [])
    text = ", ".join(f"{number(count)} {what}" for count, what in notes if count)
    if rate.numerator.startswith("dossiers_") and city["dossier_agencies_covered"] is not None:
        text = "; ".join(
            filter(None, (text, f"{number(city['dossier_agencies_covered'])} cơ quan có số liệu"))
        )
    return text


def key_points(marts: Marts) -> list[str]:
    """The period in a few sentences, only of what the marts say."""
    city = with_sums(marts.city)
    points = []
    if city["is_derived"]:
        points.append(
            f"{city['period_label']} không có báo cáo riêng: số liệu suy ra bằng hiệu của các báo cáo lũy kế,"
            f" theo từng cơ quan; tổng hợp được {number(city['dossier_agencies_covered'])} cơ quan."
        )
    else:
        points += _reported_points(marts, city)
    in_time = Ratio(city["dossiers_resolved_in_time"], city["dossiers_resolved_total"])
    if in_time.value is not None:
        points.append(
            f"Giải quyết trong hạn {percent(in_time.value)} hồ sơ ({counts(in_time)});"
            f" trễ hạn {number(city['dossiers_resolved_late'])} hồ sơ,"
            f" đã có {number(city['apology_letters'])} thư xin lỗi;"
            f" còn {number(city['dossiers_pending_overdue'])} hồ sơ đang giải quyết đã quá hạn."
        )
    satisfied = Ratio(city["satisfaction_satisfied"], city["satisfaction_valid"])
    if satisfied.value is not None:
        points.append(
            f"Hài lòng về giải quyết thủ tục: {percent(satisfied.value)} ({counts(satisfied)} phiếu hợp lệ)."
        )
    return points


def _reported_points(marts: Marts, city: Row) -> list[str]:
    on_time = Ratio(city["agencies_on_time"], city["agencies_expected"])
    missing = [row["agency_name"] for row in marts.reporting if row["reporting_state"] == "missing"]
    points = [
        f"{counts(on_time)} cơ quan nộp báo cáo đúng hạn ({percent(on_time.value)});"
        f" {number(city['agencies_late'])} trễ hạn, {number(city['agencies_missing'])} chưa nộp,"
        f" {number(city['agencies_held'])} đang tạm giữ"
        + (f". Chưa nộp: {', '.join(missing)}." if missing else "."),
    ]
    if city["targets_total"]:
        points.append(
            f"Trong {number(city['targets_total'])} chỉ tiêu: {number(city['targets_met'])} đạt,"
            f" {number(city['targets_missed'])} chưa đạt, {number(city['targets_no_data'])} chưa có số liệu,"
            f" {number(city['targets_not_applicable'])} không áp dụng,"
            f" {number(city['targets_not_measurable'])} không đo được."
        )
    if city["tasks_total"]:
        points.append(
            f"Trong {number(city['tasks_total'])} nhiệm vụ: {number(city['tasks_done'])} hoàn thành,"
            f" {number(city['tasks_overdue'])} quá hạn, {number(city['tasks_running'])} đang thực hiện,"
            f" {number(city['tasks_other'])} chưa đến hạn, chờ cấp trên hoặc không phát sinh."
        )
    return points


def course_of_year(marts: Marts) -> Table:
    """The rates of every period of the year up to this one; derived quarters are marked."""
    rows = []
    for city in map(with_sums, marts.year):
        if city["period_order"] > marts.city["period_order"]:
            continue
        derived = city["is_derived"]
        rows.append(
            {"period_label": city["period_label"], "kind_note": _kind_note(city)}
            | {
                rate.numerator: None
                if rate.reported_only and derived
                else Ratio(city[rate.numerator], city[rate.denominator])
                for rate in RATES
            }
        )
    return Table(
        key="dien-bien",
        title="Diễn biến trong năm",
        columns=[
            Column("period_label", "Kỳ", sub="kind_note", width=24),
            Column("kind_note", "Cách tính", where="book", width=34),
            *(Column(rate.numerator, rate.label, "ratio", width=13) for rate in RATES),
        ],
        rows=rows,
        sheet="Diễn biến",
        note="Kỳ lũy kế và quý không so trực tiếp với nhau; quý suy ra chỉ có số liệu dòng (hồ sơ, phiếu,"
        " phản ánh).",
    )


def _kind_note(city: Row) -> str:
    if city["is_derived"]:
        covered = city["dossier_agencies_covered"]
        return f"suy ra, {number(covered) if covered is not None else NOTHING} cơ quan"
    return "lũy kế từ đầu năm" if period_kind(city["period_id"]) in CUMULATIVE_KINDS[1:] else "báo cáo quý"


def labelled(figures: Sequence[Figure]) -> dict[str, str]:
    """Headline rates as text, for the summary that the terminal prints."""
    return {figure.label: f"{percent(figure.ratio.value)} ({counts(figure.ratio)})" for figure in figures}
