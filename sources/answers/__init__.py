"""What agencies get back: their own workbook with every finding marked, and a receipt of one page."""
