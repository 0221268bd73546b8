"""A landing zone on an SFTP server: uploads as people make them, hostile names, keys, a server that goes."""

from __future__ import annotations

import json
import os
import socket
from collections.abc import Callable, Iterator
from contextlib import suppress
from datetime import UTC, datetime
from io import BytesIO
from pathlib import Path
from typing import Any

import paramiko
import pytest

from sources.forms.definition import load_definition
from sources.intake import landing as module
from sources.intake.archive import Archive
from sources.intake.landing import Landing
from tests.sources.intake.landing_places import HOST, Place, SshServer
from tests.sources.intake.test_landing import BOOK, book
from warehouse.errors import CchcError, UsageError
from warehouse.settings import Settings
from warehouse.storage import open_storage

NAMES = load_definition().landing


@pytest.fixture
def zone(make_place: Callable[[str], Place]) -> Place:
    return make_place("sftp")


@pytest.fixture
def base(tmp_path: Path) -> Settings:
    return Settings(home=tmp_path / "home", settle_seconds=0)


@pytest.fixture
def landing(zone: Place, base: Settings) -> Iterator[Landing]:
    with Landing(zone.settings(base), NAMES) as found:
        yield found


def _names(landing: Landing) -> list[str]:
    return sorted(file.path for file in landing.files())


def _with(zone: Place, base: Settings, **options: Any) -> Landing:
    given = {**zone.options, **options}
    return Landing(zone.settings(base, landing_options=json.dumps(given)), NAMES)


# ---------------------------------------------------------------- uploads


def test_an_upload_in_pieces_is_taken_once_it_is_whole(zone: Place, landing: Landing) -> None:
    assert zone.server is not None
    with zone.server.upload() as agency, agency.open(f"{zone.folder}/a.xlsx", "wb") as copy:
        for start in range(0, len(BOOK), 200):
            copy.write(BOOK[start : start + 200])
            copy.flush()
            if start + 200 < len(BOOK):
                assert _names(landing) == []
                assert "without the record that ends it" in landing.left["a.xlsx"]
    (file,) = landing.files()
    with landing.open(file) as stream:
        assert stream.read() == BOOK


def test_an_upload_that_is_renamed_at_the_end_is_taken_under_its_last_name(
    zone: Place, landing: Landing
) -> None:
    assert zone.server is not None
    with zone.server.upload() as agency:
        with agency.open(f"{zone.folder}/a.csv.filepart", "wb") as copy:
            copy.write(b"half of a table, which has no end to be known by")
        assert _names(landing) == []
        assert landing.left == {"a.csv.filepart": "still being written, as its name says"}
        agency.posix_rename(f"{zone.folder}/a.csv.filepart", f"{zone.folder}/a.csv")
    assert _names(landing) == ["a.csv"]
    assert landing.left == {}


def test_an_upload_that_breaks_off_and_is_resumed_loses_nothing(zone: Place, landing: Landing) -> None:
    assert zone.server is not None
    with zone.server.upload() as agency:
        copy = agency.open(f"{zone.folder}/a.xlsx", "wb")
        copy.write(BOOK[:300])
        zone.server.cut_connections()
        with pytest.raises((OSError, EOFError, paramiko.SSHException)):
            copy.write(BOOK[300:])
    assert zone.content("a.xlsx") == BOOK[:300]
    assert _names(landing) == []
    with zone.server.upload() as agency, agency.open(f"{zone.folder}/a.xlsx", "ab") as copy:
        copy.write(BOOK[300:])
    (file,) = landing.files()
    with landing.open(file) as stream:
        assert stream.read() == BOOK


def test_a_file_that_is_written_to_while_it_is_read_stays(zone: Place, landing: Landing) -> None:
    assert zone.server is not None
    zone.put("a.csv", b"first line\n")
    (file,) = landing.files()
    with landing.open(file) as stream:
        stream.read()
    with zone.server.upload() as agency, agency.open(f"{zone.folder}/a.csv", "ab") as copy:
        copy.write(b"second line\n")
    landing.remove(file)
    assert zone.content("a.csv") == b"first line\nsecond line\n"


# ---------------------------------------------------------------- what lies there


def test_names_of_any_bytes_are_read_and_removed(zone: Place, landing: Landing) -> None:
    assert zone.folder is not None
    folder = os.fsencode(zone.folder)
    raw = [b"B\xb8o c\xb8o.xls", b"new\nline.xlsx", b"\\..\\up.xlsx", b"x%2f..%2fetc.xlsx", b"a?b*[c].xlsx"]
    for name in raw:
        Path(os.fsdecode(folder + b"/" + name)).write_bytes(BOOK)
    files = landing.files()
    assert sorted(os.fsencode(f.path) for f in files) == sorted(raw)
    assert r"B\xb8o c\xb8o.xls" in {f.shown_path for f in files}
    for file in files:
        with landing.open(file) as stream:
            assert stream.read() == BOOK
        landing.remove(file)
    assert list(zone.folder.iterdir()) == []


def test_links_and_pipes_are_named_and_not_followed(zone: Place, landing: Landing, tmp_path: Path) -> None:
    assert zone.folder is not None
    secret = tmp_path / "secret.xlsx"
    secret.write_bytes(BOOK)
    (zone.folder / "link.xlsx").symlink_to(secret)
    (zone.folder / "folder").symlink_to(tmp_path)
    (zone.folder / "lost.xlsx").symlink_to("/nowhere")
    os.mkfifo(zone.folder / "pipe.xlsx")
    zone.put("a.xlsx", BOOK)
    (file,) = landing.files()
    assert {path: reason.split(":")[0] for path, reason in landing.left.items()} == {
        "link.xlsx": "a link",
        "folder": "a link",
        "lost.xlsx": "a link",
        "pipe.xlsx": "no file",
    }
    (zone.folder / "a.xlsx").unlink()
    (zone.folder / "a.xlsx").symlink_to(secret)
    assert not landing.is_unchanged(file)
    landing.remove(file)
    assert (zone.folder / "a.xlsx").is_symlink()


def test_names_that_lead_out_of_the_folder_are_left(
    zone: Place, landing: Landing, monkeypatch: pytest.MonkeyPatch
) -> None:
    """No file system has such names; a hostile server can list them all the same."""
    zone.put("a.xlsx", BOOK)
    session = type(landing._zone._fs.ftp)
    honest = session.entries

    def hostile(self: Any, folder: str) -> Any:
        found = honest(self, folder)
        evil = ("../../../etc/passwd", "/etc/shadow", "", "x/y.xlsx", "nul\0.xlsx")
        return [*found, *((name, found[0][1]) for name in evil)]

    monkeypatch.setattr(session, "entries", hostile)
    assert _names(landing) == ["a.xlsx"]
    assert set(landing.left.values()) == {"a name that leads out of its folder"}
    assert len(landing.left) == 5


def test_a_folder_that_cannot_be_listed_costs_only_its_own_files(
    zone: Place, landing: Landing, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The tests may run as root, to whom every folder is open: the server's refusal is put in its mouth."""
    for name in ("a.xlsx", "locked/b.xlsx", "gone/c.xlsx", "odd/d.xlsx"):
        zone.put(name, BOOK)
    session = type(landing._zone._fs.ftp)
    honest = session.entries
    refusals = {
        "locked": PermissionError(13, "Permission denied"),
        "gone": FileNotFoundError(2, "No such file"),
    }
    refusals["odd"] = OSError("Failure")

    def refuse(self: Any, folder: str) -> Any:
        if error := refusals.get(folder.rpartition("/")[2]):
            raise error
        return honest(self, folder)

    monkeypatch.setattr(session, "entries", refuse)
    assert _names(landing) == ["a.xlsx"]
    assert set(landing.left) == {"locked", "odd"}
    assert all("a folder that cannot be listed" in reason for reason in landing.left.values())
    refusals["odd"] = ConnectionError("The SFTP server went away")
    with pytest.raises(OSError, match=r"The landing zone .* cannot be listed: The SFTP server went away"):
        landing.files()


def test_the_servers_time_is_told_with_its_zone(zone: Place, landing: Landing) -> None:
    assert zone.folder is not None
    zone.put("a.csv", b"x")
    os.utime(zone.folder / "a.csv", (1_678_900_000, 1_678_900_000))
    (file,) = landing.files()
    assert file.modified_at == datetime.fromtimestamp(1_678_900_000, UTC)


# ---------------------------------------------------------------- keys and logins


def test_an_unknown_host_key_is_refused(zone: Place, base: Settings, tmp_path: Path) -> None:
    nobody = tmp_path / "known_hosts"
    nobody.write_text("")
    with pytest.raises(CchcError, match=r"host key of the SFTP server .* is not known") as caught:
        _with(zone, base, host_key=None, known_hosts=str(nobody)).files()
    assert "ssh-keyscan" in str(caught.value)


def test_a_changed_host_key_is_refused(zone: Place, base: Settings) -> None:
    assert zone.server is not None
    with pytest.raises(CchcError, match="another host key than the one that is known"):
        _with(zone, base, host_key=zone.server.public("other_key")).files()


def test_a_known_hosts_file_will_do(zone: Place, base: Settings) -> None:
    assert zone.server is not None
    zone.put("a.xlsx", BOOK)
    known = str(zone.server._known_hosts())
    assert _names(_with(zone, base, host_key=None, known_hosts=known)) == ["a.xlsx"]


def test_the_text_of_a_private_key_will_do(zone: Place, base: Settings) -> None:
    assert zone.server is not None
    zone.put("a.xlsx", BOOK)
    key = (zone.server.home / "user_key").read_text(encoding="ascii")
    assert _names(_with(zone, base, key_filename=None, private_key=key)) == ["a.xlsx"]


@pytest.mark.parametrize(
    "wrong", [{"key_filename": None, "password": "no-such-secret"}, {"key_filename": "other_key"}]
)
def test_a_refused_login_says_so_without_its_secret(
    zone: Place, base: Settings, wrong: dict[str, Any]
) -> None:
    assert zone.server is not None
    if wrong["key_filename"]:
        wrong = {"key_filename": str(zone.server.home / wrong["key_filename"])}
    with pytest.raises(CchcError, match="refuses the login of user") as caught:
        _with(zone, base, **wrong).files()
    assert "no-such-secret" not in str(caught.value)


@pytest.mark.parametrize(
    "wrong",
    [
        {"host_key": "no key"},
        {"known_hosts": "/nowhere", "host_key": None},
        {"private_key": "no key"},
        {"host_key_policy": "auto_add"},
        {"known_host": "misspelt"},
    ],
)
def test_options_that_cannot_be_used_are_refused(zone: Place, base: Settings, wrong: dict[str, Any]) -> None:
    with pytest.raises(UsageError):
        _with(zone, base, **wrong).files()


# ---------------------------------------------------------------- a server that goes away


def test_a_server_that_is_gone_in_the_middle_costs_that_file_and_comes_back(
    zone: Place, landing: Landing
) -> None:
    assert zone.server is not None
    large = book(os.urandom(1 << 20))
    zone.put("a.xlsx", large)
    (file,) = landing.files()
    with landing.open(file) as stream:
        assert stream.read(1000) == large[:1000]
        zone.server.cut_connections()
        with pytest.raises(OSError, match="went away"):
            stream.read()
    with landing.open(file) as stream:  # the next call connects anew
        assert stream.read() == large
    zone.server.cut_connections()
    with suppress(OSError):  # unless the loss is noticed before, this call meets it
        landing.is_unchanged(file)
    assert landing.is_unchanged(file)
    landing.remove(file)
    assert zone.names() == set()


def test_a_server_that_does_not_listen_is_an_oserror_until_it_does(zone: Place, landing: Landing) -> None:
    assert zone.server is not None
    zone.put("a.xlsx", BOOK)
    landing.close()
    zone.server.stop()
    try:
        with pytest.raises(OSError, match="cannot be reached"):
            landing.files()
    finally:
        zone.server.start()
    assert _names(landing) == ["a.xlsx"]


def test_a_server_that_says_nothing_is_not_waited_for_for_ever(zone: Place, base: Settings) -> None:
    with socket.create_server((HOST, 0)) as silent:
        url = f"sftp://nobody@{HOST}:{silent.getsockname()[1]}/landing"
        settings = zone.settings(
            base, landing_url=url, landing_options=json.dumps({**zone.options, "timeout": 1})
        )
        with pytest.raises(OSError, match=r"The landing zone .* cannot be listed"):
            Landing(settings, NAMES).files()


def test_an_answer_that_does_not_come_is_not_waited_for_for_ever(
    zone: Place, base: Settings, ssh_server: SshServer
) -> None:
    zone.put("a.xlsx", BOOK)
    landing = _with(zone, base, timeout=1)
    (file,) = landing.files()
    ssh_server.pause()
    try:
        with pytest.raises(OSError, match="did not answer in time"):
            landing.is_unchanged(file)
    finally:
        ssh_server.go_on()
    assert landing._zone._fs._session.is_gone  # a late answer is not taken for the next one
    assert landing.is_unchanged(file)


# ---------------------------------------------------------------- archive and answers


def test_the_archive_may_lie_there_too(zone: Place, base: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    settings = base.model_copy(
        update={"archive_url": f"{zone.url}/archive", "archive_options": zone.settings(base).landing_options}
    )
    archive = Archive(settings)
    large = os.urandom(300_000)
    archived = archive.store(BytesIO(large))
    assert archive.store(BytesIO(large)) == archived
    archive.settle()
    assert archive.store(BytesIO(large)) == archived
    assert archive.read(archived.path) == large
    assert archive.read(archived.path, 10) == large[:10]
    archive.store(BytesIO(b"of a run that is killed"))
    monkeypatch.setattr("sources.intake.archive._DRAFT_SECONDS", -60)
    Archive(settings).sweep()
    assert zone.names() == {f"archive/{archived.path}"}


def test_a_password_in_the_url_is_refused(base: Settings) -> None:
    settings = base.model_copy(update={"landing_url": "sftp://a:secret@127.0.0.1/x"})
    with pytest.raises(UsageError, match="CCHC_LANDING_OPTIONS") as caught:
        open_storage(settings, "landing")
    assert "secret" not in str(caught.value)


def test_the_module_never_sleeps_longer_than_it_is_told(
    zone: Place, base: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    pauses: list[float] = []
    monkeypatch.setattr(module.time, "sleep", pauses.append)
    assert _names(Landing(zone.settings(base, settle_seconds=7), NAMES)) == []
    zone.put("a.csv", b"x")
    assert _names(Landing(zone.settings(base, settle_seconds=7), NAMES)) == ["a.csv"]
    assert pauses == [7]
