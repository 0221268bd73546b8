"""A delivered file as sheets of cells: guarded, parsed once, nothing interpreted."""

from __future__ import annotations

import python_calamine

from sources.forms.definition import FormDefinition
from sources.forms.files.csv_blocks import read_text
from sources.forms.files.docx_tables import read_docx
from sources.forms.files.guards import inspect
from sources.forms.files.ods import read_ods
from sources.forms.files.sheet_cells import Merge, SheetCells
from sources.forms.files.xls import read_xls
from sources.forms.files.xlsx import read_xlsx
from sources.packages import RefusedError

__all__ = ["Merge", "SheetCells", "open_workbook"]


def open_workbook(data: bytes, form: FormDefinition) -> list[SheetCells]:
    """The sheets of a file. Raises RefusedError when it is none that may be or can be read."""
    package = inspect(data, form)
    try:
        if package.kind == "text":
            return read_text(package.data, form)
        if package.kind == "docx":
            return read_docx(package.parts, form)
        if package.kind == "xls":
            return read_xls(package.data, form.limits)
        if package.kind == "ods":
            return read_ods(package.data, package.parts, form.limits)
        return read_xlsx(package.data, package.parts, form.limits)
    except python_calamine.PasswordError:
        raise RefusedError("intake.file_password") from None
    except RefusedError:
        raise
    except (KeyboardInterrupt, SystemExit, GeneratorExit, MemoryError):
        raise
    except BaseException as error:
        # calamine panics (a BaseException) on some broken files; whatever happens, only this file suffers
        raise RefusedError(
            "intake.file_damaged", f"lỗi khi đọc tệp: {type(error).__name__}: {error}"[:200]
        ) from error
