"""The territory room: who works which records – rules that sort them into territories, and hand-overs between users.

`assign_territories` applies the rules, `reassign` hands one user's open records over to others; a `Plan` changes
territories, rules and members at once: `simulate` shows what it would do, `apply_plan` does it, `propose` makes one
that balances. To add a way of choosing owners: a generator in `dealing.py`, its name in the dictionary
(`territory_rule.assign`), a line in `choosing.py`. To let another entity have an owner that is handed over: a line in
each table of `ownership.py`.
"""

from crm_cli.territories.assigning import Assigned, Move, NoRulesError, TerritoryCount, assign_territories
from crm_cli.territories.coverage import covering, postal_condition, read_numbers
from crm_cli.territories.dealing import Split
from crm_cli.territories.fairness import Fairness, fairness
from crm_cli.territories.following import follow
from crm_cli.territories.ownership import FOLLOWS, OPEN, OWNED, Holding
from crm_cli.territories.plan import Plan, PlanError
from crm_cli.territories.plan_reading import plan_of, read_plan
from crm_cli.territories.planned import (
    PlannedChange,
    apply_plan,
    apply_planned,
    cancel_plan,
    keep_plan,
    read_planned,
)
from crm_cli.territories.planning import Carried, carry_out
from crm_cli.territories.proposing import MEASURES, HolderLine, Proposal, propose
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
from crm_cli.territories.simulating import Compared, FairnessLine, Simulation, simulate
from crm_cli.territories.stays import Stay, read_stays
from crm_cli.territories.tree import Node, read_tree
from crm_cli.territories.users import User, find_user, working_users
from crm_cli.territories.workload import Workload, measure_work

__all__ = [
    "FOLLOWS", "MEASURES", "OPEN", "OWNED", "Assigned", "Carried", "Compared", "Fairness", "FairnessLine", "Handover",
    "HandoverPlan", "HolderLine", "Holding", "Member", "Move", "Moves", "NewRule", "NoRulesError", "Node", "Plan",
    "PlanError", "PlannedChange", "Proposal", "Rule", "Simulation", "Split", "Stay", "TerritoryCount", "User",
    "Workload", "add_member", "add_rule", "apply_plan", "apply_planned", "assign_territories", "cancel_plan",
    "carry_out", "covering", "fairness", "find_territory", "find_user", "follow", "keep_plan", "measure_work",
    "plan_handover", "plan_of", "postal_condition", "propose", "read_members", "read_numbers", "read_plan",
    "read_planned", "read_rules", "read_stays", "read_tree", "reassign", "remove_member", "simulate", "working_users",
]  # fmt: skip
