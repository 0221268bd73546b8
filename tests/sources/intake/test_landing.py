"""One suite over every kind of landing zone: the whole is taken, the unfinished waits, the changed stays."""

from __future__ import annotations

import json
import os
import zipfile
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest

from sources.answers.places import Answers
from sources.forms.definition import load_definition
from sources.intake import landing as module
from sources.intake import zones
from sources.intake.landing import LandedFile, Landing
from tests.sources.intake.landing_places import Place
from warehouse.errors import UsageError
from warehouse.settings import Settings

NAMES = load_definition().landing


def book(content: bytes = b"content " * 200) -> bytes:
    """A zip archive, as .xlsx, .ods and .docx are; the same content gives the same bytes."""
    buffer = BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr(zipfile.ZipInfo("xl/workbook.xml"), content)
    return buffer.getvalue()


BOOK = book()


@pytest.fixture
def base(tmp_path: Path) -> Settings:
    return Settings(home=tmp_path / "home", settle_seconds=0)


@pytest.fixture
def watch(place: Place, base: Settings) -> Callable[..., Landing]:
    """Watch the place; `more` are settings."""
    return lambda **more: Landing(place.settings(base, **more), NAMES)


def _names(files: list[LandedFile]) -> list[str]:
    return sorted(file.path for file in files)


def test_every_file_below_is_listed_and_read(place: Place, watch: Callable[..., Landing]) -> None:
    sent = {
        "a.xlsx": BOOK,
        "Quận Bình Tân/Phường 1/báo cáo #1 100% + ký.xlsx": book(b"x"),
        "đơn vị/b.csv": b"",
    }
    for name, data in sent.items():
        place.put(name, data)
    with watch() as landing:
        files = landing.files()
        assert _names(files) == sorted(sent)
        assert landing.left == {}
        for file in files:
            with landing.open(file) as stream:
                assert stream.read() == sent[file.path]
            assert (file.size, file.name) == (len(sent[file.path]), file.path.rpartition("/")[2])
            assert abs(file.modified_at - datetime.now(UTC)) < timedelta(minutes=5)
            assert landing.is_unchanged(file)
            landing.remove(file)
        assert landing.files() == []
    assert place.names() == set()


def test_the_oldest_comes_first(place: Place, watch: Callable[..., Landing]) -> None:
    for number, name in enumerate(("c.csv", "a.csv", "b.csv")):
        place.put(name, b"x")
        if place.folder is not None:
            moment = 1_700_000_000 + number
            os.utime(place.folder / name, (moment, moment))
    files = watch().files()
    assert [f.name for f in files] == [f.name for f in sorted(files, key=lambda f: (f.modified_at, f.path))]
    if place.folder is not None:
        assert [f.name for f in files] == ["c.csv", "a.csv", "b.csv"]


def test_names_say_what_is_no_delivery(place: Place, watch: Callable[..., Landing]) -> None:
    for name in (".hidden.xlsx", "~$a.xlsx", "a.xlsx.PART", "x/b.filepart", ".sync/c.xlsx", "x/Thumbs.db"):
        place.put(name, BOOK)
    landing = watch()
    assert landing.files() == []
    assert set(landing.left) == {"a.xlsx.PART", "x/b.filepart"}
    assert len(place.names()) == 6


def test_a_workbook_without_its_end_waits_and_is_then_taken_in(
    place: Place, watch: Callable[..., Landing], monkeypatch: pytest.MonkeyPatch
) -> None:
    started = datetime(2023, 3, 16, tzinfo=UTC)
    place.put("cut.xlsx", BOOK[:-10])
    place.put("whole.xlsx", BOOK)
    for minutes in (0, 5, 14):  # each look is another process's: what was seen is kept in the home
        monkeypatch.setattr(module, "wall_clock", lambda m=minutes: started + timedelta(minutes=m))
        landing = watch()
        assert _names(landing.files()) == ["whole.xlsx"]
        assert "without the record that ends it" in landing.left["cut.xlsx"]
        assert "2023-03-16 00:15:00 UTC" in landing.left["cut.xlsx"]
    monkeypatch.setattr(module, "wall_clock", lambda: started + timedelta(minutes=15))
    landing = watch()
    assert _names(landing.files()) == ["cut.xlsx", "whole.xlsx"]
    assert landing.left == {}


def test_an_unfinished_workbook_that_goes_on_growing_is_waited_for_anew(
    place: Place, watch: Callable[..., Landing], monkeypatch: pytest.MonkeyPatch
) -> None:
    started = datetime(2023, 3, 16, tzinfo=UTC)
    for step in range(4):  # ten minutes between two pieces: less than the patience, together more
        place.put("slow.xlsx", BOOK[: 100 * (step + 1)])
        monkeypatch.setattr(module, "wall_clock", lambda s=step: started + timedelta(minutes=10 * s))
        assert watch().files() == []
    place.put("slow.xlsx", BOOK)
    assert _names(watch().files()) == ["slow.xlsx"]
    assert list((watch()._waiting._path.parent).glob("landing-waiting-*")) == []


def test_a_large_workbook_is_judged_by_its_head_and_tail(place: Place, watch: Callable[..., Landing]) -> None:
    large = book(os.urandom(300_000))
    place.put("cut.xlsx", large[:-1000])
    place.put("whole.xlsx", large)
    commented = BytesIO(large)
    with zipfile.ZipFile(commented, "a") as archive:
        archive.comment = b"x" * 60_000
    place.put("commented.xlsx", commented.getvalue())
    assert _names(watch().files()) == ["commented.xlsx", "whole.xlsx"]


@pytest.mark.parametrize("hours", [-9, 0, 9])
def test_a_file_that_changes_between_two_looks_stays_whatever_its_time(
    make_place: Callable[[str], Place], base: Settings, monkeypatch: pytest.MonkeyPatch, hours: int
) -> None:
    """The clock of the server goes wrong by hours; a CSV has no end by which it could be known."""
    place = make_place("sftp")
    assert place.folder is not None
    wrong = datetime.now(UTC).timestamp() + 3600 * hours
    for name in ("growing.csv", "whole.csv"):
        place.put(name, b"Mau bieu;CCHC-Q v1\n")
        os.utime(place.folder / name, (wrong, wrong))

    def meanwhile(seconds: float) -> None:
        assert seconds == 2.0
        with (place.folder / "growing.csv").open("ab") as writer:  # type: ignore[operator]
            writer.write(b"more")
        os.utime(place.folder / "growing.csv", (wrong, wrong))  # type: ignore[operator]

    monkeypatch.setattr(module.time, "sleep", meanwhile)
    landing = Landing(place.settings(base, settle_seconds=2.0), NAMES)
    assert _names(landing.files()) == ["whole.csv"]
    assert landing.left == {"growing.csv": "changed within 2 s"}


def test_a_time_in_the_future_does_not_mean_whole(
    make_place: Callable[[str], Place], base: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    place = make_place("folder")
    assert place.folder is not None
    future = datetime(2099, 1, 1, tzinfo=UTC).timestamp()
    for name in ("growing.csv", "whole.csv"):
        place.put(name, b"x")
        os.utime(place.folder / name, (future, future))
    monkeypatch.setattr(
        module.time,
        "sleep",
        lambda _: (place.folder / "growing.csv").write_bytes(b"xy"),  # type: ignore[operator]
    )
    place.put("fresh.csv", b"x")
    landing = Landing(place.settings(base, settle_seconds=600.0), NAMES)
    assert _names(landing.files()) == ["whole.csv"]
    assert set(landing.left) == {"growing.csv", "fresh.csv"}


def test_a_folder_of_this_machine_needs_no_second_look(
    make_place: Callable[[str], Place], base: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    place = make_place("folder")
    assert place.folder is not None
    place.put("fresh.csv", b"x")
    place.put("old.csv", b"x")
    past = datetime.now(UTC).timestamp() - 60
    os.utime(place.folder / "old.csv", (past, past))
    monkeypatch.setattr(module.time, "sleep", lambda _: pytest.fail("a second look"))
    landing = Landing(place.settings(base, settle_seconds=30), NAMES)
    assert _names(landing.files()) == ["old.csv"]
    assert "changed" in landing.left["fresh.csv"]
    monkeypatch.undo()
    looks: list[float] = []
    monkeypatch.setattr(zones, "_is_network_share", lambda _: True)
    monkeypatch.setattr(module.time, "sleep", looks.append)
    assert _names(Landing(place.settings(base, settle_seconds=30), NAMES).files()) == ["fresh.csv", "old.csv"]
    assert looks == [30]


def test_what_is_sent_again_while_it_is_read_stays(place: Place, watch: Callable[..., Landing]) -> None:
    place.put("a.xlsx", BOOK)
    landing = watch()
    (file,) = landing.files()
    with landing.open(file) as stream:
        assert stream.read() == BOOK
    place.put("a.xlsx", book(b"corrected"))
    assert not landing.is_unchanged(file)
    landing.remove(file)
    assert place.content("a.xlsx") == book(b"corrected")
    (again,) = watch().files()
    assert again != file


def test_two_workers_may_take_the_same_file_away(place: Place, watch: Callable[..., Landing]) -> None:
    place.put("a.xlsx", BOOK)
    one, other = watch(), watch()
    (file,), (same,) = one.files(), other.files()
    assert (file, hash(file)) == (same, hash(same))
    one.remove(file)
    assert not other.is_unchanged(same)
    other.remove(same)
    with pytest.raises(FileNotFoundError), other.open(same) as stream:
        stream.read()
    assert place.names() == set()


def test_a_file_that_another_worker_takes_away_in_the_last_moment_is_no_fault(
    place: Place, watch: Callable[..., Landing], monkeypatch: pytest.MonkeyPatch
) -> None:
    place.put("a.xlsx", BOOK)
    one, other = watch(), watch()
    (file,), (same,) = one.files(), other.files()
    honest = Landing.is_unchanged

    def look(landing: Landing, looked_at: LandedFile) -> bool:
        found = honest(landing, looked_at)
        if landing is one:
            other.remove(same)
        return found

    monkeypatch.setattr(Landing, "is_unchanged", look)
    one.remove(file)
    assert place.names() == set()


def test_a_landing_zone_that_is_gone_is_an_error_and_not_an_empty_one(
    place: Place, base: Settings, tmp_path: Path
) -> None:
    place.put("a.xlsx", BOOK)
    settings = place.settings(base)
    landing = Landing(settings, NAMES)
    if place.folder is not None:
        away = place.folder.rename(tmp_path / "away")
        with pytest.raises(OSError, match=r"is not there.*Nothing is lost"):
            landing.files()
        with pytest.raises(OSError, match="is not there"):
            landing.reach()
        away.rename(place.folder)
    else:
        url = place.url.replace("/landing", "-gone/landing")
        with pytest.raises(OSError, match=r"is not there.*Nothing is lost") as caught:
            Landing(settings.model_copy(update={"landing_url": url}), NAMES).files()
        assert url in str(caught.value)
        with pytest.raises(OSError, match="is not there"):
            Landing(settings.model_copy(update={"landing_url": url}), NAMES).reach()
    landing.reach()
    assert _names(landing.files()) == ["a.xlsx"]


def test_an_empty_landing_zone_is_none_that_is_gone(place: Place, watch: Callable[..., Landing]) -> None:
    assert watch().files() == []


def test_no_secret_is_shown(
    place: Place, base: Settings, denying_endpoint: str, capfd: pytest.CaptureFixture[str]
) -> None:
    secret = "secret-that-nobody-may-see"
    known: dict[str, Any] = {
        "folder": {},
        "s3": {**place.options, "secret": secret, "endpoint_url": denying_endpoint},
        "sftp": {**place.options, "password": secret, "key_filename": None},
    }
    settings = place.settings(base, landing_options=json.dumps(known[place.kind]))
    told = [repr(settings), str(settings), settings.model_dump_json()]
    landing = Landing(settings, NAMES)
    told += [repr(landing), str(vars(landing))]
    if place.kind != "folder":
        with pytest.raises(Exception) as caught:
            landing.files()
        told.append(repr(caught.value) + str(caught.value.__cause__))
    told += capfd.readouterr()
    assert not [text for text in told if secret in text]


@pytest.mark.parametrize("kind", ["folder", "sftp"])
def test_folders_within_folders_without_end_stop_nobody(
    make_place: Callable[[str], Place], base: Settings, kind: str
) -> None:
    place = make_place(kind)
    assert place.folder is not None
    place.put("a.xlsx", BOOK)
    place.put("1/2/3/4/5/6/7/8/b.xlsx", BOOK)
    (place.folder / "x" / "/".join("x" * 40)).mkdir(parents=True)
    landing = Landing(place.settings(base), NAMES)
    assert _names(landing.files()) == ["1/2/3/4/5/6/7/8/b.xlsx", "a.xlsx"]
    (reason,) = landing.left.values()
    assert "more than 32 folders deep" in reason


@pytest.mark.parametrize("setting", ["archive_url", "answers_url"])
def test_what_we_write_may_not_lie_in_the_landing_zone(place: Place, base: Settings, setting: str) -> None:
    for below in ("", "/", "/answers"):
        with pytest.raises(UsageError, match="would be taken in as a delivery"):
            Landing(place.settings(base, **{setting: place.url + below}), NAMES)
    Landing(place.settings(base, **{setting: f"{place.url}-answers"}), NAMES)


def test_answers_may_lie_beside_it(place: Place, base: Settings) -> None:
    options = json.dumps(place.options)
    answers = Answers(place.settings(base, answers_url=f"{place.url}-answers", answers_options=options))
    for data in (b"first", b"first", b"mended"):
        answers.write("2023-Q1/XX-P-A/1-1/receipt.html", data)
        assert answers.read("2023-Q1/XX-P-A/1-1/receipt.html") == data
