"""Rows of raw.ref_index and raw.ref_index_result made from indices.yml."""

from __future__ import annotations

from typing import Any

from sources.catalogue.indices import IndicesFile
from warehouse import schema
from warehouse.reference import Rows
from warehouse.text import nfc


def index_rows(file: IndicesFile) -> Rows:
    """Rows of ref_index and ref_index_result; the whole is content 0."""
    indices = [
        {
            "index_code": index.code,
            "content_no": number,
            "label_vi": nfc(label_vi),
            "label_en": label_en,
            "unit": index.unit,
            "publisher": nfc(index.publisher),
            "source": index.source,
            "assumed": index.assumed,
        }
        for index in file.indices
        for number, label_vi, label_en in (
            (0, index.label_vi, index.label_en),
            *((part.content, part.label_vi, part.label_en) for part in index.contents),
        )
    ]
    results: list[dict[str, Any]] = []
    for result in file.results:
        for number, given in ((0, result), *((part.content, part) for part in result.contents)):
            notes = [result.source]
            if given.read_as is not None:
                notes.append(f"read as: {nfc(given.read_as)}")
            if given is result and result.sum_differs is not None:
                notes.append(f"contents and whole differ: {nfc(result.sum_differs)}")
            results.append(
                {
                    "index_code": result.index,
                    "content_no": number,
                    "jurisdiction_code": result.jurisdiction,
                    "year": result.year,
                    "score": given.score,
                    "rank": given.rank,
                    "ranked_of": None if given.rank is None else file.ranked_of(result.year),
                    "source": "; ".join(notes),
                }
            )
    return {schema.ref_index: indices, schema.ref_index_result: results}
