"""What scalars stand for: the core schema of YAML 1.2, with an eye on what 1.1 makes of them."""

from __future__ import annotations

import re

from workerlib.model import Number, Tagged, Value
from workerlib.text import Node, Scalar

STANDARD = "tag:yaml.org,2002:"
_BOOLEANS = {"true": True, "True": True, "TRUE": True, "false": False, "False": False, "FALSE": False}
# What YAML 1.1 or 1.2 reads as a number, time or date. `yes`, `no`, `on` and `off` are text, as they are in 1.2.
_NUMBER = re.compile(
    r"""[-+]?([0-9][0-9_]*|0b[01_]+|0o[0-7]+|0x[0-9a-fA-F_]+)
    | [-+]?([0-9][0-9_]*(\.[0-9_]*)?|\.[0-9][0-9_]*)([eE][-+]?[0-9]+)?
    | [-+]?\.(inf|Inf|INF) | \.(nan|NaN|NAN)
    | [-+]?[0-9][0-9_]*(:[0-5]?[0-9])+(\.[0-9_]*)?
    | [0-9]{4}-[0-9]{2}-[0-9]{2}
    | [0-9]{4}-[0-9]{1,2}-[0-9]{1,2}([Tt]|[ \t]+)[0-9]{1,2}:[0-9]{2}:[0-9]{2}(\.[0-9]*)?([ \t]*(Z|[-+][0-9]{1,2}(:[0-9]{2})?))?
    """,
    re.VERBOSE,
)
_FIRST = frozenset("-+.0123456789tTfF")  # what a typed plain scalar begins with, null aside


def is_tagged(node: Node) -> bool:
    """Whether a tag of the format, such as an include, or of somebody's own makes something else of a node."""
    return node.tag is not None and not node.tag.startswith(STANDARD)


def scalar_value(node: Scalar) -> Value:
    """What a scalar stands for, by the core schema of YAML 1.2."""
    text, tag = node.value, node.tag
    if tag is None:
        if node.style:
            return text
        if text and text[0] in _FIRST:
            return _BOOLEANS[text] if text in _BOOLEANS else Number(text) if _NUMBER.fullmatch(text) else text
        return None if node.is_null else text
    if tag in ("!", STANDARD + "str"):
        return text
    if tag == STANDARD + "null":
        return None
    if tag in (STANDARD + "int", STANDARD + "float"):
        return Number(text)
    if tag == STANDARD + "bool" and text in _BOOLEANS:
        return _BOOLEANS[text]
    return Tagged(short_tag(tag), text)


def number_text(value: float) -> str:
    """A number of Python as YAML writes it."""
    text = str(value)
    return f"{text[:-3]}.{text[-3:]}" if text.endswith(("inf", "nan")) else text


def is_text(text: str) -> bool:
    """Whether every reader of YAML takes the plain scalar for text: neither 1.1 nor 1.2 makes anything else of it."""
    return not (_NUMBER.fullmatch(text) or text.lower() in _WORDS)


_WORDS = frozenset(("", "~", "null", "true", "false", "yes", "no", "on", "off", "y", "n", "=", "<<"))


def short_tag(tag: str) -> str:
    """A tag as people write it."""
    return "!!" + tag.removeprefix(STANDARD) if tag.startswith(STANDARD) else tag
