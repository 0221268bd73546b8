"""Which deliveries are answered when, what the ledger says, and what a killed run leaves."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from datetime import UTC, datetime
from io import BytesIO
from pathlib import Path
from typing import Any

import openpyxl
import pytest
import sqlalchemy as sa
from typer.testing import CliRunner

from cli import forms
from cli.main import app
from sources.answers import answering
from sources.answers.answering import AnswerSummary, answer_deliveries, return_deliveries
from sources.intake.deliveries import decide, list_deliveries
from sources.intake.ingest import ingest_landing
from tests.sources.answers.conftest import ANSWER_SHEET
from warehouse import schema
from warehouse.engine import engine
from warehouse.errors import UsageError
from warehouse.settings import Settings

Make = Callable[..., bytes]
Drop = Callable[[str, bytes], Path]
WRONG = {("dossier", "Hộ tịch"): {"received_total": "nhiều"}}


@pytest.fixture
def take_in(small: Settings, drop: Drop) -> Callable[..., int]:
    """Take a file in; returns the delivery's number."""

    def take(data: bytes, day: int = 16, name: str = "a.xlsx") -> int:
        drop(name, data)
        moment = datetime(2023, 3, day, 2, 0, tzinfo=UTC)
        (outcome,) = ingest_landing(small, "run", moment).deliveries
        return outcome.delivery_id

    return take


def _answers(settings: Settings) -> list[dict[str, Any]]:
    query = sa.select(schema.answer).order_by(schema.answer.c.delivery_id, schema.answer.c.answer_no)
    with engine(settings, "loader").connect() as connection:
        return [dict(row) for row in connection.execute(query).mappings()]


def _file(settings: Settings, path: str) -> bytes:
    return (Path(settings.answers_url.removeprefix("file://")) / path).read_bytes()


def _tree(settings: Settings) -> dict[str, str]:
    root = Path(settings.answers_url.removeprefix("file://"))
    files = (path for path in root.rglob("*") if path.is_file())
    return {str(p.relative_to(root)): hashlib.sha256(p.read_bytes()).hexdigest() for p in files}


def _answer(settings: Settings, build_id: int | None = None) -> AnswerSummary:
    summary = answer_deliveries(settings, "run", build_id)
    assert summary.failed == {}
    return summary


def _built(settings: Settings, *findings: dict[str, Any], held: int | None = None) -> int:
    """A build that was promoted, with what its gates found."""
    with engine(settings, "builder").begin() as connection:
        build_id = connection.scalar(
            sa.insert(schema.build)
            .values(
                as_of=datetime(2023, 3, 20, tzinfo=UTC),
                full_refresh=False,
                fingerprint="f",
                models_sha256="m",
                rules_sha256="r",
                reason="test",
                run_id="run",
            )
            .returning(schema.build.c.build_id)
        )
        assert build_id is not None
        for more in findings:
            values = {
                "build_id": build_id,
                "gate": "core",
                "rule_id": "dossier_received_total",
                "scope": "row",
                "severity": "error",
                "agency_key": 31,
                "period_id": "2023-Q1",
                "sheet_name": "Hồ sơ TTHC",
                "cell": "D8",
                "given": "100",
                "expected": "99 = 60 + 30 + 9",
                "message_vi": "Cột 3 phải bằng cột 4 + 5 + 6.",
                "is_waived": False,
            }
            connection.execute(sa.insert(schema.expectation_finding).values(values | more))
        connection.execute(
            sa.insert(schema.build_step).values(build_id=build_id, step="promote", outcome="done")
        )
        if held is not None:
            connection.execute(
                sa.insert(schema.hold).values(
                    delivery_id=held,
                    rule_id="dossier_identical_to_other_agency",
                    build_id=build_id,
                    reason_vi="trùng",
                )
            )
        return build_id


def test_a_delivery_gets_its_workbook_and_a_receipt_once(
    small: Settings, filled: Make, take_in: Callable[..., int]
) -> None:
    data = filled(edits=WRONG)
    number = take_in(data)
    (told,) = _answer(small).answers
    (row,) = _answers(small)
    assert (row["delivery_id"], row["answer_no"], row["workbook_kind"]) == (number, 1, "own")
    assert row["receipt_path"] == f"2023-Q1/XX-P-A/{number}-1/phieu-tiep-nhan.html"
    assert told.workbook_path == row["workbook_path"] == f"2023-Q1/XX-P-A/{number}-1/bao-cao-da-kiem-tra.xlsx"
    page = _file(small, row["receipt_path"])
    assert hashlib.sha256(page).hexdigest() == row["receipt_sha256"]
    for text in ("Đã tiếp nhận, có lỗi cần sửa", "phường Hòa An", hashlib.sha256(data).hexdigest(), "a.xlsx"):
        assert text in page.decode()
    workbook = _file(small, row["workbook_path"])
    assert hashlib.sha256(workbook).hexdigest() == row["workbook_sha256"]
    book = openpyxl.load_workbook(BytesIO(workbook))
    assert book.sheetnames[-1] == ANSWER_SHEET
    assert any("nhiều" in str(c.value) for row_ in book[ANSWER_SHEET].iter_rows() for c in row_)
    assert _answer(small).answers == []
    assert len(_answers(small)) == 1


def test_the_answer_sent_back_as_it_is_changes_nothing_and_mended_it_replaces(
    small: Settings, filled: Make, take_in: Callable[..., int]
) -> None:
    first = take_in(filled(edits=WRONG))
    (answer,) = _answer(small).answers
    assert answer.workbook_path is not None
    returned = _file(small, answer.workbook_path)
    same = take_in(returned, day=17, name="b.xlsx")
    assert list_deliveries(small)[-1]["duplicate_of"] == first
    assert "Không phải làm gì" in _file(small, _answer(small).answers[0].receipt_path).decode()
    book = openpyxl.load_workbook(BytesIO(returned))
    cells = {cell.value: cell for row in book["Thông tin"].iter_rows() for cell in row if cell.value}
    cells["Lần đầu"].value = "Thay thế"
    wrong = next(c for row in book["Hồ sơ TTHC"].iter_rows() for c in row if c.value == "nhiều")
    wrong.value = 100
    buffer = BytesIO()
    book.save(buffer)
    mended = take_in(buffer.getvalue(), day=18, name="c.xlsx")
    assert mended == same + 1
    row = list_deliveries(small)[-1]
    (answer,) = _answer(small).answers
    assert answer.workbook_path is not None
    again = openpyxl.load_workbook(BytesIO(_file(small, answer.workbook_path)))
    assert (row["verdict"], row["report_kind"]) == ("accepted", "replacement")
    assert again.sheetnames.count(ANSWER_SHEET) == 1
    assert again["Hồ sơ TTHC"][wrong.coordinate].comment is None
    assert again["Hồ sơ TTHC"][wrong.coordinate].fill.fill_type is None


@pytest.mark.parametrize(
    "data", [b"", b"%PDF-1.7 ...", b"PK\x03\x04 truncated"], ids=["empty", "foreign", "truncated"]
)
def test_a_refused_file_gets_a_receipt_that_says_why(
    data: bytes, small: Settings, take_in: Callable[..., int], monkeypatch: pytest.MonkeyPatch
) -> None:
    take_in(data, name="../x & <y>.xlsx".replace("../", ""))
    (answer,) = _answer(small).answers
    assert answer.workbook_path is None
    assert answer.receipt_path.startswith("khong-ro-ky/khong-ro-co-quan/")
    page = _file(small, answer.receipt_path).decode()
    assert "Không tiếp nhận được" in page
    assert "x &amp; &lt;y&gt;.xlsx" in page
    assert "<y>" not in page


def test_a_refused_workbook_is_marked_where_it_could_be_opened(
    small: Settings, filled: Make, take_in: Callable[..., int]
) -> None:
    take_in(filled(info={"agency": "Ủy ban nhân dân phường Nào Đó", "agency_code": None}))
    (answer,) = _answer(small).answers
    assert answer.workbook_path is not None
    page = _file(small, answer.receipt_path).decode()
    assert "Không tiếp nhận được" in page
    assert "Nào Đó" in page


def test_a_run_killed_between_files_and_ledger_leaves_the_same_answer_in_the_end(
    small: Settings, filled: Make, take_in: Callable[..., int], monkeypatch: pytest.MonkeyPatch
) -> None:
    take_in(filled(edits=WRONG))
    with monkeypatch.context() as patch:
        patch.setattr(answering, "insert", lambda _table: (_ for _ in ()).throw(KeyboardInterrupt()))
        with pytest.raises(KeyboardInterrupt):
            answer_deliveries(small, "run")
    assert _answers(small) == []
    before = _tree(small)
    assert len(before) == 2
    _answer(small)
    assert _tree(small) == before
    (row,) = _answers(small)
    assert row["receipt_sha256"] == before[row["receipt_path"]]


def test_one_answer_that_fails_costs_no_other(
    small: Settings, filled: Make, take_in: Callable[..., int]
) -> None:
    first, second = filled(), filled("XX-P-B")
    lost, told = take_in(first), take_in(second, name="b.xlsx")
    digest = hashlib.sha256(first).hexdigest()
    archived = Path(small.archive_url.removeprefix("file://")) / digest[:2] / digest
    archived.rename(archived.with_suffix(".away"))
    summary = answer_deliveries(small, "run")
    assert [a.delivery_id for a in summary.answers] == [told]
    assert list(summary.failed) == [lost]
    assert "cannot be read" in summary.detail["failed"][str(lost)]
    archived.with_suffix(".away").rename(archived)
    assert [a.delivery_id for a in _answer(small).answers] == [lost]


def test_what_a_build_finds_is_told_once_and_again_when_it_is_gone(
    small: Settings, filled: Make, take_in: Callable[..., int]
) -> None:
    number = take_in(filled())
    _answer(small)
    new = {"delivery_id": number}
    waived = {"delivery_id": number, "cell": "E8", "is_waived": True, "message_vi": "được bỏ qua"}
    ours = {"delivery_id": number, "cell": "F8", "scope": "build", "message_vi": "việc của ta"}
    build_id = _built(small, new, waived, ours)
    (answer,) = _answer(small, build_id).answers
    assert answer.answer_no == 2
    page = _file(small, answer.receipt_path).decode()
    assert "Cột 3 phải bằng cột 4 + 5 + 6." in page
    assert "được bỏ qua" not in page
    assert "việc của ta" not in page
    assert answer.workbook_path is not None
    book = openpyxl.load_workbook(BytesIO(_file(small, answer.workbook_path)))
    assert "Cột 3" in book["Hồ sơ TTHC"]["D8"].comment.text
    assert _answer(small, build_id).answers == []
    assert _answer(small, _built(small, new)).answers == []
    (gone,) = _answer(small, _built(small)).answers
    assert gone.answer_no == 3
    assert [row["build_id"] for row in _answers(small)] == [None, build_id, build_id + 2]


def test_a_gate_does_not_say_again_what_intake_said_of_the_cell(
    small: Settings, filled: Make, take_in: Callable[..., int]
) -> None:
    number = take_in(filled(edits=WRONG))
    _answer(small)
    with engine(small, "loader").connect() as connection:
        said = connection.execute(
            sa.select(schema.intake_finding).where(schema.intake_finding.c.cell.is_not(None))
        ).first()
    assert said is not None
    again = {"delivery_id": number, "sheet_name": said.sheet_name, "cell": said.cell}
    assert _answer(small, _built(small, again)).answers == []


def test_what_a_gate_waives_or_no_longer_finds_beside_another_period_is_left_out(
    small: Settings, filled: Make, take_in: Callable[..., int]
) -> None:
    number = take_in(filled(edits=WRONG))
    with engine(small, "loader").begin() as connection:
        said = connection.execute(
            sa.select(schema.intake_finding).where(schema.intake_finding.c.cell.is_not(None))
        ).first()
        assert said is not None
        beside = dict(said._mapping) | {"finding_no": 900, "cell": "E9"}
        beside |= {"rule_id": "intake.neighbour_carry", "message_vi": "Khác kỳ trước."}
        connection.execute(sa.insert(schema.intake_finding).values(beside))

    def told(build_id: int) -> str:
        (answer,) = _answer(small, build_id).answers
        return _file(small, answer.receipt_path).decode()

    first = _answer(small).answers[0]
    assert "Khác kỳ trước." in _file(small, first.receipt_path).decode()
    at = {"delivery_id": number, "sheet_name": said.sheet_name}
    found = {**at, "cell": "E9"}
    waived = {**at, "cell": said.cell, "is_waived": True}
    assert _answer(small, _built(small, found)).answers == []
    page = told(_built(small, found, waived))
    assert "Khác kỳ trước." in page
    assert "nhiều" not in page
    page = told(_built(small))
    assert "Khác kỳ trước." not in page
    assert "nhiều" in page


def test_a_delivery_in_history_is_not_told_what_builds_find(
    small: Settings, filled: Make, take_in: Callable[..., int]
) -> None:
    old = take_in(filled())
    build_id = _built(small, {"delivery_id": old})
    assert [a.delivery_id for a in _answer(small, build_id).answers] == [old]
    more = {"report_kind": "Thay thế", "report_date": datetime(2023, 3, 18)}  # noqa: DTZ001
    new = take_in(filled(info=more, edits=WRONG), day=18, name="b.xlsx")
    (answer,) = _answer(small, _built(small)).answers
    assert answer.delivery_id == new
    page = _file(small, answer.receipt_path).decode()
    assert "Báo cáo này." in page


def test_a_hold_and_the_decision_after_it_are_news(
    small: Settings, filled: Make, take_in: Callable[..., int]
) -> None:
    number = take_in(filled())
    _answer(small)
    rule = {"delivery_id": number, "rule_id": "dossier_identical_to_other_agency", "severity": "fatal"}
    rule |= {"scope": "delivery", "cell": None, "message_vi": "Trùng với cơ quan khác."}
    (held,) = _answer(small, _built(small, rule, held=number)).answers
    page = _file(small, held.receipt_path).decode()
    assert "Đang giữ lại, chờ quyết định" in page
    assert "Trùng với cơ quan khác." in page
    assert _answer(small, _built(small)).answers == []  # the hold still stands: nothing is new
    decide(small, number, "accept", "đã gọi điện", "người xem", datetime.now(UTC))
    (accepted,) = _answer(small, _built(small)).answers
    assert "Đã tiếp nhận" in _file(small, accepted.receipt_path).decode()
    decide(small, number, "reject", "Sai biểu mẫu của phường.", "người xem", datetime.now(UTC))
    (rejected,) = _answer(small, _built(small)).answers
    page = _file(small, rejected.receipt_path).decode()
    assert "Không được chấp nhận" in page
    assert "Sai biểu mẫu của phường." in page


def test_what_a_person_settled_is_told_no_more(
    small: Settings, filled: Make, take_in: Callable[..., int]
) -> None:
    take_in(filled())
    second = take_in(filled(edits=WRONG), day=18, name="b.xlsx")
    held = _answer(small).answers[-1]
    assert "Đã có một báo cáo lần đầu khác" in _file(small, held.receipt_path).decode()
    decide(small, second, "accept", "đã gọi điện", "người xem", datetime.now(UTC))
    accepted = _answer(small, _built(small)).answers[-1]
    page = _file(small, accepted.receipt_path).decode()
    assert "Báo cáo này." in page
    assert "Đã có một báo cáo lần đầu khác" not in page


def test_a_second_first_report_waits_and_the_receipt_says_which_counts(
    small: Settings, filled: Make, take_in: Callable[..., int]
) -> None:
    first = take_in(filled())
    take_in(filled(edits=WRONG), day=18, name="b.xlsx")
    held = _answer(small).answers[-1]
    page = _file(small, held.receipt_path).decode()
    assert f"Lượt nộp số {first} " in page
    assert "chờ quyết định" in page


def test_the_due_date_is_told_with_its_assumption_and_lateness(
    small: Settings, filled: Make, take_in: Callable[..., int]
) -> None:
    take_in(filled(edits=WRONG), day=16)
    (answer,) = _answer(small).answers
    page = _file(small, answer.receipt_path).decode()
    assert "14/03/2023 (giả định, chưa có văn bản quy định); nhận muộn 2 ngày" in page
    assert "sớm nhất có thể" in page


def test_progress_is_shown(small: Settings, filled: Make, take_in: Callable[..., int]) -> None:
    take_in(filled())
    take_in(filled("XX-P-B"), name="b.xlsx")
    seen: list[tuple[int, int]] = []
    answer_deliveries(small, "run", progress=lambda done, of: seen.append((done, of)))
    assert seen == [(1, 2), (2, 2)]


def test_a_synthetic_warehouse_says_so(small: Settings, filled: Make, take_in: Callable[..., int]) -> None:
    take_in(filled())
    (answer,) = _answer(small.model_copy(update={"data_label": "DỮ LIỆU GIẢ LẬP"})).answers
    assert "DỮ LIỆU GIẢ LẬP" in _file(small, answer.receipt_path).decode()


def test_return_writes_the_newest_answer_and_refuses_what_is_not_there(
    small: Settings, filled: Make, take_in: Callable[..., int], tmp_path: Path
) -> None:
    number = take_in(filled(edits=WRONG))
    files = return_deliveries(small, [number], tmp_path / "back", "by hand")[number]
    assert [path.name for path in files] == ["phieu-tiep-nhan.html", "bao-cao-da-kiem-tra.xlsx"]
    assert files[0].read_bytes() == _file(small, _answers(small)[0]["receipt_path"])
    assert return_deliveries(small, [number], tmp_path / "back", "by hand") == {number: files}
    assert len(_answers(small)) == 1
    for wrong in (0, 99, 2**70):
        with pytest.raises(UsageError, match="cchc deliveries list"):
            return_deliveries(small, [wrong], tmp_path, "by hand")


def test_the_command_returns_by_number_or_by_choice(
    small: Settings,
    filled: Make,
    take_in: Callable[..., int],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(forms, "get_settings", lambda: small)
    number = take_in(filled())
    take_in(filled("XX-P-B"), name="b.xlsx")

    def cchc(*arguments: str) -> Any:
        return CliRunner().invoke(app, ["forms", "return", *arguments])

    by_number = cchc(str(number), "--to", str(tmp_path), "--json")
    (returned,) = json.loads(by_number.stdout)
    assert returned["delivery_id"] == number
    assert all(Path(path).exists() for path in returned["files"])
    chosen = cchc("--period", "2023-Q1", "--to", str(tmp_path / "all"))
    assert "2 deliveries returned" in chosen.stdout
    only = json.loads(cchc("--agency", "XX-P-B", "--to", str(tmp_path), "--json").stdout)
    assert len(only) == 1
    for wrong in ((), (str(number), "--period", "2023-Q1"), ("999",)):
        assert isinstance(cchc(*wrong).exception, UsageError)
