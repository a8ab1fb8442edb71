"""Frozen revisions: what each changed, in the columns' own terms; they import no dictionary."""
