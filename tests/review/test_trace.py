"""A figure traces to file, sheet and cells, and to the article of the decision."""

from __future__ import annotations

import pytest

from review.trace import trace
from warehouse.errors import UsageError
from warehouse.settings import Settings


def test_a_target_traces_to_its_cells_and_its_article(served: Settings) -> None:
    found = trace(served, "2023-Q1", "CT-II.8.a", agency_code="BT-TNMT", field_code="dat-dai")
    assert found.figure_code == "BT-2022-7679/CT-II.8.a"
    (row,) = found.evidence
    assert (row["sheet_name"], row["citation"]) == ("Hồ sơ TTHC", "7679/QĐ-UBND, II.8")
    assert row["cells"].startswith("J")
    assert len(row["file_sha256"]) == 64


def test_without_an_agency_every_part_is_there(served: Settings) -> None:
    whole = trace(served, "2023-Q1", "BT-2022-7679/CT-II.8.a").evidence
    agencies = {row["agency_code"] for row in whole}
    assert len(agencies) > 2
    parts = [trace(served, "2023-Q1", "CT-II.8.a", agency_code=code).evidence for code in sorted(agencies)]
    assert sum(map(len, parts)) == len(whole)


def test_dossier_counts_trace_without_a_target(served: Settings) -> None:
    found = trace(served, "2023-Q1", "HS-TTHC")
    assert found.target is None
    assert {row["figure_kind"] for row in found.evidence} == {"dossier"}


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("2023-Q9", "CT-II.8.a"), "2023-Q9"),
        (("2023-Q1", "CT-IX.9"), "'CT-IX.9' is no figure of 2023-Q1"),
        (("2023-Q1", "CT-II.8.a", "BT", "BT-XX"), "'BT-XX' has no part"),
    ],
)
def test_what_is_not_served_is_refused(served: Settings, arguments: tuple[str, ...], said: str) -> None:
    with pytest.raises(UsageError, match=said):
        trace(served, *arguments)
