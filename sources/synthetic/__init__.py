"""Synthetic reports of one year (DỮ LIỆU TỔNG HỢP): a seeded scenario, its figures, the filled workbooks."""
