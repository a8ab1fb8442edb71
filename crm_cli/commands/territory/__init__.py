"""`crm territory`: territories, their rules and members, sorting records into them, and plans that change all that."""

from __future__ import annotations

from crm_cli.commands.entity import entity_app
from crm_cli.commands.territory import assigning, balancing, members, planning, rules, viewing

__all__ = ["app"]

app = entity_app("territory")
for part in (assigning, viewing, planning, balancing):
    part.register(app)
app.add("rule", rules.app)
app.add("member", members.app)
app.add("plan", planning.app)
