"""Intake: what comes in is archived, recorded, read, judged and written to `raw`; what waits for a person."""
