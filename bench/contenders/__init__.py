"""The ways that are measured: `run(job)` of each, and `prepare(job)` where something is made beforehand."""
