"""Benchmarks: one file a subject, run by `python3 dev.py bench NAME`; `measure` beside it times and prints."""
