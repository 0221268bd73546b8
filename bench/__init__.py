"""Measures: what taking in a round of reports costs, beside other ways. No package imports this room."""
