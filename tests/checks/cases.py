"""What the tests of checks share: a configuration that a check objects to, what it says of which text, and one that it does not."""

from __future__ import annotations

from collections.abc import Mapping
from textwrap import dedent, indent

from attrs import frozen

from workerlib.checking import check
from workerlib.diagnostic import Diagnostic
from workerlib.layout import CONFIG
from workerlib.loading import load

Files = str | Mapping[str, str]


@frozen
class Case:
    """The check `name` says exactly `message` of `bad`, about the text `at`, and nothing of `good`.

    Files are by path; a text alone is the configuration file, or what stands in application `shop` where it does not begin with a section.
    """

    name: str
    bad: Files
    message: str
    at: str
    good: Files
    severity: str = "error"

    def __str__(self) -> str:
        return f"{self.severity} {self.name} at {self.at}: {self.message}"

    def test(self) -> None:
        found = said(self.name, self.bad)
        assert [str(one.message) for one in found] == [self.message]
        assert [one.severity.value for one in found] == [self.severity]
        assert all(one.help for one in found)
        assert [text_at(one, files(self.bad)) for one in found] == [self.at]
        assert said(self.name, self.good) == []


def said(name: str, given: Files) -> list[Diagnostic]:
    """What a check says of files."""
    return [one for one in everything(given) if one.name == name]


def everything(given: Files) -> tuple[Diagnostic, ...]:
    return check(load({path: text.encode() for path, text in files(given).items()}))


def files(given: Files) -> dict[str, str]:
    if not isinstance(given, str):
        return {path: dedent(text).lstrip("\n") for path, text in given.items()}
    text = dedent(given).strip("\n") + "\n"
    if not text.startswith(("applications:", "services:", "routes:")):
        image = "" if text.startswith(("type:", "stack:", "name:")) else "type: 'python:3.14'\n"
        text = "applications:\n  shop:\n" + indent(image + text, "    ")
    return {CONFIG: text}


def text_at(one: Diagnostic, given: Mapping[str, str]) -> str:
    """The text that a diagnostic is about, or its file where it is about that."""
    origin = one.origin
    if origin is None:
        return ""
    return given[origin.file][origin.span.start : origin.span.end] if origin.span else origin.file
