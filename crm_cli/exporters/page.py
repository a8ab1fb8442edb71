"""The head of an HTML page that holds people's records: the browser may load nothing, whatever stands in the data."""

from __future__ import annotations

from html import escape

__all__ = ["page_head"]

# https://www.w3.org/TR/CSP3/: styles of the page itself and pictures written in it; no script, nothing from elsewhere.
_POLICY = "default-src 'none'; style-src 'unsafe-inline'; img-src data:"


def page_head(title: str, style: str) -> str:
    """Return the page from its start to its first heading, which is the title.

    Args:
        title: plain text; it is escaped here.
        style: CSS, written as it is; nothing of it may come from the data.
    """
    name = escape(title)
    return (
        f'<!doctype html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n<title>{name}</title>\n'
        f'<meta http-equiv="Content-Security-Policy" content="{_POLICY}">\n<link rel="icon" href="data:,">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f"<style>{style}</style>\n</head>\n<body>\n<h1>{name}</h1>"
    )
