"""Index keys: for each record one number a blocking rule, and which rules are worth keeping keys of."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import polars as pl

from crm_cli.dedupe.arrays import Bools, Ints, distinct
from crm_cli.dedupe.blocking import KeyPart, Rule, block_limit
from crm_cli.dedupe.encoding import shared_terms
from crm_cli.dedupe.features import Features
from crm_cli.dedupe.indexing.hashing import Hashes, hash_texts, mixed, signed, text_seed
from crm_cli.dedupe.kinds import Kind
from crm_cli.dedupe.trusted import TrustedKey

__all__ = ["index_keys", "trusted_index_keys", "worth_keeping"]

_ENOUGH = 0.99
_LEAST_GAIN = 0.0005
_FEWEST_MATCHES = 200  # with fewer, what a rule finds says little about it
_MOST_MATCHES = 20_000
_MOST_PLAIN = 12


def index_keys(features: Features, rules: Sequence[str]) -> tuple[Ints, Ints]:
    """Return (record, key) of every key of every record under the rules of these names, each pair once.

    Keys are int64, and the same for equal values whatever else the table holds. Rules with a part that this table
    lacks give no keys.
    """
    by_name = {part.name: part for part in features.parts}
    hashes: dict[str, Hashes] = {}
    records, keys = [], []
    for name in rules:
        parts = [by_name.get(each) for each in name.split(" + ")]
        known = [part for part in parts if part is not None]
        if len(known) == len(parts):
            own, key = _rule_keys(known, hashes)
            records.append(own)
            keys.append(key)
    if not records:
        none = np.zeros(0, np.int64)
        return none, none
    return _each_once(np.concatenate(records), np.concatenate(keys))


def trusted_index_keys(groups: Sequence[Sequence[TrustedKey]]) -> tuple[Ints, Ints]:
    """Return (record, key) for what records agree on that are the same by a trusted key, each pair once."""
    records, keys = [np.zeros(0, np.int64)], [np.zeros(0, np.int64)]
    for group in groups:
        own, sums = _trusted_sums(group)
        records.append(own)
        keys.append(signed(mixed(sums)))
    return _each_once(np.concatenate(records), np.concatenate(keys))


def _trusted_sums(group: Sequence[TrustedKey]) -> tuple[Ints, Hashes]:
    """The records that have a value in every column of the group, once for each combination, and its hash."""
    joined: pl.DataFrame | None = None
    for key in group:
        records, codes = key.column.entries()
        hashes = hash_texts(key.column.values, text_seed(f"trusted {key.name}"))[codes]
        frame = pl.DataFrame({"record": records.astype(np.int64), key.name: hashes})
        joined = frame if joined is None else joined.join(frame, on="record")
    assert joined is not None
    sums = np.zeros(joined.height, np.uint64)
    for key in group:
        sums += joined[key.name].to_numpy()
    return joined["record"].to_numpy(), sums


def _rule_keys(parts: Sequence[KeyPart], hashes: dict[str, Hashes]) -> tuple[Ints, Ints]:
    """(record, key) of one rule. The parts' hashes are summed, so that their order does not matter."""
    for part in parts:
        if part.name not in hashes:
            hashes[part.name] = _part_hashes(part)
    lead = next((part for part in parts if part.several), parts[0])
    records, codes = lead.entries()
    sums = hashes[lead.name][codes]
    for part in parts:
        if part is not lead and part.codes is not None:
            other = part.codes[records]
            both = other >= 0
            records, sums = records[both], sums[both] + hashes[part.name][other[both]]
    return records.astype(np.int64), signed(mixed(sums))


def _part_hashes(part: KeyPart) -> Hashes:
    texts = part.texts if part.texts.null_count() == 0 else part.texts.fill_null("")
    return hash_texts(texts.cast(pl.String), text_seed(part.name))


def _each_once(records: Ints, keys: Ints) -> tuple[Ints, Ints]:
    order = np.lexsort((records, keys))
    records, keys = records[order], keys[order]
    fresh = np.ones(len(keys), np.bool_)
    fresh[1:] = (keys[1:] != keys[:-1]) | (records[1:] != records[:-1])
    return records[fresh], keys[fresh]


def worth_keeping(features: Features, rules: Sequence[Rule], i: Ints, j: Ints) -> list[str]:
    """Return the names of the rules to keep keys of: few that find nearly all of the matches (i, j) that any finds.

    A rule's cost are its keys, not its pairs: of each key only a few records are ever looked at. Where there are few
    matches to judge by, all rules are kept, and the plain values besides.
    """
    real = [rule for rule in rules if rule.parts]
    if len(i) < _FEWEST_MATCHES:
        return list(dict.fromkeys([*(rule.name for rule in real), *_plain_rules(features)]))
    step = max(1, len(i) // _MOST_MATCHES)
    i, j = i[::step], j[::step]
    found, cost = [], []
    for rule in real:
        records, keys = _rule_keys(rule.parts, {})
        cost.append(max(len(records), 1))
        found.append(_found_by(records, keys, features.rows, i, j))
    return [real[each].name for each in _cover(found, cost)]


def _plain_rules(features: Features) -> list[str]:
    parts = [part.name for part in features.parts if part.whole and part.kind is not Kind.CATEGORY]
    return parts[:_MOST_PLAIN]


def _found_by(records: Ints, keys: Ints, rows: int, i: Ints, j: Ints) -> Bools:
    """Which pairs share a key that not too many records have."""
    if not len(keys):
        return np.zeros(len(i), np.bool_)
    _, code = distinct(keys.view(np.uint64) >> np.uint64(1))  # type: ignore[arg-type]
    rare = np.bincount(code)[code] <= block_limit(rows)
    records, code = records[rare], code[rare]
    order = np.argsort(records, kind="stable")
    offsets = np.concatenate(([0], np.cumsum(np.bincount(records, minlength=rows))))
    width = int(code.max(initial=0)) + 1
    both = shared_terms(offsets, code[order], width, i, j) // width
    return np.bincount(both, minlength=len(i)) > 0


def _cover(found: Sequence[Bools], cost: Sequence[int]) -> list[int]:
    """Greedy weighted set cover (Chvátal 1979): the rule with most new matches a key, until nearly all are found."""
    if not found:
        return []
    wanted = np.logical_or.reduce(found)
    total, left = max(int(wanted.sum()), 1), wanted.copy()
    chosen: list[int] = []
    while left.sum() > (1 - _ENOUGH) * total:
        gains = [int((each & left).sum()) for each in found]
        best = max(range(len(found)), key=lambda each: (gains[each] / cost[each], -each))
        if gains[best] < max(1, _LEAST_GAIN * total):
            break
        chosen.append(best)
        left &= ~found[best]
    return chosen
