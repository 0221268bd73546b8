from __future__ import annotations
from datetime import UTC, date, datetime
from sources.forms.issue import issue_forms
from sources.forms.findings import Findings, load_rules
from sources.forms.report import read_report
def test_an_untouched_form_reads_back(small, reference, form) -> None:
    for path in issue_forms(small, "2023-Q1", "run", datetime(2023, 3, 1, tzinfo=UTC)):
        report = read_report(path.read_bytes(), form, reference, Findings(load_rules()), date(2023, 3, 16))
        for s in report.sheets:
            print(s.sheet_code, s.header_row, s.rows_read, len(s.loaded), len(s.held), s.rows_structure, s.column_map)
        print([f.message_vi for f in report.findings.items])
    assert 0
