"""Command-line CRM and data-quality toolkit."""
