"""Reading a YAML file: bytes to text, text to a :class:`~workerlib.text.nodes.Source` with its tree."""

from __future__ import annotations

import re
from collections.abc import Iterable

from workerlib.diagnostic import Origin, Span
from workerlib.text.nodes import Anchored, Source
from workerlib.text.parsing import DEFAULT, Limits, build, problem


def read(path: str, data: bytes, limits: Limits = DEFAULT) -> Source:
    """Read a file's bytes.

    Raises ConfigurationError for bytes that are no text in UTF-8, UTF-16 or UTF-32, for text that is not YAML or that parsers read
    differently, for several documents, for a key that stands twice, and for a file that exceeds `limits`.
    """
    if len(data) > limits.file_size:
        expected = f"expected a file of at most {limits.file_size} bytes, found more"
        raise problem("limit-exceeded", expected, Origin(path), "split the file, or raise the limit `file_size`")
    text, encoding, bom = decode(path, data)
    return parse(Source(path, text, encoding, bom), limits)


def decode(path: str, data: bytes) -> tuple[str, str, bool]:
    """The text, its encoding and whether it had a byte order mark."""
    encoding = next((name for pattern, name in _ENCODINGS if pattern.match(data)), "utf-8")
    try:
        text = data.decode(encoding)
    except UnicodeDecodeError as error:
        before = data[: error.start].decode(encoding).removeprefix("\ufeff")
        line, column = before.count("\n") + 1, len(before) - before.rfind("\n")
        place = Origin(path, Span(len(before), len(before) + 1, line, column))
        message = f"expected text in {encoding.upper()}, found byte 0x{data[error.start]:02x}"
        raise problem("not-text", message, place, "save the file as UTF-8") from None
    bom = text.startswith("\ufeff")
    return text[bom:], encoding, bom


def parse(source: Source, limits: Limits = DEFAULT, *, known: Iterable[Anchored] = ()) -> Source:
    """Fill in the tree of a source from its text, whose aliases may name nodes `known` from elsewhere. Raises as :func:`read` does."""
    text = source.text
    # For most texts, one fast look says that there is nothing to look for.
    if not text.isascii() or text.encode("ascii").translate(None, _PRINTABLE):
        for pattern, name, expected in (
            (_FORBIDDEN, "not-yaml", "expected printable text"),
            (_UNSURE, "ambiguous-yaml", "expected line breaks that all YAML parsers know"),
        ):
            if found := pattern.search(text):
                message = f"{expected}, found character U+{ord(found[0]):04X}"
                place = source.origin(found.start(), found.end())
                raise problem(name, message, place, "remove it, or write it as an escape in double quotes")
    build(source, limits, known=known)
    return source


# The first bytes tell the encoding, with a mark or without (YAML 1.2.2, 5.2). UTF-32 first: its mark begins like that of UTF-16.
_ENCODINGS = (
    (re.compile(rb"\x00\x00\xfe\xff|\x00\x00\x00[^\x00]"), "utf-32-be"),
    (re.compile(rb"\xff\xfe\x00\x00|[^\x00]\x00\x00\x00"), "utf-32-le"),
    (re.compile(rb"\xfe\xff|\x00[^\x00]"), "utf-16-be"),
    (re.compile(rb"\xff\xfe|[^\x00]\x00"), "utf-16-le"),
)
_PRINTABLE = b"\t\n\r" + bytes(range(0x20, 0x7F))
# Not printable (YAML 1.2.2, 5.1), a byte order mark that is not the first, or a lone surrogate, which cannot be encoded.
_FORBIDDEN = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\x80-\x84\x86-\x9f\ud800-\udfff\ufeff\ufffe\uffff]")
# Line breaks to libyaml and not to others.
_UNSURE = re.compile("[\x85\u2028\u2029]")
