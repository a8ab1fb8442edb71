"""What is to be exported: records, columns, masking, and for which purpose – plain values, checked before any work."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from crm_cli.dictionary import Dictionary, PersonalData
from crm_cli.errors import UsageError, did_you_mean
from crm_cli.exporters import ExportColumn, Masking, MaskingMethod
from crm_cli.jobs.exporting.columns import default_columns, export_column
from crm_cli.jobs.exporting.objections import Channel, check_reachable
from crm_cli.jobs.exporting.points import Points
from crm_cli.jobs.exporting.systems import known_systems, layout_of
from crm_cli.query import resolve

__all__ = ["Purpose", "Request", "check_request", "masking_rules", "purpose_of"]

_ALL = "default"
_MARKETING = "marketing"
_EXCEL = "excel"


@dataclass(frozen=True, kw_only=True)
class Purpose:
    """What an export is for: Excel, advertising over a channel, the import of another system."""

    excel: bool = False
    marketing: Channel | None = None
    system: str = ""

    def words(self) -> list[str]:
        """Return the words that `purpose_of` reads as this purpose."""
        channel = self.marketing
        said = [_MARKETING if channel is Channel.ANY else f"{_MARKETING}:{channel}"] if channel else []
        return [*([_EXCEL] if self.excel else []), *said, *([self.system] if self.system else [])]


@dataclass(frozen=True, kw_only=True)
class Request:
    """Which records of an entity, as which columns, in which order.

    No `columns` means `default_columns`. `mask` is what `masking_rules` reads, `key` the secret of the masking.
    `points` says what becomes of a record with several e-mail addresses, telephone numbers or postal addresses.
    """

    entity: str
    columns: Sequence[str] = ()
    where: str | None = None
    order: Sequence[str] = ()
    limit: int | None = None
    points: Points = Points.FIRST
    purpose: Purpose = Purpose()
    mask: Sequence[str] = ()
    key: str = ""


def purpose_of(words: Sequence[str]) -> Purpose:
    """Read `excel`, `marketing`, `marketing:email`, `salesforce`, …; `UsageError` for others and for two systems."""
    systems = [word for word in words if word in known_systems()]
    channels = [_channel(word) for word in words if word.partition(":")[0] == _MARKETING]
    rest = [word for word in words if word not in systems and word.partition(":")[0] not in (_MARKETING, _EXCEL)]
    if rest:
        known = [_EXCEL, _MARKETING, *(f"{_MARKETING}:{one}" for one in Channel if one is not Channel.ANY)]
        hint = did_you_mean(rest[0], [*known, *known_systems()])
        hint = hint or f"--for takes {', '.join([*known, *known_systems()])}, or edit"
        raise UsageError(f"--for {rest[0]}: unknown", hint=hint, purpose=rest[0])
    if len(systems) > 1 or len(channels) > 1:
        raise UsageError(f"--for {','.join(words)}: one at a time", hint="write a file for each")
    return Purpose(
        excel=_EXCEL in words, marketing=channels[0] if channels else None, system=systems[0] if systems else ""
    )


def _channel(word: str) -> Channel:
    name = word.partition(":")[2] or Channel.ANY
    try:
        return Channel(name)
    except ValueError:
        hint = did_you_mean(name, Channel) or f"channels: {', '.join(Channel)}"
        raise UsageError(f"--for {word}: there is no channel {name}", hint=hint, channel=name) from None


def masking_rules(
    words: Sequence[str], columns: Sequence[ExportColumn]
) -> tuple[dict[PersonalData, MaskingMethod], dict[str, MaskingMethod]]:
    """Read `default`, a class of personal data (`contact`), and `CLASS=METHOD` or `COLUMN=METHOD`.

    Returns the methods by class and by column, as `Masking` takes them: with `default` every class is masked as usual,
    else only those that are named. Raises `UsageError` for a word that is neither class nor column, or no method.
    """
    by_class: dict[PersonalData, MaskingMethod] = {}
    by_column: dict[str, MaskingMethod] = {}
    named: set[PersonalData] = set()
    names = [column.name for column in columns]
    for word in words:
        what, equals, how = word.partition("=")
        if what in names and equals:
            by_column[what] = _method(word, how)
        elif what in _classes():
            named.add(PersonalData(what))
            if equals:
                by_class[PersonalData(what)] = _method(word, how)
        elif word != _ALL:
            raise _unknown_mask(word, what, names)
    if _ALL not in words:
        by_class |= {one: MaskingMethod.KEEP for one in PersonalData if one not in named}
    return by_class, by_column


def _classes() -> list[str]:
    return [one.value for one in PersonalData if one is not PersonalData.NONE]


def _method(word: str, how: str) -> MaskingMethod:
    try:
        return MaskingMethod(how)
    except ValueError:
        hint = did_you_mean(how, MaskingMethod) or f"methods: {', '.join(MaskingMethod)}"
        raise UsageError(f"--mask {word}: there is no method {how!r}", hint=hint, method=how) from None


def _unknown_mask(word: str, what: str, names: Sequence[str]) -> UsageError:
    if what in names:
        return UsageError(f"--mask {word}: how?", hint=f"{what}=METHOD, of {', '.join(MaskingMethod)}", mask=word)
    hint = did_you_mean(what, [_ALL, *_classes(), *names])
    hint = hint or f"name {_ALL}, a class ({', '.join(_classes())}), or COLUMN=METHOD of a column that is exported"
    return UsageError(f"--mask {word}: neither a class of personal data nor a column", hint=hint, mask=word)


def check_request(dictionary: Dictionary, request: Request) -> None:
    """Raise now what is wrong with a request: unknown fields, a condition that is none, a masking that cannot be.

    `UnknownFieldError`, `ConditionError`, `UsageError`.
    """
    from crm_cli.query import compile_where  # NOTE: the parser takes a fifth of a second to import

    entity = dictionary.entity(request.entity)
    if request.purpose.system:
        layout_of(request.purpose.system, entity)
        if request.columns or request.points is not Points.FIRST:
            what = "--columns" if request.columns else "--points"
            hint = f"leave {what} out"
            raise UsageError(f"{request.purpose.system} decides on the columns itself", hint=hint)
    if request.purpose.marketing:
        check_reachable(entity)
    names = request.columns or default_columns(entity)
    columns = [export_column(dictionary, entity, name) for name in names]
    for name in request.order:
        resolve(dictionary, entity, name.removeprefix("-"))
    if request.where is not None:
        compile_where(dictionary, entity, request.where)
    if request.mask:
        Masking(request.key.encode() or bytes(16), *masking_rules(request.mask, columns))
