"""A landing zone on S3: any key, more than a page of them, removal that spares what came in between."""

from __future__ import annotations

import errno
import json
import os
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from botocore.exceptions import ClientError

from sources.forms.definition import load_definition
from sources.intake.archive import Archive
from sources.intake.landing import Landing
from tests.sources.intake.landing_places import HOST, Place
from tests.sources.intake.test_landing import BOOK, book
from warehouse.errors import UsageError
from warehouse.settings import Settings
from warehouse.storage import open_storage

NAMES = load_definition().landing


@pytest.fixture
def zone(make_place: Callable[[str], Place]) -> Place:
    return make_place("s3")


@pytest.fixture
def base(tmp_path: Path) -> Settings:
    return Settings(home=tmp_path / "home", settle_seconds=0)


@pytest.fixture
def landing(zone: Place, base: Settings) -> Iterator[Landing]:
    with Landing(zone.settings(base), NAMES) as found:
        yield found


def test_any_key_is_read_and_removed(zone: Place, landing: Landing) -> None:
    keys = [  # moto's server cannot be given a key with a line break
        "Báo cáo quý I, phường Phạm Ngũ Lão.xlsx",
        "a b+c#d%20e&f=g?h.xlsx",
        "//twice//slashed.xlsx",
        "back\\slash*[glob]{x}.xlsx",
    ]
    for key in keys:
        zone.put(key, BOOK)
    files = landing.files()
    assert sorted(file.path for file in files) == sorted(keys)
    assert landing.left == {}
    for file in files:
        with landing.open(file) as stream:
            assert stream.read() == BOOK
        assert landing.is_unchanged(file)
        landing.remove(file)
    assert zone.names() == set()


def test_a_key_that_would_be_taken_for_another_is_left(zone: Place, landing: Landing) -> None:
    for key in ("a.xlsx", "a.xlsx?versionId=1", "b.xlsx/", "x/../../up.xlsx"):
        zone.put(key, BOOK)
    assert [file.path for file in landing.files()] == ["a.xlsx"]
    assert {path: reason[:5] for path, reason in landing.left.items()} == {
        "a.xlsx?versionId=1": "a key",
        "b.xlsx/": "a key",
        "x/../../up.xlsx": "a nam",
    }


def test_markers_of_folders_and_neighbours_are_none_of_it(zone: Place, landing: Landing) -> None:
    zone.put("", b"")
    zone.put("phường 1/", b"")
    zone.put("phường 1/a.xlsx", BOOK)
    zone.bucket.put_object(Key="landing-old/b.xlsx", Body=BOOK)
    zone.bucket.put_object(Key="landing", Body=BOOK)
    assert [file.path for file in landing.files()] == ["phường 1/a.xlsx"]
    assert landing.left == {}


def test_what_came_since_the_last_look_is_seen(zone: Place, landing: Landing) -> None:
    zone.put("a.xlsx", BOOK)
    assert [file.path for file in landing.files()] == ["a.xlsx"]
    zone.put("b.xlsx", BOOK)
    assert [file.path for file in landing.files()] == ["a.xlsx", "b.xlsx"]


def test_no_listing_of_before_is_believed(zone: Place, base: Settings) -> None:
    options = {**zone.options, "use_listings_cache": True}
    landing = Landing(zone.settings(base, landing_options=json.dumps(options)), NAMES)
    zone.put("a.xlsx", BOOK)
    (file,) = landing.files()
    zone.put("a.xlsx", book(b"corrected"))
    zone.put("b.xlsx", BOOK)
    landing.remove(file)
    assert zone.names() == {"a.xlsx", "b.xlsx"}
    assert not landing.is_unchanged(file)
    assert [found.path for found in landing.files()] == ["a.xlsx", "b.xlsx"]


@pytest.mark.slow
def test_more_objects_than_a_page_holds(zone: Place, landing: Landing) -> None:
    keys = {f"{number % 7}/{number}.csv" for number in range(1200)}
    with ThreadPoolExecutor(8) as agencies:
        list(agencies.map(lambda key: zone.put(key, b"x"), keys))
    assert {file.path for file in landing.files()} == keys


def test_what_comes_between_the_last_look_and_the_removal_stays(
    zone: Place, landing: Landing, monkeypatch: pytest.MonkeyPatch
) -> None:
    zone.put("a.xlsx", BOOK)
    (file,) = landing.files()

    def last_look(_: Landing, __: object) -> bool:
        zone.put("a.xlsx", book(b"corrected"))
        return True

    monkeypatch.setattr(Landing, "is_unchanged", last_look)
    landing.remove(file)
    assert zone.content("a.xlsx") == book(b"corrected")


def test_a_store_without_conditional_removal_is_asked_without(
    zone: Place, landing: Landing, monkeypatch: pytest.MonkeyPatch
) -> None:
    zone.put("a.xlsx", BOOK)
    (file,) = landing.files()
    honest = landing._zone._fs.call_s3

    def simple(method: str, **request: Any) -> Any:
        if "IfMatch" in request:
            told = {"Error": {"Code": "NotImplemented", "Message": "A header implies what is not there"}}
            raise OSError(errno.ENOSYS, "not there") from ClientError(told, "DeleteObject")  # type: ignore[arg-type]
        return honest(method, **request)

    monkeypatch.setattr(landing._zone._fs, "call_s3", simple)
    landing.remove(file)
    assert zone.names() == set()


def test_an_object_that_is_replaced_while_it_is_read_is_never_a_mixture(
    zone: Place, landing: Landing
) -> None:
    zone.put("a.xlsx", book(b"a" * (3 << 20)))
    (file,) = landing.files()
    with landing.open(file) as stream:
        stream.read(1000)
        zone.put("a.xlsx", book(b"b" * (3 << 20)))
        with pytest.raises(OSError, match=r"a\.xlsx"):
            stream.read()
    assert not landing.is_unchanged(file)


def test_a_denied_bucket_is_named_without_a_secret(
    zone: Place, base: Settings, denying_endpoint: str
) -> None:
    options = {**zone.options, "endpoint_url": denying_endpoint}
    landing = Landing(zone.settings(base, landing_options=json.dumps(options)), NAMES)
    with pytest.raises(OSError, match=r"The landing zone .* cannot be listed: Access Denied") as caught:
        landing.files()
    assert zone.url in str(caught.value)
    assert zone.options["secret"] not in str(caught.value)


@pytest.mark.slow
def test_a_store_that_does_not_listen_is_an_oserror(zone: Place, base: Settings) -> None:
    options = {**zone.options, "endpoint_url": f"http://{HOST}:9"}
    landing = Landing(zone.settings(base, landing_options=json.dumps(options)), NAMES)
    with pytest.raises(OSError, match=r"cannot be listed.*EndpointConnectionError"):
        landing.files()


def test_the_archive_may_lie_there_too(zone: Place, base: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    options = zone.settings(base).landing_options
    url = zone.url.replace("/landing", "/archive")
    settings = base.model_copy(update={"archive_url": url, "archive_options": options})
    archive = Archive(settings)
    data = os.urandom(300_000)
    archived = archive.store(BytesIO(data))
    assert archive.store(BytesIO(data)) == archived
    archive.settle()
    assert archive.store(BytesIO(data)) == archived
    assert archive.read(archived.path) == data
    assert archive.read(archived.path, 10) == data[:10]
    archive.store(BytesIO(b"of a run that is killed"))
    monkeypatch.setattr("sources.intake.archive._DRAFT_SECONDS", -60)
    Archive(settings).sweep()
    assert {found.key for found in zone.bucket.objects.all()} == {f"archive/{archived.path}"}


@pytest.mark.parametrize("options", ["no json", "[]", '{"bogus": 1'])
def test_options_that_are_no_json_object_are_refused_unseen(base: Settings, options: str) -> None:
    settings = Settings(**{**base.model_dump(), "landing_url": "s3://x/y", "landing_options": options})
    with pytest.raises(UsageError, match="CCHC_LANDING_OPTIONS is no JSON object") as caught:
        open_storage(settings, "landing")
    assert options not in str(caught.value)
