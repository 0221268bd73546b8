"""The command `cchc`: what it answers, and what it says of wrong use: no traceback, exit 2."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from cli import main
from sources.catalogue import DATA_DIR
from tests.conftest import drop_database
from warehouse import settings as settings_room
from warehouse.engine import engine
from warehouse.settings import Settings, get_settings

Cchc = Callable[..., tuple[int, str, str]]


@pytest.fixture
def cchc(settings: Settings, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Cchc:
    """Run the command on the test's warehouse: exit code, what it printed, what it complained of."""
    for name in ("home", "database", "landing_url", "archive_url", "output_dir"):
        monkeypatch.setenv(f"CCHC_{name.upper()}", str(getattr(settings, name)))
    monkeypatch.setenv("COLUMNS", "200")
    get_settings.cache_clear()

    def run(*arguments: str) -> tuple[int, str, str]:
        monkeypatch.setattr("sys.argv", ["cchc", *arguments])
        with pytest.raises(SystemExit) as ended:
            main.run()
        printed = capsys.readouterr()
        return int(ended.value.code or 0), printed.out, printed.err

    return run


@pytest.fixture(autouse=True)
def _forget_settings() -> Iterator[None]:
    yield
    get_settings.cache_clear()


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["db", "dsn", "--role", "boss"], "Roles: owner, loader, builder, analyst, bi"),
        (["db", "restore", "no-such-file", "--database", "x"], "There is no backup at no-such-file"),
        (["db", "backup", "/"], "name a file in a folder that exists"),
        (["build", "--as-of", "20/03/2023"], "ISO 8601"),
        (["review", "--period", "2023-Q7"], "No marts are served yet"),
        (["forms", "issue", "--period", "2023-Q7"], "2023-Q7"),
        (["deliveries", "show", "7679"], "7679"),
        (["deliveries", "accept", "7679", "--reason", "x", "--by", "y"], "7679"),
        (["ingest", "no-such-file.xlsx"], "no-such-file.xlsx"),
        (["plans", "import", "no-such-file.txt"], "no-such-file.txt"),
        (["no-such-command"], "No such command"),
        (["db", "dsn", "--no-such-option"], "No such option"),
    ],
)
def test_wrong_use_says_what_is_wrong_and_exits_with_2(cchc: Cchc, arguments: list[str], said: str) -> None:
    code, _, complaint = cchc(*arguments)
    assert said in complaint.replace("\n", " ")
    assert "Traceback" not in complaint
    assert code == 2


def test_what_a_person_typed_is_not_read_as_markup(cchc: Cchc) -> None:
    code, _, complaint = cchc("forms", "issue", "--period", "[bold]2023[/nothing]")
    assert "[bold]2023[/nothing]" in complaint
    assert code == 2


def test_a_dsn_that_is_none_is_refused_with_an_example(cchc: Cchc, monkeypatch: pytest.MonkeyPatch) -> None:
    for wrong in (
        "garbage",
        "mysql://u:p@127.0.0.1/x",
        "postgresql://u:p@127.0.0.1",
        "postgresql://h:port/x",
    ):
        monkeypatch.setenv("CCHC_WAREHOUSE_DSN", wrong)
        get_settings.cache_clear()
        code, _, complaint = cchc("db", "dsn")
        assert "postgresql://user:password@host:port/database" in complaint
        assert code == 2


@pytest.mark.parametrize(
    ("name", "value"),
    [("CCHC_AS_OF", "garbage"), ("CCHC_AS_OF", "2023-03-25T17:00"), ("CCHC_SETTLE_SECONDS", "abc")],
)
def test_a_setting_that_is_no_good_is_named(
    cchc: Cchc, monkeypatch: pytest.MonkeyPatch, name: str, value: str
) -> None:
    monkeypatch.setenv(name, value)
    get_settings.cache_clear()
    code, _, complaint = cchc("status")
    assert f"{name}: " in complaint
    assert "Traceback" not in complaint
    assert code == 2


def test_a_server_out_of_reach_is_said_without_a_traceback(
    cchc: Cchc, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CCHC_WAREHOUSE_DSN", "postgresql://u:p@127.0.0.1:1/x")
    get_settings.cache_clear()
    code, _, complaint = cchc("deliveries", "list")
    assert "no answer from the warehouse" in complaint
    assert "Traceback" not in complaint
    assert code == 1


def test_status_of_an_empty_warehouse(cchc: Cchc) -> None:
    code, answer, _ = cchc("status", "--json")
    facts = json.loads(answer)
    assert code == 0
    assert (facts["serving"], facts["last_delivery"], facts["last_build"]) == ("nothing yet", "none", "none")


def test_status_says_what_waits_in_the_landing_zone(
    cchc: Cchc, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("CCHC_LANDING_URL", (tmp_path / "zone").as_uri())
    get_settings.cache_clear()
    assert "is not there" in json.loads(cchc("status", "--json")[1])["landing_zone"]
    (tmp_path / "zone").mkdir()
    (tmp_path / "zone" / "report.xlsx").write_bytes(b"PK")
    (tmp_path / "zone" / "other.xlsx.part").write_bytes(b"PK")
    told = json.loads(cchc("status", "--json")[1])["landing_zone"]
    assert "zone: 1 files waiting, not taken in: other.xlsx.part (still being written" in told


def test_register_then_list_the_plans(cchc: Cchc) -> None:
    code, answer, _ = cchc("plans", "register", "--json")
    assert code == 0
    assert set(json.loads(answer).values()) == {True}
    _, again, _ = cchc("plans", "register", "--json")
    assert set(json.loads(again).values()) == {False}
    code, answer, _ = cchc("plans", "list", "--json")
    assert code == 0
    plans = {plan["plan_code"]: plan for plan in json.loads(answer)}
    counted = {code: (plan["tasks_by_kind"].get("task", 0), plan["targets"]) for code, plan in plans.items()}
    assert counted == {
        "BT-2022-7679": (77, 35),
        "HCM-2018-3897": (0, 10),
        "HCM-2018-5334": (29, 29),
        "HCM-2022-CD": (0, 5),
        "NA-2018-DA": (0, 81),
    }


def test_the_findings_of_a_plan_are_listed_as_they_were_found(cchc: Cchc, tmp_path: Path) -> None:
    code, answer, _ = cchc("plans", "findings", "HCM-2018-3897", "--json")
    assert code == 0
    (found,) = json.loads(answer)
    assert {"sum-of-parts", "rise-that-falls", "stated-difference"} <= {
        one["check"] for one in found["reviewed"]
    }
    assert found["not_reviewed"] == []
    document = tmp_path / "quyet-dinh.txt"
    document.write_text(
        "Số: 1/QĐ-UBND\nNghị định 1/2020/NĐ-CP ngày 1/2/2020 và 1/2020/NĐ-CP ngày 2/2/2020.\n"
    )
    _, answer, _ = cchc("plans", "findings", "HCM-2018-3897", "--document", str(document), "--json")
    (found,) = json.loads(answer)
    assert "citation-dates" in {one["check"] for one in found["not_reviewed"]}
    code, _, complaint = cchc("plans", "findings", "--document", str(document))
    assert (code, "needs the code of its plan" in complaint) == (2, True)


def test_a_plan_file_is_checked_before_it_stands_in_the_catalogue(cchc: Cchc, tmp_path: Path) -> None:
    draft = tmp_path / "BT-2022-7679.yml"
    text = (DATA_DIR / "plans" / draft.name).read_text()
    draft.write_text(text)
    code, answer, _ = cchc("plans", "check", str(draft))
    assert (code, "nothing wrong" in answer) == (0, True)
    draft.write_text(text + "# REVIEW: leads: nobody is known\n")
    code, _, complaint = cchc("plans", "check", str(draft))
    assert (code, "(REVIEW): still to be decided: leads: nobody is known" in complaint) == (2, True)
    draft.write_text(text.replace("leads: [BT-NV]", "leads: [BT-XX]", 1))
    code, _, complaint = cchc("plans", "check", str(draft))
    assert (code, "tasks[0].leads[0]: unknown agency 'BT-XX'" in complaint) == (2, True)


def test_a_backup_restores_into_a_database_of_its_own(cchc: Cchc, settings: Settings, tmp_path: Path) -> None:
    assert cchc("plans", "register")[0] == 0
    file, copy = tmp_path / "warehouse.dump", f"{settings.database}_copy"
    assert cchc("db", "backup", str(file))[0] == 0
    assert cchc("db", "restore", str(file), "--database", copy)[0] == 0
    code, _, complaint = cchc("db", "restore", str(file), "--database", copy)
    assert (code, "already" in complaint) == (2, True)
    restored = settings.model_copy(update={"database": copy})
    try:
        with engine(restored, "builder").connect() as connection:
            tasks = (
                "select count(*) from raw.ref_task where plan_code = 'BT-2022-7679' and task_kind = 'task'"
            )
            assert connection.exec_driver_sql(tasks).scalar() == 77
    finally:
        drop_database(restored.home, restored.database)


def test_what_is_remembered_holds_for_later_processes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CCHC_HOME", str(tmp_path))
    get_settings.cache_clear()
    settings_room.remember(get_settings(), data_label="DỮ LIỆU TỔNG HỢP — minh họa")
    assert get_settings().data_label == "DỮ LIỆU TỔNG HỢP — minh họa"
