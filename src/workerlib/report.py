"""Diagnostics for people and for programs: text with the source that they are about, JSON, SARIF 2.1.0, annotations of GitHub.

Names and messages come from other people's files, so control characters in them are made visible wherever they are shown.
"""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterable
from contextlib import suppress
from functools import lru_cache
from io import StringIO
from typing import TextIO, TypeAlias

from attrs import evolve

from workerlib.characters import cells, inert, visible
from workerlib.diagnostic import Diagnostic, Origin, Severity
from workerlib.errors import ConfigurationError
from workerlib.text import LINE_BREAK, decode

# ---- the screen ---------------------------------------------------------------------------------------------------------------------

Part: TypeAlias = str | tuple[str, str]
"""Text, or text and how it is to look, in the words of rich (``bold red``)."""

_PAGE = 100  # columns, where lines are broken for nobody in particular
_READABLE = 120  # columns; longer lines are hard to read however wide the terminal is
# Where this is a command with options, its blanks are no place for a line break, or else it could not be pasted.
_QUOTED = re.compile(r"`[^`]*`")
_BLANK = "\0"  # in the place of such a blank while lines are broken: text that is shown holds no control characters


class Screen:
    """Where lines are shown: in colours on a terminal that takes them, as plain text everywhere else.

    Only colours need rich, which is slow to import. Whoever reads may stop reading at any time; the rest is then for nobody.
    """

    def __init__(self, stream: TextIO | None) -> None:
        stream = stream or StringIO()  # Python has None for a stream that was closed from the start
        self.stream = stream
        self.is_terminal = stream.isatty()
        self.width = width_of(stream) if self.is_terminal else _PAGE
        wanted = (self.is_terminal and os.environ.get("TERM") != "dumb") or bool(os.environ.get("FORCE_COLOR"))
        self._colour = _colourist(stream) if wanted and not os.environ.get("NO_COLOR") else None

    def line(self, *parts: Part) -> None:
        """Show a line."""
        shown = [(visible(part), "") if isinstance(part, str) else (visible(part[0]), part[1]) for part in parts]
        text = self._colour(shown) if self._colour and any(style for _, style in shown) else "".join(text for text, _ in shown)
        self.write((text if self.is_terminal else inert(text)) + "\n")  # what is no terminal may be the log of a workflow

    def message(self, head: Part, text: str, style: str = "") -> None:
        """Show a message behind a head: on a terminal broken between words, elsewhere in one line, for those who search."""
        if self.is_terminal:
            self.prose(text, head, "    ", style)
        else:
            self.line(head, (text, style))

    def prose(self, text: str, first: Part = "", rest: str | None = None, style: str = "") -> None:
        """Show a paragraph, broken between words; its first line begins with `first`, the others with `rest`, or as many blanks.

        A command in backquotes stays on one line, so that it can be pasted.
        """
        head = cells(first if isinstance(first, str) else first[0])
        rest = " " * head if rest is None else rest
        width = min(self.width, _READABLE) - len(rest)
        before = "x" * (head - len(rest))  # where the first line begins further to the right
        lines = [visible(text)]
        if cells(before + lines[0]) > width:
            from textwrap import wrap

            together = _QUOTED.sub(lambda found: found[0].replace(" ", _BLANK) if " --" in found[0] else found[0], before + lines[0])
            lines = wrap(together, max(width, 20), break_long_words=False, break_on_hyphens=False) or [""]
            lines = [line.replace(_BLANK, " ") for line in (lines[0].removeprefix(before), *lines[1:])]
        for start, line in zip((first, *[rest] * len(lines)), lines, strict=False):
            self.line(start, (line, style))

    def write(self, text: str) -> None:
        """Show text as it is."""
        try:
            self.stream.write(text)
        except BrokenPipeError:
            self.abandon()
        except UnicodeEncodeError:  # a stream that is not in UTF-8
            encoding = self.stream.encoding
            self.stream.write(text.encode(encoding, "backslashreplace").decode(encoding))

    def raw(self, text: str) -> None:
        """Show text byte for byte, in UTF-8, for programs: no line break is translated, no character replaced."""
        buffer = getattr(self.stream, "buffer", None)
        if buffer is None:
            self.write(text)
            return
        self.flush()
        try:
            buffer.write(text.encode("utf-8", "surrogateescape"))
        except BrokenPipeError:
            self.abandon()

    def diff(self, text: str) -> None:
        """Show a unified diff: in colours on a terminal, byte for byte for programs."""
        if not self.is_terminal:
            self.raw(text)
            return
        for line in text.removesuffix("\n").split("\n"):
            self.line((line, {"+": "green", "-": "red", "@": "cyan"}.get(line[:1], "")))

    def flush(self) -> None:
        """See to it that all of it has arrived."""
        try:
            self.stream.flush()
        except BrokenPipeError:
            self.abandon()

    def abandon(self) -> None:
        """Send the rest nowhere, so that the interpreter does not complain about it at its end either."""
        with suppress(OSError, ValueError):  # a stream that is no file needs nothing
            os.dup2(os.open(os.devnull, os.O_WRONLY), self.stream.fileno())


def width_of(stream: TextIO | None) -> int:
    """How many characters a line of a terminal holds, 80 where that is not known, or the stream is closed from the start."""
    if (given := os.environ.get("COLUMNS", "")).isdecimal():
        return max(int(given), 40)
    try:
        return max(os.get_terminal_size(stream.fileno()).columns, 40) if stream else 80
    except (OSError, ValueError):
        return 80


def _colourist(stream: TextIO) -> Callable[[Iterable[tuple[str, str]]], str]:
    from rich.console import Console
    from rich.text import Text

    console = Console(file=stream, force_terminal=True, highlight=False, markup=False, emoji=False)

    def colour(parts: Iterable[tuple[str, str]]) -> str:
        with console.capture() as captured:
            console.print(Text.assemble(*parts), soft_wrap=True, end="")
        return captured.get()

    return colour


# ---- text ---------------------------------------------------------------------------------------------------------------------------

SHOWN = 16 << 20  # bytes of a file in which places are shown
Read: TypeAlias = Callable[[str], bytes | None]
"""Gives the bytes of a file of the project, or None where there is no such file to show."""

STYLES = {Severity.ERROR: "bold red", Severity.WARNING: "bold yellow", Severity.INFO: "bold cyan"}


def show(screen: Screen, diagnostic: Diagnostic, read: Read, prefix: str = "") -> None:
    """Show a diagnostic: what is wrong, where, the line it is about with a mark below it, and what to do.

    `prefix` is put before the file's path, so that it leads there from where the user is.
    """
    style = STYLES[diagnostic.severity]
    head = f"{diagnostic.severity.value}[{diagnostic.code} {diagnostic.name}]"
    screen.message((f"{head}: ", style), diagnostic.message, "bold")
    edge = quote(screen, diagnostic.origin, read, prefix, style) if diagnostic.origin else ""
    if diagnostic.help:
        screen.prose(diagnostic.help, f"{edge} = help: ")


def quote(screen: Screen, origin: Origin, read: Read, prefix: str, style: str) -> str:
    """Show a place, and the line that it is on with a mark below; the blanks that the numbers of lines take."""
    edge = " " * len(str(origin.span.line if origin.span else ""))
    screen.line(edge, ("--> ", "blue"), prefix + str(origin))
    found = _excerpt(read(origin.file), origin, screen.width - len(edge) - 3) if origin.span else None
    if found and origin.span:
        line, blanks, length = found
        screen.line((f"{edge} |", "blue"))
        screen.line((f"{origin.span.line} |", "blue"), " ", line)
        screen.line((f"{edge} |", "blue"), " " * (blanks + 1), ("^" * length, style))
    return edge


def _excerpt(data: bytes | None, origin: Origin, width: int) -> tuple[str, int, int] | None:
    """The line that a place is on, how many columns stand before the place, and how many it takes. Of a long line, what is around it."""
    span = origin.span
    if data is None or span is None:
        return None
    lines = _lines(data)
    if len(lines) < span.line:
        return None
    line, at = lines[span.line - 1], span.column - 1
    end = min(at + max(span.end - span.start, 1), max(len(line), at + 1))
    if len(line) > width:
        start = max(0, min(at - width // 3, len(line) - width + 6))
        cut = line[start : start + width - 6]
        more = start + len(cut) < len(line)
        line, at, end = "..." * bool(start) + cut + "..." * more, at - start + 3 * bool(start), end - start + 3 * bool(start)
        end = min(end, len(line) - 3 * more)
    before, marked = (visible(part).replace("\t", "    ") for part in (line[:at], line[at:end]))
    return visible(line).replace("\t", "    "), cells(before), max(cells(marked), 1)


@lru_cache(maxsize=2)
def _lines(data: bytes) -> list[str]:
    """The lines of a file: thousands of diagnostics may be about one."""
    try:
        text = decode("", data)[0]
    except ConfigurationError:
        text = data.decode("latin-1")  # a column for each byte, which is what a place in such a file counts
    return LINE_BREAK.split(text)


# ---- for programs -------------------------------------------------------------------------------------------------------------------


def as_json(data: object) -> str:
    """Data as JSON, in which nothing is a command of a workflow whose log it goes to."""
    import json

    return json.dumps(data, indent=2, default=str).replace("##", "#\\u0023") + "\n"


def placed(diagnostic: Diagnostic, prefix: str) -> Diagnostic:
    """The diagnostic with `prefix` before the path of its file."""
    origin = diagnostic.origin
    return diagnostic if origin is None or not prefix else evolve(diagnostic, origin=evolve(origin, file=prefix + origin.file))


def record(diagnostic: Diagnostic) -> dict[str, str | int | None]:
    """A diagnostic as plain data, for JSON. Absent values are None, so that every record has the same keys."""
    origin, span = diagnostic.origin, diagnostic.origin.span if diagnostic.origin else None
    return {
        "code": diagnostic.code,
        "name": diagnostic.name,
        "severity": diagnostic.severity.value,
        "message": visible(diagnostic.message),
        "file": origin.file if origin else None,
        "line": span.line if span else None,
        "column": span.column if span else None,
        "help": visible(diagnostic.help) if diagnostic.help else None,
    }


_SARIF_LEVELS = {Severity.ERROR: "error", Severity.WARNING: "warning", Severity.INFO: "note"}
_GITHUB_LEVELS = {Severity.ERROR: "error", Severity.WARNING: "warning", Severity.INFO: "notice"}


def sarif(diagnostics: Iterable[Diagnostic], version: str) -> dict[str, object]:
    """A SARIF 2.1.0 log of one run, as plain data. Paths are relative to where the user is, as code scanning wants them.

    It also wants a place of every result, with a line, and a description of every rule: GitHub docs, SARIF support for code scanning.
    """
    found = list(diagnostics)
    first = {(d.code, d.name): d for d in reversed(found)}
    rules = list(dict.fromkeys((d.code, d.name) for d in found))
    driver = {
        "name": "workerlib",
        "version": version,
        "rules": [_sarif_rule(first[one]) for one in rules],
    }
    results = [
        {
            "ruleId": d.code,
            "ruleIndex": rules.index((d.code, d.name)),
            "level": _SARIF_LEVELS[d.severity],
            "message": {"text": _unlinked(f"{d.message}; {d.help}" if d.help else d.message)},
            "locations": [_location(d.origin or Origin("."))],
        }
        for d in found
    ]
    return {
        "$schema": "https://json.schemastore.org/sarif-2.1.0.json",
        "version": "2.1.0",
        "runs": [{"tool": {"driver": driver}, "columnKind": "unicodeCodePoints", "results": results}],
    }


def _sarif_rule(found: Diagnostic) -> dict[str, object]:
    """What the code of a diagnostic stands for: by the table of all codes, or of those of codemods, which are not there, by itself."""
    from workerlib.checking import TABLE

    words = found.name.replace("-", " ")
    row = next((row for row in TABLE if row.code == found.code), None)
    return {
        "id": found.code,
        "name": found.name,
        "shortDescription": {"text": words},
        "fullDescription": {"text": f"{row.message} ({row.page})" if row else words},
        "help": {"text": row.help if row else _unlinked(found.help or found.message)},
        "defaultConfiguration": {"level": _SARIF_LEVELS[row.severity if row else found.severity]},
    }


def _unlinked(text: str) -> str:
    """A message in which nothing is a link: SARIF has those in plain text, too (3.11.6), and there is no other way to take one back."""
    return visible(text).replace("](", "] (")


def _location(origin: Origin) -> dict[str, object]:
    from urllib.parse import quote

    span = origin.span
    return {
        "physicalLocation": {
            "artifactLocation": {"uri": quote(origin.file.encode("utf-8", "surrogateescape"))},
            "region": {"startLine": span.line, "startColumn": span.column} if span else {"startLine": 1},
        }
    }


def github(diagnostic: Diagnostic) -> str:
    """A diagnostic as a command of GitHub's workflows, which shows it beside the line that it is about."""
    origin, span = diagnostic.origin, diagnostic.origin.span if diagnostic.origin else None
    given = {
        "file": origin.file if origin else None,
        "line": str(span.line) if span else None,
        "col": str(span.column) if span else None,
        "title": f"{diagnostic.code} {diagnostic.name}",
    }
    properties = ",".join(f"{key}={_escaped(value, ':,')}" for key, value in given.items() if value is not None)
    message = f"{diagnostic.message}\n{diagnostic.help}" if diagnostic.help else diagnostic.message
    return f"::{_GITHUB_LEVELS[diagnostic.severity]} {properties}::{_escaped(message)}"


def _escaped(text: str, more: str = "") -> str:
    return "".join(f"%{ord(c):02X}" if c in "%\r\n" + more else visible(c) for c in text)
