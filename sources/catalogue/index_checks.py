"""What no schema can say about external indices: references, ranks, contents that do not add up."""

from __future__ import annotations

from collections.abc import Iterator

from sources.catalogue.codes import known
from sources.catalogue.indices import IndicesFile, Result
from warehouse.data_files import Place, Problem, duplicates


def check_indices(file: IndicesFile, jurisdictions: set[str]) -> Iterator[Problem]:
    """Every problem of indices.yml that its schema lets through."""
    yield from duplicates(file.indices, lambda index: index.code, ("indices",), "code")
    for number, index in enumerate(file.indices):
        yield from duplicates(
            index.contents, lambda item: item.content, ("indices", number, "contents"), "content"
        )
    yield from duplicates(file.ranked, lambda entry: entry.start, ("ranked",), "from")
    results = file.results
    yield from duplicates(results, lambda r: (r.index, r.jurisdiction, r.year), ("results",), "result")
    for number, result in enumerate(results):
        yield from _check_result(result, file, jurisdictions, ("results", number))


def _check_result(
    result: Result, file: IndicesFile, jurisdictions: set[str], place: Place
) -> Iterator[Problem]:
    codes = file.codes()
    indices = {code for code, _ in codes}
    if result.index not in indices:
        yield (*place, "index"), f"unknown index {result.index!r} {known(indices)}"
        return
    if result.jurisdiction not in jurisdictions:
        message = f"unknown jurisdiction {result.jurisdiction!r} {known(jurisdictions)}"
        yield (*place, "jurisdiction"), message
    yield from duplicates(result.contents, lambda item: item.content, (*place, "contents"), "content")
    contents = [str(number) for code, number in codes if code == result.index and number > 0]
    for number, item in enumerate(result.contents):
        if (result.index, item.content) not in codes:
            message = f"{result.index} has no content {item.content} {known(contents)}"
            yield (*place, "contents", number, "content"), message
    yield from _check_ranks(result, file, place)
    yield from _check_sum(result, place)


def _check_ranks(result: Result, file: IndicesFile, place: Place) -> Iterator[Problem]:
    ranks = [((*place, "rank"), result.rank)]
    ranks += [((*place, "contents", n, "rank"), item.rank) for n, item in enumerate(result.contents)]
    if all(rank is None for _, rank in ranks):
        return
    ranked_of = file.ranked_of(result.year)
    if ranked_of is None:
        yield (*place, "year"), f"`ranked` does not say how many provinces there were in {result.year}"
        return
    for where, rank in ranks:
        if rank is not None and rank > ranked_of:
            yield where, f"{rank} of {ranked_of} provinces"


def _check_sum(result: Result, place: Place) -> Iterator[Problem]:
    if not result.contents or result.score is None:
        return
    total = result.sum_of_contents()
    if total != result.score and result.sum_differs is None:
        added = "lack a score" if total is None else f"sum to {total}, the whole is {result.score}"
        yield (*place, "contents"), f"{added}: correct it, or say why in `sum_differs`"
    if total == result.score and result.sum_differs is not None:
        yield (*place, "sum_differs"), "there is nothing to explain: the contents sum to the whole"
