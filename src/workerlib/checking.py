"""Checks a project: everything that is wrong or old in it, at once, in the order of the text.

The checks are functions in :mod:`workerlib.checks`; this module goes through a project once, asks each about what it is for, and leaves out
what the user does not want to hear: a comment ``# workerlib: ignore[WL201]`` on a line or above it, and ``[tool.workerlib]`` in
``pyproject.toml`` with `select` and `ignore`, which hold codes, beginnings of codes (``WL2``) and names (``worker-crons``).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from itertools import chain
from typing import TypeAlias

from attrs import define, evolve, field, frozen

from workerlib.checks import crons, files, images, references, structure, style, workers
from workerlib.checks.codes import ROWS
from workerlib.checks.rules import Finding, Row, Rule, Scope, written_at
from workerlib.convert import Places
from workerlib.definitions import Definitions
from workerlib.diagnostic import Diagnostic, Diagnostics, Origin, Severity, in_order
from workerlib.errors import UsageError, expect, several
from workerlib.guessing import nearest
from workerlib.keypath import KeyPath
from workerlib.layout import CURRENT, below
from workerlib.model import ABSENT, Application, Part, Project, given_project
from workerlib.reading import shape_of
from workerlib.resolving import Effective, resolve, written_below
from workerlib.text import Source

Path: TypeAlias = tuple[str | int, ...]

_MODULES = (files, structure, crons, workers, references, images, style)
RULES: tuple[Rule, ...] = tuple(one for module in _MODULES for one in vars(module).values() if isinstance(one, Rule))
TABLE: tuple[Row, ...] = tuple(sorted((*ROWS, *(rule.row for rule in RULES)), key=lambda row: row.code))
"""Every code there is, but for those of codemods."""

# ---- what is wanted -----------------------------------------------------------------------------------------------------------------


@frozen
class Selection:
    """Which diagnostics are wanted: those that `select` names, all where it is empty, without those that `ignore` names.

    Both hold codes, beginnings of codes (``WL2``) and names (``worker-crons``). Raises UsageError for one text in place of a tuple.
    """

    select: tuple[str, ...] = field(default=(), validator=several)
    ignore: tuple[str, ...] = field(default=(), validator=several)

    def wants(self, one: Diagnostic) -> bool:
        """Whether a diagnostic is wanted."""
        return (not self.select or _names(self.select, one)) and not _names(self.ignore, one)


def _names(selectors: Iterable[str], one: Diagnostic) -> bool:
    return any(selector == one.name or (selector.startswith("WL") and one.code.startswith(selector)) for selector in selectors)


def configured(text: str) -> Selection:
    """The selection that the text of a ``pyproject.toml`` states.

    Raises UsageError for text that is not TOML, for keys that there are not, and for names that no check has.
    """
    import tomllib

    try:
        tool = tomllib.loads(text).get("tool", {})
    except tomllib.TOMLDecodeError as error:
        raise UsageError(f"pyproject.toml: {error}") from None
    table = tool.get("workerlib", {}) if isinstance(tool, dict) else {}
    if not isinstance(table, dict):
        raise UsageError("pyproject.toml: tool.workerlib: expected a table with `select` and `ignore`")
    for key, selectors in table.items():
        if key not in ("select", "ignore"):
            raise UsageError(f"pyproject.toml: tool.workerlib: expected `select` or `ignore`, found `{key}`")
        if not isinstance(selectors, list) or not all(isinstance(one, str) for one in selectors):
            raise UsageError(f"pyproject.toml: tool.workerlib.{key}: expected a list of codes and names")
        refuse_unknown(selectors, f"pyproject.toml: tool.workerlib.{key}")
    return Selection(**{key: tuple(selectors) for key, selectors in table.items()})


def refuse_unknown(selectors: Iterable[str], where: str) -> None:
    """Raise UsageError for a selector that no code or name of the table fits; `where` is where the selectors are from."""
    for selector in selectors:
        if not _is_known(selector):
            raise UsageError(f"{where}: there is no check `{selector}`; {_meant(selector)}")


def _is_known(selector: str) -> bool:
    """Whether a code or name of the table fits, or it is the code of a codemod."""
    fits = any(selector == row.name or (selector.startswith("WL") and row.code.startswith(selector)) for row in TABLE)
    return fits or _OF_CODEMODS.fullmatch(selector) is not None


def _meant(selector: str) -> str:
    return nearest(selector, [row.name for row in TABLE], "docs/checks.md lists all")


_OF_CODEMODS = re.compile(r"WL5[0-4]\d?")
_MOST = 1 << 20  # bytes of a pyproject.toml


def _selection(definitions: Definitions | None) -> Selection:
    files = definitions.files if definitions is not None else None
    if files is None or not files.is_file("pyproject.toml"):
        return Selection()
    data = files.read("pyproject.toml", _MOST)
    return configured(data.decode("utf-8", "replace")) if b"workerlib" in data else Selection()


# ---- comments -----------------------------------------------------------------------------------------------------------------------

_COMMENT = re.compile(r"#\s*workerlib:\s*ignore\[([^\[\]]*)\]")


def _ignored(source: Source) -> dict[int, list[str]]:
    """What the comments of a file ignore, by line."""
    lines: dict[int, list[str]] = {}
    above: list[str] = []  # of comments that stand alone, for the next line that holds something
    comments = {source.line_start(start): (start, end) for start, end in source.comments()}
    for number, start in enumerate(source.lines, 1):
        text = source.text[start : source.line_end(start)]
        comment = comments.get(start)
        match = _COMMENT.search(source.text, *comment) if comment is not None else None
        selectors = [selector.strip() for selector in match[1].split(",")] if match else []
        if comment is not None and not source.text[start : comment[0]].strip():
            above += selectors
        elif text.strip():
            lines[number] = [*above, *selectors]
            above = []
    return lines


def _misnamed(source: Source) -> Iterator[Diagnostic]:
    """What the comments of a file ignore although it does not exist."""
    matches = (_COMMENT.search(source.text, *place) for place in source.comments())
    for at, selectors in ((match.start(1), match[1]) for match in matches if match):
        for found in _SELECTOR.finditer(selectors):
            if not _is_known(found[0]):
                place = source.origin(at + found.start(), at + found.end())
                yield Diagnostic("WL107", "unknown-check", Severity.WARNING, f"there is no check `{found[0]}`", place, _meant(found[0]))


_SELECTOR = re.compile(r"[^\s,]+")


def _sources(definitions: Definitions) -> Iterator[Source]:
    """The files that a diagnostic can be about."""
    for definition in definitions.applications.values():
        yield from (definition.source, definition.key.source)
    for section in (definitions.services, definitions.routes, definitions.other):
        yield from (entry.key.source for entry in section.values())
    yield from (one.content for one in definitions.inclusions.values() if isinstance(one.content, Source))


# ---- checking -----------------------------------------------------------------------------------------------------------------------


def check(project: Project, selection: Selection | None = None) -> Diagnostics:
    """Everything that is wrong or old in a project, in the order of the text; what was seen while it was read is part of it.

    `selection` says what is wanted; without one the project's ``pyproject.toml`` does. Raises UsageError where that cannot be understood,
    or names what there is no check of.
    """
    given_project(project)
    expect("selection", selection, Selection, type(None))
    if selection is not None:
        refuse_unknown(selection.select, "select")
        refuse_unknown(selection.ignore, "ignore")
    definitions = project.origin.definitions if isinstance(project.origin, Places) else None
    wanted = _selection(definitions) if selection is None else selection
    checker = _Checker(project)
    checker.run(definitions)
    sources = {source.path: source for source in _sources(definitions)} if definitions else {}  # one may hold thousands of definitions
    commented = {path: source for path, source in sources.items() if _COMMENT.search(source.text)}
    ignored = {path: _ignored(source) for path, source in commented.items()}
    found = chain(checker.diagnostics(), *map(_misnamed, commented.values()))
    kept = (one for one in found if wanted.wants(one) and not _is_ignored(one, ignored))
    return Diagnostics(sorted(kept, key=in_order))


def _is_ignored(one: Diagnostic, ignored: Mapping[str, Mapping[int, list[str]]]) -> bool:
    origin = one.origin
    return origin is not None and origin.span is not None and _names(ignored.get(origin.file, {}).get(origin.span.line, ()), one)


@define
class _Checker:
    """One run: goes through a project once and collects what the rules find."""

    project: Project
    findings: dict[tuple[str, Origin | Path, str], Diagnostic] = field(factory=dict)

    def run(self, definitions: Definitions | None) -> None:
        everything = Scope.of(self.project, resolve(self.project), whole=definitions is None or definitions.whole)
        if definitions is not None:
            self.ask(definitions, everything)
        self.ask(self.project, everything)
        scopes = {name: self.start("applications", name, app, everything) for name, app in self.project.applications.items()}
        for one in everything.instances.values():
            if one.definition.malformed is ABSENT:
                self.ask(one, evolve(scopes[one.application], path=written_below(one.application, one.worker)))
        for section in ("services", "routes"):
            for name, part in getattr(self.project, section).items():
                self.start(section, name, part, everything)

    def start(self, section: str, name: str, part: Part, everything: Scope) -> Scope:
        """Ask about a definition and everything in it."""
        path = (section, name)
        origin = self.project.origin(KeyPath(path))
        current = origin is None or below(origin.file, CURRENT.folder)
        scope = evolve(everything, application=part if isinstance(part, Application) else None, current=current, path=path)
        self.walk(part, scope)
        return scope

    def walk(self, part: Part, scope: Scope) -> None:
        """Ask about a part and its parts. What is no mapping was reported when it was read; what begins with a dot is ignored."""
        if part.malformed is not ABSENT:
            return
        kind = type(part)
        if _rules(kind):
            self.ask(part, scope)
        for name, container in _children(kind):
            value = getattr(part, name)
            if not value:
                continue
            if container == "one":
                self.walk(value, evolve(scope, path=(*scope.path, name)))
                continue
            for key, inner in value.items() if container == "each" else enumerate(value):
                if not str(key).startswith("."):
                    self.walk(inner, evolve(scope, path=(*scope.path, name, key)))

    def ask(self, thing: object, scope: Scope) -> None:
        for rule in _rules(type(thing)):
            for finding in rule.look(thing, scope):
                self.add(rule.row, finding, thing, scope)

    def add(self, row: Row, finding: Finding, thing: object, scope: Scope) -> None:
        """Keep a finding, once for each place, however many aliases and instances lead to it."""
        text = (finding.message or row.message).format_map(finding.values)
        advice = row.help.format_map(finding.values) if finding.help is None else finding.help
        path = scope.path or finding.keys
        origin: Origin | None
        where = written_at(thing, *finding.keys) if isinstance(thing, Effective) else (*scope.path, *finding.keys)
        if isinstance(thing, Definitions) and len(finding.keys) == 1:  # a file
            path, origin = (), Origin(str(finding.keys[0]))
        else:
            origin = self.origin(where)
        message = f"{KeyPath(path)}: {text}" if path else text
        key = (row.code, where if origin is None else origin, text)  # what was made in Python stands at its key path
        self.findings.setdefault(key, Diagnostic(row.code, row.name, finding.severity or row.severity, message, origin, advice))

    def origin(self, path: Path) -> Origin | None:
        """The place of a path, or of the nearest one above it that is written."""
        for end in range(len(path), 1, -1):
            if (found := self.project.origin(KeyPath(path[:end]))) is not None:
                return found
        return None

    def diagnostics(self) -> Iterator[Diagnostic]:
        """What was found, and what was said while reading. What says little gives way to what says more about the same place."""
        told = {one.origin or one.message for one in self.findings.values() if one.name not in _VAGUE}
        for one in (*self.findings.values(), *self.project.diagnostics):
            if one.name not in _VAGUE or (one.origin or one.message) not in told:
                yield one


_VAGUE = ("unknown-key", "null-value")
_RULES_OF: dict[type, tuple[Rule, ...]] = {}
_CHILDREN_OF: dict[type, tuple[tuple[str, str], ...]] = {}


def _rules(kind: type) -> tuple[Rule, ...]:
    """The rules about a class."""
    found = _RULES_OF.get(kind)
    if found is None:
        found = _RULES_OF[kind] = tuple(rule for rule in RULES if issubclass(kind, rule.of))
    return found


def _children(kind: type[Part]) -> tuple[tuple[str, str], ...]:
    """The fields of a part that hold parts, and how many: ``one``, ``each`` by name, or ``all`` in a list."""
    found = _CHILDREN_OF.get(kind)
    if found is None:
        found = _CHILDREN_OF[kind] = tuple((name, form.container) for name, form in shape_of(kind).forms.items() if form.container)
    return found
