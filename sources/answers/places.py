"""Where answers lie: a folder for each answer, named by codes of ours, never by what a sender wrote."""

from __future__ import annotations

import re
from uuid import uuid4

from sources.answers.told import Told
from warehouse.settings import Settings
from warehouse.storage import open_storage

RECEIPT, WORKBOOK = "phieu-tiep-nhan.html", "bao-cao-da-kiem-tra.xlsx"
_INCOMING = "incoming"
_NOT_IN_NAMES = re.compile(r"[^0-9A-Za-z._-]")


class Answers:
    """The place at `settings.answers_url` (any fsspec URL)."""

    def __init__(self, settings: Settings) -> None:
        self._fs, self._root = open_storage(settings, "answers")

    def write(self, path: str, data: bytes) -> None:
        """Write a file whole: under a name of its own, then moved. The same file again changes nothing."""
        draft, final = f"{self._root}/{_INCOMING}/{uuid4().hex}.part", f"{self._root}/{path}"
        self._fs.makedirs(f"{self._root}/{_INCOMING}", exist_ok=True)
        self._fs.makedirs(final.rpartition("/")[0], exist_ok=True)
        try:
            self._fs.pipe_file(draft, data)
            self._fs.mv(draft, final)
        finally:
            if self._fs.exists(draft):
                self._fs.rm_file(draft)

    def read(self, path: str) -> bytes:
        """A file's bytes. Raises FileNotFoundError when somebody took it away."""
        return bytes(self._fs.cat_file(f"{self._root}/{path}"))


def folder_of(told: Told, answer_no: int) -> str:
    """`<period>/<agency>/<delivery>-<answer>`, below the place of answers."""
    period = _NOT_IN_NAMES.sub("-", told.period_id or "khong-ro-ky")
    agency = _NOT_IN_NAMES.sub("-", told.agency_code or "khong-ro-co-quan")
    return f"{period}/{agency}/{told.delivery_id}-{answer_no}"
