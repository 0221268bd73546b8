"""The catalogue's content into `raw`, as versions: the same content twice writes nothing."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from sources.catalogue.agency_rows import agency_keys, agency_rows
from sources.catalogue.calendar_rows import calendar_rows
from sources.catalogue.field_rows import area_rows, field_rows
from sources.catalogue.index_rows import index_rows
from sources.catalogue.load import DATA_DIR, Catalogue, load_catalogue
from sources.catalogue.plan_rows import plan_rows
from warehouse.engine import engine
from warehouse.reference import Rows, load_version
from warehouse.settings import Settings


def register_catalogue(
    settings: Settings, run_id: str, plans: Iterable[str] | None = None, data_dir: Path = DATA_DIR
) -> dict[str, bool]:
    """Load the reference data and plans (by default all) as role loader, in one transaction.

    Returns, by data set, whether a new version was written. Raises `DataFileError` for files with problems
    and `UsageError` for a plan that the catalogue does not hold; then nothing is written.
    """
    catalogue = load_catalogue(data_dir)
    datasets = _datasets(catalogue, catalogue.plans if plans is None else plans)
    with engine(settings, "loader").begin() as connection:
        return {
            name: load_version(connection, name, tables, run_id).is_new for name, tables in datasets.items()
        }


def _datasets(catalogue: Catalogue, plans: Iterable[str]) -> dict[str, Rows]:
    keys = agency_keys(catalogue.agencies)
    return {
        "agencies": agency_rows(catalogue.agencies),
        "calendar": calendar_rows(catalogue.calendar, keys),
        "fields": field_rows(catalogue.fields, keys),
        "areas": area_rows(catalogue.areas),
        "indices": index_rows(catalogue.indices),
        **{f"plan:{code}": plan_rows(catalogue.plan(code), keys) for code in plans},
    }
