"""Characters as they are shown: made visible where they would act, and measured."""

from __future__ import annotations

import re

# What a terminal or a page obeys instead of showing it: controls but the tab, marks that turn the direction of text, halves of a pair.
_UNSEEN = re.compile(r"[\x00-\x08\x0a-\x1f\x7f-\x9f\u061c\u200b\u200e\u200f\u2028-\u202e\u2060-\u2069\ud800-\udfff\ufeff]")


def visible(text: str) -> str:
    r"""`text` with every character that would act on a terminal written as an escape sequence.

    >>> visible("red: \x1b[31m")
    'red: \\x1b[31m'
    """
    return text if text.isascii() and text.isprintable() else _UNSEEN.sub(lambda found: ascii(found[0])[1:-1], text)


def cells(text: str) -> int:
    """How many columns of a terminal a text takes."""
    if text.isascii():
        return len(text)
    from unicodedata import combining, east_asian_width

    return sum(0 if combining(c) else 2 if east_asian_width(c) in "WF" else 1 for c in text)
