"""Cleaning: a messy file in, a standardized and merged file out, without a database of one's own."""

from crm_cli.jobs.cleaning.run import CleanOptions, CleanOutputs, CleanResult, clean_source

__all__ = ["CleanOptions", "CleanOutputs", "CleanResult", "clean_source"]
