"""New values, written as YAML: plain where no reader can mistake them, quoted otherwise."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import TypeAlias

from attrs import frozen


@frozen(eq=False, repr=False)
class Written:
    """A scalar that is to be written exactly so, since this is how its author wrote it."""

    text: str


Value: TypeAlias = "str | int | bool | Written | Mapping[str, Value] | Sequence[Value] | None"
ScalarValue: TypeAlias = "str | int | bool | Written | None"

# What YAML 1.1 or 1.2 reads as something else than text.
_SPECIAL = re.compile(
    r"[-+]?[0-9][0-9_,.:eExXoO+-]*[a-fA-F0-9]*|[-+]?\.(?:[0-9][0-9_eE.+-]*|inf|nan)|true|false|yes|no|on|off|y|n|null|~|<<|=|\.",
    re.IGNORECASE,
)
# Dates and times, such as 2001-12-14t21:59:43.10-05:00.
_TIME = re.compile(r"[0-9]{4}-[0-9]{1,2}-[0-9]{1,2}.*", re.DOTALL)
# No indicator first, no ": " or " #" inside, nothing that ends or begins something in a flow collection, no blank at either end.
_PLAIN = re.compile(r"(?:[^\s\-?:,\[\]{}#&*!|>'\"%@`=~]|-(?=[A-Za-z./]))(?:[^\s:,\[\]{}#]|:(?=[^\s,\[\]{}])|(?<=\S)#|[ ]+(?=[^\s#:]))*")
_QUOTED = re.compile(r"(?:[&!]\S* +)*(?:'(?:[^']|'')*'|\"(?:[^\"\\]|\\.)*\"|\*\S+)", re.DOTALL)


def scalar(value: ScalarValue, *, in_flow: bool = False) -> str:
    """A scalar on one line. Inside braces and brackets, parsers differ over plain colons and question marks."""
    if isinstance(value, Written):
        unsafe = in_flow and not _QUOTED.fullmatch(value.text) and re.search(r"[,\[\]{}?:]", value.text)
        return single_quoted(value.text) if unsafe else value.text
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int):
        return str(value)
    plain = _PLAIN.fullmatch(value) and not (is_special(value) or value.startswith("..."))
    if plain and value.isprintable() and not (in_flow and (":" in value or "?" in value)):
        return value
    return single_quoted(value) if value.isprintable() else double_quoted(value)


def is_special(plain: str) -> bool:
    """Whether YAML 1.1 or 1.2 reads a plain scalar as something else than text."""
    return bool(_SPECIAL.fullmatch(plain) or _TIME.fullmatch(plain))


def single_quoted(value: str) -> str:
    """Text that can be printed, in single quotes."""
    return "'" + value.replace("'", "''") + "'"


def double_quoted(value: str) -> str:
    """Any text, in double quotes."""
    return '"' + "".join(map(_escaped, value)) + '"'


def _escaped(char: str) -> str:
    if short := {'"': '\\"', "\\": "\\\\", "\n": "\\n", "\t": "\\t", "\r": "\\r"}.get(char):
        return short
    if char.isprintable():
        return char
    return f"\\u{ord(char):04x}" if ord(char) < 0x10000 else f"\\U{ord(char):08x}"


def flow(value: Value) -> str:
    """A value on one line, with its mappings in braces and its sequences in brackets."""
    if isinstance(value, Mapping):
        return "{" + ", ".join(f"{scalar(k, in_flow=True)}: {flow(v)}" for k, v in value.items()) + "}"
    if isinstance(value, Sequence) and not isinstance(value, str):
        return "[" + ", ".join(map(flow, value)) + "]"
    return scalar(value, in_flow=True)


def block(key: str, value: Value, step: int) -> list[str]:
    """``key: value`` in block style, or an item where the key is ``-``, as lines; what lies below is `step` columns further right."""
    start = key if key == "-" else f"{key}:"
    if isinstance(value, Mapping) and value:
        below = [line for k, v in value.items() for line in block(scalar(k), v, step)]
        if key == "-":
            return [f"- {below[0]}", *indented(below[1:], 2)]
        return [start, *indented(below, step)]
    if isinstance(value, Sequence) and not isinstance(value, str) and value:
        return [start, *indented([line for item in value for line in block("-", item, step)], step)]
    if isinstance(value, str) and "\n" in value and value[0] not in "\n " and not _NOT_LITERAL.search(value):
        text = value.rstrip("\n")
        chomping = "" if value == text + "\n" else "-" if value == text else "+"
        return [f"{start} |{chomping}", *indented((text + value[len(text) + 1 :]).split("\n"), step)]
    return [f"{start} {flow(value) if isinstance(value, (Mapping, Sequence)) and not isinstance(value, str) else scalar(value)}"]


def indented(lines: list[str], by: int) -> list[str]:
    """Lines further to the right; empty ones stay empty."""
    return [" " * by + line if line else "" for line in lines]


# What a block of text cannot hold: tabs, and characters that cannot be seen. (What it can hold takes ten times as long to compile.)
_NOT_LITERAL = re.compile("[\x00-\x09\x0b-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff\ufeff\ufffe\uffff]")
