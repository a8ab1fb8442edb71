"""Alembic's entry when it is run by hand; the program itself uses `crm_cli.store.migrate`."""

from __future__ import annotations

from alembic import context

if context.config.attributes.get("connection") is not None:
    context.configure(connection=context.config.attributes["connection"], render_as_batch=True)
    context.run_migrations()
