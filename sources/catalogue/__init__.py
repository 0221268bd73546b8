"""The plan catalogue and the reference data beside it: read from reviewed files, checked, kept as versions.

Everything is checked before anything is written; all problems are named at once (`DataFileError`: file,
line, field).
"""

from __future__ import annotations

from sources.catalogue.load import DATA_DIR, Catalogue, load_catalogue, plan_codes
from sources.catalogue.register import register_catalogue

__all__ = [
    "DATA_DIR",
    "Catalogue",
    "load_catalogue",
    "plan_codes",
    "register_catalogue",
]
