"""Synthetic reports of one year (DỮ LIỆU TỔNG HỢP): a seeded scenario, its figures, and the filled workbooks."""
