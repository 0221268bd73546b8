"""The report form: its definition as data, the workbook that is issued, and the workbook that comes back."""
