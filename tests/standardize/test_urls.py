"""Web addresses: mistyped schemes, quotation marks, international hosts; passwords are told, not shown."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crm_cli.dictionary import SemanticType as T
from crm_cli.standardize import Context, standardize


@pytest.mark.parametrize(
    ("written", "standard"),
    [
        ("acme.com", "https://acme.com"),
        ("http:/acme.com", "http://acme.com"),
        ("htp://acme.com", "http://acme.com"),
        ("https//acme.com", "https://acme.com"),
        ("https:acme.com", "https://acme.com"),
        ("http://http://acme.com", "http://acme.com"),
        ("(acme.com)", "https://acme.com"),
        ("<https://Acme.com>", "https://acme.com"),
        ("https://acme.com/r?u=https://x.com", "https://acme.com/r?u=https://x.com"),
        ("http.acme.com", "https://http.acme.com"),
        ("bücher.de", "https://xn--bcher-kva.de"),
        ("https://例え.jp/x", "https://xn--r8jz45g.jp/x"),
        ("acme.com?utm_source=x&a=1", "https://acme.com/?utm_source=x&a=1"),
    ],
)
def test_addresses(written: str, standard: str) -> None:
    assert standardize(T.URL, written).value == standard


@pytest.mark.parametrize(
    "written", ["javascript:alert(1)", "file:///etc/passwd", "http:", "acme", "acme.com, other.com"]
)
def test_what_is_no_address_stays(written: str) -> None:
    outcome = standardize(T.URL, written)
    assert (outcome.value, outcome.understood) == (written, False)


def test_visitors_are_counted_no_more_on_request_only() -> None:
    assert standardize(T.URL, "acme.com/?utm_source=x&a=1", Context(unsafe=True)).value == "https://acme.com/?a=1"


def test_a_password_is_told_without_showing_it_and_dropped_on_request() -> None:
    address = "https://ann:secret@acme.com/x"
    outcome = standardize(T.URL, address)
    assert outcome.value == address
    assert [issue.code for issue in outcome.issues] == ["U302"]
    assert "secret" not in outcome.issues[0].message
    assert standardize(T.URL, address, Context(unsafe=True)).value == "https://acme.com/x"


PIECES = [
    *(
        "http",
        "https",
        "htp",
        "ftp",
        ":",
        "/",
        "//",
        "://",
        "acme.com",
        "ann",
        ":pw",
        "@",
        "?",
        "utm_source=x",
        "&",
        "a=1",
    ),
    *("#top", "(", ")", "<", ">", '"', ".", "bücher.de", ":80", ":443", " ", "www.", "\\"),
]


@pytest.mark.slow
@settings(max_examples=1500, deadline=None)
@given(st.lists(st.sampled_from(PIECES), min_size=1, max_size=8), st.booleans())
def test_twice_is_once(pieces: list[str], unsafe: bool) -> None:
    context = Context(unsafe=unsafe)
    once = standardize(T.URL, "".join(pieces), context)
    assert standardize(T.URL, once.value, context).value == once.value
