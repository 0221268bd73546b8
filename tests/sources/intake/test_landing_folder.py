"""A landing zone that is a folder: what is no file, names of any bytes, folders with unusual names."""

from __future__ import annotations

import os
import zipfile
from collections.abc import Callable
from io import BytesIO
from pathlib import Path

import pytest

from sources.forms.definition import load_definition
from sources.intake.landing import Landing
from sources.intake.unfinished import lacks_its_end
from tests.sources.intake.landing_places import Place
from tests.sources.intake.test_landing import BOOK, book
from warehouse.settings import Settings, local_folder
from warehouse.storage import open_storage, shown_url

NAMES = load_definition().landing


@pytest.fixture
def folder(make_place: Callable[[str], Place]) -> Path:
    place = make_place("folder")
    assert place.folder is not None
    return place.folder


@pytest.fixture
def landing(folder: Path, tmp_path: Path) -> Landing:
    settings = Settings(home=tmp_path / "home", settle_seconds=0, landing_url=folder.as_uri())
    return Landing(settings, NAMES)


def test_links_and_pipes_are_named_and_not_followed(folder: Path, landing: Landing, tmp_path: Path) -> None:
    (folder / "link.xlsx").symlink_to(tmp_path / "secret.xlsx")
    (folder / "folder").symlink_to(tmp_path)
    (folder / "inside").mkdir()
    os.mkfifo(folder / "inside" / "pipe.xlsx")
    (folder / "a.xlsx").write_bytes(BOOK)
    assert [file.path for file in landing.files()] == ["a.xlsx"]
    assert {path: reason.split(":")[0] for path, reason in landing.left.items()} == {
        "link.xlsx": "a link",
        "folder": "a link",
        "inside/pipe.xlsx": "no file",
    }


@pytest.mark.parametrize("impostor", ["link", "pipe", "file"])
def test_what_takes_a_files_place_after_the_look_is_not_read(
    folder: Path, landing: Landing, tmp_path: Path, impostor: str
) -> None:
    secret = tmp_path / "secret.xlsx"
    secret.write_bytes(BOOK)
    path = folder / "a.xlsx"
    path.write_bytes(BOOK)
    (file,) = landing.files()
    kept = path.stat()
    path.rename(tmp_path / "kept")  # so that its inode is not given to the next one
    if impostor == "link":
        path.symlink_to(secret)
    elif impostor == "pipe":
        os.mkfifo(path)
    else:
        path.write_bytes(secret.read_bytes())
        os.utime(path, ns=(kept.st_atime_ns, kept.st_mtime_ns))
    with pytest.raises(OSError, match=r"a\.xlsx"):
        landing.open(file)
    landing.remove(file)
    assert os.path.lexists(path)


def test_a_file_that_is_overwritten_in_place_stays_even_with_its_old_time(
    folder: Path, landing: Landing
) -> None:
    path = folder / "a.xlsx"
    path.write_bytes(BOOK)
    before = path.stat()
    (file,) = landing.files()
    path.write_bytes(b"x" * len(BOOK))
    os.utime(path, ns=(before.st_atime_ns, before.st_mtime_ns))  # as senders do that keep times
    landing.remove(file)
    assert path.read_bytes() == b"x" * len(BOOK)


def test_a_name_that_is_no_utf8_is_read_and_removed(folder: Path, landing: Landing) -> None:
    odd = Path(os.fsdecode(os.fsencode(folder) + b"/B\xb8o c\xb8o.xls"))
    odd.write_bytes(b"x")
    (file,) = landing.files()
    assert file.shown_path == r"B\xb8o c\xb8o.xls"
    with landing.open(file) as stream:
        assert stream.read() == b"x"
    landing.remove(file)
    assert not odd.exists()


@pytest.mark.parametrize("name", ["nhà nước 100% #1", "a%20b", "plain"])
def test_a_folder_may_have_any_name(tmp_path: Path, name: str) -> None:
    folder = tmp_path / name
    folder.mkdir()
    (folder / "a.xlsx").write_bytes(BOOK)
    settings = Settings(home=tmp_path, settle_seconds=0, landing_url=folder.as_uri())
    assert settings.landing_folder == folder
    assert [file.path for file in Landing(settings, NAMES).files()] == ["a.xlsx"]
    assert local_folder(str(folder)) == folder
    defaults = Settings(home=folder)
    assert open_storage(defaults, "archive")[1] == str(folder / "archive")


def test_what_waits_in_one_home_waits_there_only(folder: Path, tmp_path: Path) -> None:
    (folder / "cut.xlsx").write_bytes(BOOK[:-1])
    home = tmp_path / "home"
    settings = Settings(home=home, settle_seconds=0, landing_url=folder.as_uri())
    assert Landing(settings, NAMES).files() == []
    (kept,) = home.glob("landing-waiting-*.json")
    kept.write_text("{cut off")  # a record that cannot be read begins anew, and stops nobody
    assert Landing(settings, NAMES).files() == []
    (folder / "cut.xlsx").unlink()
    assert Landing(settings, NAMES).files() == []
    assert list(home.glob("landing-waiting-*.json")) == []


def _xls() -> bytes:
    import xlwt

    workbook = xlwt.Workbook()
    workbook.add_sheet("a").write(0, 0, "x" * 3000)
    path = BytesIO()
    workbook.save(path)
    return path.getvalue()


def test_an_xls_file_is_whole_with_the_sectors_that_its_header_names() -> None:
    whole = _xls()

    def lacking(data: bytes) -> str | None:
        return lacks_its_end(len(data), lambda start, end: data[start:end])

    assert lacking(whole) is None
    assert "whose header names" in str(lacking(whole[:-1]))
    assert "whose header names" in str(lacking(whole[:100]))
    assert lacking(whole + b"trailing") is None


def test_kinds_without_an_end_and_nothing_at_all_are_whole() -> None:
    for data in (b"", b"P", b"a;b\n1;2", b"%PDF-1.7", b"\0" * 5000):
        assert lacks_its_end(len(data), lambda start, end, data=data: data[start:end]) is None


@pytest.mark.parametrize("comment", [b"", b"Bao cao quy I"])
def test_no_cut_of_a_zip_archive_is_taken_for_whole(comment: bytes) -> None:
    buffer = BytesIO(book(b"x" * 100))
    with zipfile.ZipFile(buffer, "a") as archive:
        archive.comment = comment
    whole = buffer.getvalue()
    assert lacks_its_end(len(whole), lambda start, end: whole[start:end]) is None
    for length in range(4, len(whole)):
        data = whole[:length]
        assert lacks_its_end(length, lambda start, end, data=data: data[start:end]), length


def test_a_url_is_shown_without_its_password() -> None:
    assert shown_url("sftp://a:b%40c@host:22/x") == "sftp://a:***@host:22/x"
    assert shown_url("s3://bucket/x") == "s3://bucket/x"
    assert shown_url("file:///x") == "file:///x"
