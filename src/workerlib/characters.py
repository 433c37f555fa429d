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


# What the log of a workflow obeys: GitHub's `::` at the beginning of a line, and `##[` anywhere in it, which has a word inside elsewhere.
_OBEYED = re.compile(r"\A\s*::|##(?=\w*\[)")


def inert(line: str) -> str:
    r"""`line` with what would be a command in the log of a workflow broken by an escape sequence.

    >>> inert("::add-mask::x")
    ':\\x3aadd-mask::x'
    """
    return _OBEYED.sub(lambda found: f"{found[0][:-1]}\\x{ord(found[0][-1]):02x}", line)


def cells(text: str) -> int:
    """How many columns of a terminal a text takes."""
    if text.isascii():
        return len(text)
    from unicodedata import combining, east_asian_width

    return sum(0 if combining(c) else 2 if east_asian_width(c) in "WF" else 1 for c in text)
