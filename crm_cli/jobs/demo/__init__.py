"""The demonstration: example files that are made on the spot, and the tour that works on them."""

from crm_cli.jobs.demo.files import write_examples
from crm_cli.jobs.demo.tour import Stop, TourError, last_merge, take_tour, tour

__all__ = ["Stop", "TourError", "last_merge", "take_tour", "tour", "write_examples"]
