"""A warehouse that has been in use is brought up to date with its rows, not only an empty one."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from uuid import uuid4

import pytest
import sqlalchemy as sa

from tests.conftest import drop_database
from warehouse import migrate
from warehouse.engine import admin_url
from warehouse.settings import Settings

AS_OF_0001 = """
insert into raw.ref_version (dataset, content_sha256, run_id) values ('all', 'x', 'run');
insert into raw.ref_agency (version_id, agency_key, agency_code, jurisdiction_code, agency_name, short_name,
    agency_kind, agency_level, parent_agency_key, valid_from, valid_to, sort_order, sort_key,
    reports, consolidates)
values
    (1, 1, 'HCM', 'HCM', 'Thành phố', 'Thành phố', 'people_committee', 'city', null, '2021-01-01', null, 10,
     'a', false, false),
    (1, 10, 'BT', 'HCM', 'Quận', 'Quận', 'people_committee', 'district', 1, '2021-01-01', '2025-06-30',
     20, 'b', false, true);
insert into raw.ref_agency_name (version_id, agency_key, name, match_key, name_kind)
values (1, 10, 'Quận', 'quan', 'official');
insert into raw.ref_period (version_id, period_id, jurisdiction_code, period_kind, label_vi, label_en, year,
    period_order, window_start, window_end, calendar_end, review_date, is_cumulative, is_derived)
values (1, '2023-H1', 'HCM', 'H1', '6 tháng', 'Half', 2023, 3, '2022-12-15', '2023-06-14', '2023-06-30',
    '2023-06-25', true, false);
insert into raw.ref_period_due (version_id, period_id, jurisdiction_code, agency_kind, due_date)
values (1, '2023-H1', 'HCM', 'ward', '2023-06-16'), (1, '2023-H1', 'HCM', '*', '2023-06-19');
insert into raw.ref_plan (version_id, plan_code, jurisdiction_code, consolidating_agency_key, document_number,
    document_date, issuer, label_vi, year_from, year_to)
values (1, 'P', 'HCM', 10, '1/QĐ-UBND', '2022-12-30', 'UBND', 'Kế hoạch', 2023, 2023);
insert into raw.ref_task (version_id, plan_code, task_code, stt, task_order, area_code, task_label,
    deadline_label, citation)
values (1, 'P', 'P/1.1', '1.1', 1, '0', 'Việc', 'Trong năm', '1/QĐ-UBND, PL.1.1');
"""


@pytest.fixture
def in_use(server_home: Path) -> Iterator[Settings]:
    """A database at the first revision, with rows."""
    settings = Settings(home=server_home, database=f"test_{uuid4().hex[:10]}")
    assert migrate.migrate(settings, "0001") == ["0001"]
    with _admin(settings).begin() as connection:
        connection.exec_driver_sql(AS_OF_0001)
    yield settings
    drop_database(server_home, settings.database)


def test_rows_of_the_first_revision_are_kept_and_filled_in(in_use: Settings) -> None:
    newest = migrate.migrate(in_use)
    assert newest
    assert newest[-1] == migrate.revision(in_use)
    with _admin(in_use).connect() as connection:
        assert _rows(connection, "select valid_from::text, valid_to::text from raw.ref_agency_name") == [
            ("2021-01-01", "2025-06-30")
        ]
        assert _rows(connection, "select closes_on::text, quarters from raw.ref_period") == [
            ("2023-06-14", 2)
        ]
        assert _rows(connection, "select unit_agency_key, period_id from raw.ref_round") == [(10, "2023-H1")]
        assert _rows(
            connection,
            "select unit_agency_key, agency_kind, stated_date = due_date from raw.ref_period_due order by 2",
        ) == [(10, "*", True), (10, "ward", True)]
        assert _rows(connection, "select cited_as from raw.ref_plan") == [("1/QĐ-UBND",)]
        assert _rows(connection, "select task_kind from raw.ref_task") == [("task",)]


def _admin(settings: Settings) -> sa.Engine:
    return sa.create_engine(admin_url(settings), poolclass=sa.NullPool)


def _rows(connection: sa.Connection, query: str) -> list[tuple[object, ...]]:
    return [tuple(row) for row in connection.exec_driver_sql(query)]
