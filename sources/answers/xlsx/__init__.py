"""Marks in a delivered .xlsx, written into its package: every other part stays byte for byte."""
