"""`crm verify`: write down what asking found out about a record's contact points and fields."""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING, Annotated, Any

import typer

from crm_cli.commands.kit import App, Crm
from crm_cli.commands.previews import show_remarks
from crm_cli.commands.reading import as_of_moment
from crm_cli.errors import UsageError
from crm_cli.options import AsOf, EntityArgument

if TYPE_CHECKING:
    from crm_cli.records import Verified

__all__ = ["app"]

app = App()


class How(StrEnum):
    """How it was found out."""

    VERIFY = "verify"
    CALL = "call"
    MAIL = "mail"
    VISIT = "visit"


Record = Annotated[str, typer.Argument(metavar="ID", help="The record: number, public id, e-mail address or name.")]
_FINDING = "ok|dead|unknown"
_POINT = f"[WHICH=]{_FINDING}"
Phone = Annotated[list[str] | None, typer.Option("--phone", metavar=_POINT, help="Its telephone; repeatable.")]
Email = Annotated[list[str] | None, typer.Option("--email", metavar=_POINT, help="Its e-mail address; repeatable.")]
Address = Annotated[list[str] | None, typer.Option("--address", metavar=_POINT, help="Its address; repeatable.")]
Employment = Annotated[str | None, typer.Option("--employment", metavar=_FINDING, help="Company and position.")]
Identity = Annotated[str | None, typer.Option("--identity", metavar=_FINDING, help="Name and the like.")]
Firmographics = Annotated[
    str | None, typer.Option("--firmographics", metavar=_FINDING, help="A company's trade, size and web site.")
]
Method = Annotated[How, typer.Option("--method", help="How it was found out.")]


@app.command(writes=True)
def verify(
    crm: Crm, entity: EntityArgument, record: Record, phone: Phone = None, email: Email = None,
    address: Address = None, employment: Employment = None, identity: Identity = None,
    firmographics: Firmographics = None, as_of: AsOf = None, method: Method = How.VERIFY,
) -> None:  # fmt: skip
    """Write down that a record's telephone, e-mail, address or job was found alive or dead; nothing is deleted.

    Of several telephones say which, by value or by place in the list that `show` prints: --phone 2=dead.

    Examples:
        crm verify contact 42 --phone ok --email dead --method call
        crm verify contact 42 --phone "+49 30 1234567=dead" --phone 2=ok
        crm verify contact "Ann Smith" --employment ok --as-of 2026-05-01
    """
    from crm_cli import records
    from crm_cli.dictionary import Freshness

    single = {"employment": employment, "identity": identity, "firmographics": firmographics}
    given = {"phone": phone, "email": email, "address": address}
    given |= {name: [word] for name, word in single.items() if word is not None}
    said = {Freshness(name): records.parse_said(f"--{name}", words) for name, words in given.items() if words}
    if not said:
        raise UsageError("nothing is said of the record", hint="for example --phone ok, or --email dead")
    with crm.operation("verify") as operation:
        done = records.verify(operation, entity, record, said, method=method.value, when=as_of_moment(as_of))
    show_remarks(crm, done.remarks)
    crm.console.show(_shown(crm, done, operation.id))
    crm.console.next_step(f"crm {done.entity} show {done.id}")


def _shown(crm: Crm, done: Verified, operation: int) -> Any:
    """Return rows for the screen, or the whole as one document."""
    points = [
        {"what": one.group, "value": one.value, "before": one.before, "now": one.standing, "primary": one.primary}
        for one in done.points
    ]
    if crm.console.json:
        return {
            "entity": done.entity, "id": done.id, "title": done.title, "confirmed": done.results, "points": points,
            "operation": None if crm.dry_run else operation,
        }  # fmt: skip
    settled = {row["what"] for row in points}
    return [*points, *({"what": name, "now": word} for name, word in done.results.items() if name not in settled)]
