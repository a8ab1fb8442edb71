"""Our own side: users, teams, territories."""

from __future__ import annotations

from crm_cli.dictionary.declaration.common import description, enum, polymorphic, refers, text
from crm_cli.dictionary.entities import Entity, EntityRole
from crm_cli.dictionary.fields import Field
from crm_cli.dictionary.types import OnMerge, SemanticType

__all__ = ["ENTITIES"]

T = SemanticType

TEAM = Entity(
    "team",
    "A group of users",
    (
        text("name", "Name of the team", required=True, unique=True, synonyms=("team", "team name")),
        refers("parent_id", "team", "Team that this one belongs to"),
        description(),
    ),
)

APP_USER = Entity(
    "app_user",
    "A person who works with this system and owns records",
    (
        text("username", "Login name", required=True, unique=True, synonyms=("user", "login", "alias", "user name")),
        Field(name="given_name", type=T.GIVEN_NAME, meaning="Given name", synonyms=("first name", "firstname")),
        Field(name="family_name", type=T.FAMILY_NAME, meaning="Family name", synonyms=("last name", "lastname")),
        Field(name="email", type=T.EMAIL, meaning="E-mail address", synonyms=("e-mail", "mail")),
        Field(name="phone", type=T.PHONE, meaning="Telephone number", synonyms=("telephone",)),
        enum(
            "role",
            "What the user may do",
            "sales",
            "manager",
            "steward",
            "admin",
            "analyst",
            "service",
            default="sales",
        ),
        refers("team_id", "team", "Team", synonyms=("team",)),
        refers("manager_id", "app_user", "Whom the user reports to", synonyms=("manager",)),
        text("database_login", "Login on the database server, where people have their own", keyed=False, length=80),
        enum(
            "sees",
            "Whose records the user sees where the database enforces it",
            "own",
            "team",
            "division",
            "all",
            default="all",
        ),
        Field(
            name="active",
            type=T.BOOLEAN,
            meaning="Whether the user still works here",
            default=True,
            synonyms=("is active",),
        ),
    ),
    noun="user",
    title=("username",),
)

TERRITORY = Entity(
    "territory",
    "A part of the market that is worked by its members",
    (
        text("name", "Name of the territory", required=True, unique=True),
        refers("parent_id", "territory", "Territory that this one is a part of"),
        description(),
    ),
    plural="territories",
)

TERRITORY_RULE = Entity(
    "territory_rule",
    "Which records fall into a territory: rules are tried in the order of their positions, the first match wins",
    (
        refers("territory_id", "territory", "Territory that matching records fall into", required=True, owned=True),
        Field(name="position", type=T.INTEGER, meaning="Rules are tried in this order", required=True),
        enum("entity", "Entity that the rule sorts", "account", "contact", "lead", "opportunity", required=True),
        Field(name="condition", type=T.NOTE, meaning="Condition in the --where language", required=True),
        enum(
            "assign",
            "How owners are chosen",
            "keep",
            "direct",
            "round_robin",
            "weighted",
            "least_loaded",
            "sticky",
            default="keep",
        ),
        refers("owner_id", "app_user", "Who gets them, where the rule says so directly"),
        Field(
            name="named",
            type=T.BOOLEAN,
            meaning="Whether it names single accounts; balancing never moves those",
            default=False,
        ),
        Field(name="effective_from", type=T.DATE, meaning="First day on which the rule holds"),
        Field(name="effective_to", type=T.DATE, meaning="Last day on which the rule holds"),
    ),
    role=EntityRole.DETAIL,
    title=("condition",),
)

TERRITORY_MEMBER = Entity(
    "territory_member",
    "A user who works a territory",
    (
        refers("territory_id", "territory", "Territory", required=True, owned=True),
        refers("user_id", "app_user", "The user", OnMerge.UNITE, required=True),
        text("role", "What the user does there", keyed=False),
        Field(name="share", type=T.NUMBER, meaning="Share of the work, for weighted assignment", default=1.0),
    ),
    role=EntityRole.DETAIL,
    title=("role",),
    unite_by=("territory_id",),
)

TERRITORY_PLAN = Entity(
    "territory_plan",
    "A change of territories that was decided: moves that take effect on a day",
    (
        text("name", "Name of the plan", keyed=False, required=True),
        Field(name="effective_on", type=T.DATE, meaning="Day on which it takes effect", required=True),
        enum("status", "How far it came", "planned", "applied", "cancelled", required=True, default="planned"),
        text("actor", "Who decided it", keyed=False),
        refers("operation_id", "operation", "Operation that applied it", OnMerge.KEEP),
        Field(name="moves", type=T.JSON, meaning="What moves: entity, records, territory and owner"),
        Field(name="decided_at", type=T.TIMESTAMP, meaning="When it was decided", required=True),
    ),
    role=EntityRole.MACHINERY,
    noun="territory-plan",
    title=("name",),
)

TERRITORY_STAY = Entity(
    "territory_stay",
    "How long a record was in a territory and whose it was there",
    (
        *polymorphic(OnMerge.KEEP, owned=True),
        refers("territory_id", "territory", "The territory", OnMerge.KEEP),
        refers("owner_id", "app_user", "Whose it was", OnMerge.KEEP),
        Field(name="since", type=T.DATE, meaning="First day", required=True),
        Field(name="until", type=T.DATE, meaning="Last day; none while it lasts"),
        refers("operation_id", "operation", "Operation that moved it there", OnMerge.KEEP),
    ),
    role=EntityRole.MACHINERY,
    noun="territory-stay",
    title=("since",),
    indexes=(("entity", "record_id"),),
)

SOURCE_SYSTEM = Entity(
    "source_system",
    "Where records come from; more trusted sources win conflicts",
    (
        text("name", "Name of the source", required=True, unique=True),
        Field(name="trust", type=T.INTEGER, meaning="0 to 100; the higher wins", default=50),
        description(),
    ),
    noun="source",
)

ENTITIES = (TEAM, APP_USER, TERRITORY, TERRITORY_RULE, TERRITORY_MEMBER, TERRITORY_PLAN, TERRITORY_STAY, SOURCE_SYSTEM)
