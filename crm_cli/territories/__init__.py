"""The territory room: who works which records – rules that sort them into territories, and hand-overs between users.

`assign_territories` applies the rules, `reassign` hands one user's open records over to others. To add a way of
choosing owners: a generator in `dealing.py`, its name in the dictionary (`territory_rule.assign`), a line in
`choosing.py`. To let another entity have an owner that is handed over: a line in each table of `ownership.py`.
"""

from crm_cli.territories.assigning import Assigned, NoRulesError, TerritoryCount, assign_territories
from crm_cli.territories.dealing import Split
from crm_cli.territories.ownership import FOLLOWS, OPEN, OWNED, Holding
from crm_cli.territories.reassigning import Handover, HandoverPlan, Moves, plan_handover, reassign
from crm_cli.territories.rules import (
    Member,
    NewRule,
    Rule,
    add_member,
    add_rule,
    find_territory,
    read_members,
    read_rules,
    remove_member,
)
from crm_cli.territories.users import User, find_user, working_users

__all__ = [
    "FOLLOWS",
    "OPEN",
    "OWNED",
    "Assigned",
    "Handover",
    "HandoverPlan",
    "Holding",
    "Member",
    "Moves",
    "NewRule",
    "NoRulesError",
    "Rule",
    "Split",
    "TerritoryCount",
    "User",
    "add_member",
    "add_rule",
    "assign_territories",
    "find_territory",
    "find_user",
    "plan_handover",
    "read_members",
    "read_rules",
    "reassign",
    "remove_member",
    "working_users",
]
