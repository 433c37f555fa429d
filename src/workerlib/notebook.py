"""How notebooks show values: tables and pictures for people who would rather look than read.

Each kind of value registers here; :class:`~workerlib.upward.Displayed` finds it by name. All text is escaped, and stays small: long
values are cut, and say by hovering where they are written.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from functools import singledispatch
from itertools import islice

from workerlib._html import Markup, escaped, joined, page, table, tag
from workerlib.comparing import Change, Comparison, flow
from workerlib.diagnostic import Diagnostic, Diagnostics, Severity
from workerlib.drawing import topology
from workerlib.keypath import KeyPath
from workerlib.migrate.advice import over_lines
from workerlib.migrate.diff import hunks
from workerlib.migrate.planning import Plan
from workerlib.migrate.report import did, edited, facts
from workerlib.model import ABSENT, Application, Part, Project
from workerlib.properties import PROPERTY
from workerlib.records import items
from workerlib.resolving import Effective, Reason, effective, resolve
from workerlib.sizing import ResourcePlan

_LONGEST = 60  # letters of one value
_MOST = 8  # values of one property
_LINES = 2000  # of a diff
_INSTANCES = 40  # side by side


@singledispatch
def html(value: object) -> str:
    """The value as a piece of HTML, escaped."""
    return page(tag("code", repr(value)))


@singledispatch
def plain(value: object) -> str:
    """The value as text, for notebooks that show no HTML."""
    return repr(value)


# ---- the configuration --------------------------------------------------------------------------------------------------------------


@html.register
def _(value: Project) -> str:
    instances = resolve(value)
    notes = [_counted(len(value.applications), "application"), _counted(len(instances) - len(value.applications), "worker")]
    notes += [_counted(len(value.services), "service"), _counted(len(value.routes), "route")]
    met = len(value.diagnostics)
    told = f"; {_counted(met, 'diagnostic')} from reading, see .diagnostics" if met else ""
    return page(
        _title("Project"),
        _note(", ".join(notes) + told),
        tag("div", Markup(topology(value).svg), class_="wl-wide"),
        _matrix(list(instances.values())),
    )


@plain.register
def _(value: Project) -> str:
    apps = "; ".join(app.name + (f" with workers {', '.join(app.workers)}" if app.workers else "") for app in value.applications.values())
    return f"<Project: applications {apps or 'none'}; services {_names(value.services)}; routes {_names(value.routes)}>"


@html.register
def _(value: Application) -> str:
    instances = [effective(value, worker) for worker in (None, *value.workers)]
    return page(_title(f"Application {value.name}"), _matrix(instances))


@html.register
def _(value: Part) -> str:
    name = getattr(value, "name", "")
    rows = [(str(key), _value(inner)) for key, inner in items(value)]
    return page(_title(f"{type(value).__name__} {name}".strip()), table(("property", "value"), rows) if rows else _note("nothing is set"))


@html.register
def _(value: Effective) -> str:
    rows = []
    for name, reason in value.reasons.items():
        if (content := _listed(value, name)) is not None:
            origin = value.origin(name) if reason in (Reason.OWN, Reason.INHERITED, Reason.SHARED) else None
            rows.append((name, _cell(value, name, content), _reason(value, name), tag("code", str(origin or ""))))
    return page(_title(f"Instance {value.name}"), table(("property", "value", "why", "written at"), rows))


@plain.register
def _(value: Effective) -> str:
    return f"<Effective {value.name}: {value.type or value.image}>"


def _matrix(of: Sequence[Effective]) -> Markup:
    """Properties and instances: what a worker takes over is pale, what it has of its own is strong."""
    rows = []
    instances = of[:_INSTANCES]
    more = (
        _note(f"and {_counted(len(of) - _INSTANCES, 'instance')} more; an application alone shows its own") if len(of) > _INSTANCES else ""
    )
    for name in instances[0].reasons if instances else ():
        contents = [_listed(one, name) for one in instances]
        if any(content is not None and one.reasons[name] is not Reason.DEFAULT for one, content in zip(instances, contents, strict=True)):
            rows.append((name, *(_cell(one, name, content) for one, content in zip(instances, contents, strict=True))))
    legend = joined(
        (
            tag("span", "a worker's own", class_="wl-own"),
            ", which replaces the application's as a whole; ",
            tag("span", "inherited from the application", class_="wl-pale"),
            "; ",
            tag("span", "default", class_="wl-none"),
            "; \N{EN DASH} nothing. Hover to see where a value is written.",
        )
    )
    head = ("", *(one.name for one in instances))
    return joined((table(head, rows, "wl-matrix"), more, tag("div", legend, class_="wl-legend")))


def _cell(one: Effective, name: str, content: Markup | None) -> Markup:
    if content is None:
        return tag("td", "\N{EN DASH}", class_="wl-none", title=one.explain(KeyPath((name,))).text)
    return tag("td", content, class_=_look(one, name), title=str(one.explain(KeyPath((name,)))))


def _look(one: Effective, name: str) -> str | None:
    """How a value is shown: strong where it replaces the application's, pale where a worker takes that over."""
    reason, row = one.reasons[name], PROPERTY[name]
    if reason is Reason.DEFAULT:
        return "wl-none"
    if one.worker is not None:
        return "wl-own" if reason is Reason.OWN else "wl-pale"
    return "wl-own" if reason is Reason.OWN and row.web and row.application else None


def _listed(one: Effective, name: str) -> Markup | None:
    """The values of a property, one on each line, each with the place where it is written; None where there is none."""
    value = getattr(one, name)
    if value is None or (one.reasons[name] in (Reason.DEFAULT, Reason.ABSENT) and not list(items(value)) and not isinstance(value, str)):
        return None
    pairs: list[tuple[tuple[str | int, ...], object]] = [((key,), inner) for key, inner in items(value)]
    if name == "variables":
        pairs = [((prefix, key), inner) for (prefix,), values in pairs for key, inner in items(values)]
    if not pairs:
        return tag("code", _cut(flow(value))) if not isinstance(value, Part) else None
    lines = []
    for path, inner in islice(pairs, _MOST):
        origin = one.origin(KeyPath((name, *path)))
        label = str(KeyPath(path)) if name == "variables" else "".join(map(str, path))
        text = "" if isinstance(value, tuple) else f"{label}: "
        lines.append(tag("div", tag("code", text, _cut(flow(inner))), title=str(origin) if origin else None))
    if len(pairs) > _MOST:
        lines.append(tag("div", f"and {len(pairs) - _MOST} more"))
    return joined(lines)


def _reason(one: Effective, name: str) -> Markup:
    return tag("span", one.reasons[name].value, title=one.explain(KeyPath((name,))).text)


def _value(value: object) -> Markup:
    inner = list(items(value))
    if not inner:
        return tag("code", _cut(flow(value)))
    return joined(tag("div", tag("code", f"{key}: " if isinstance(key, str) else "", _cut(flow(one)))) for key, one in inner)


# ---- diagnostics --------------------------------------------------------------------------------------------------------------------


@html.register
def _(value: Diagnostic) -> str:
    return page(_diagnostics([value]))


@html.register
def _(value: Diagnostics) -> str:
    counts = [(one, sum(found.severity is one for found in value)) for one in Severity]
    told = ", ".join(_counted(count, severity.value) for severity, count in counts if count)
    return page(_note(told), _diagnostics(value)) if value else page(_note("nothing found"))


@plain.register
def _(value: Diagnostic) -> str:
    return str(value)


@plain.register
def _(value: Diagnostics) -> str:
    return "\n".join(map(str, value)) or "nothing found"


def _diagnostics(found: Iterable[Diagnostic]) -> Markup:
    rows = []
    for one in found:
        what = [tag("div", _marked(one.message))]
        if one.help:
            what.append(tag("div", "help: ", _marked(one.help), class_="wl-note"))
        place = tag("code", str(one.origin or ""))
        rows.append((_mark(one.severity.value, one.severity.value), f"{one.code} {one.name}", joined(what), place))
    return table(("", "code", "what", "where"), rows)


# ---- plans and comparisons ----------------------------------------------------------------------------------------------------------


@html.register
def _(value: Plan) -> str:
    if not value:
        return page(_title("Plan"), _note("nothing to do"))
    looks = {"new files": "add", "changed files": "info", "deleted files": "del", "moved files": "info", "proved": "add"}
    rows = [(_mark(label, looks[label]) if label in looks else label, text) for label, text in facts(value)]
    done = [(name, _marked(did(name, count))) for name, count in edited(value).items()]
    parts = [_title("Plan"), table(("", "what changes"), rows, "wl-facts"), table(("codemod", "what it does"), done, "wl-facts")]
    parts.append(tag("details", tag("summary", "Changes of the text, moves and indentation apart"), *_changed(value), open="open"))
    if value.diagnostics:
        parts.append(tag("details", tag("summary", _counted(len(value.diagnostics), "note")), _diagnostics(value.diagnostics)))
    if value.resources.command:
        parts.append(_note("What the files no longer say, as a command:"))
        parts.append(tag("pre", over_lines(value.resources.command)))
    return page(*parts)


@plain.register
def _(value: Plan) -> str:
    return value.diff() or "nothing to do"


@html.register
def _(value: ResourcePlan) -> str:
    return page(tag("pre", over_lines(value.command) if value.command else "nothing to set"), *(_note(note) for note in value.notes))


def _changed(value: Plan) -> Iterable[Markup]:
    """What changes in the text, each part with what it is for; as git has it where there is too much to compare."""
    found = hunks(value.changes, value.moves, value.places)
    if found is None:
        looks = {"+": "wl-add", "-": "wl-del"}
        yield _diff((line, looks.get(line[:1])) for line in value.diff().splitlines())
        return
    looks = {"+": "wl-add", "-": "wl-del", " ": "wl-at"}
    for hunk in found:
        marks = (_mark(name, "info") for name in hunk.codemods)
        yield tag("div", tag("code", hunk.where), " ", *marks, class_="wl-note")
        yield _diff((f"{line.number:4} {mark} {line.text}", looks[mark]) for mark, line in hunk.stacked)


def _diff(lines: Iterable[tuple[str, str | None]]) -> Markup:
    lines = list(lines)
    shown = [tag("span", line, class_=look) for line, look in lines[:_LINES]]
    if len(lines) > _LINES:
        shown.append(tag("span", f"and {len(lines) - _LINES} lines more", class_="wl-at"))
    return tag("pre", *shown, class_="wl-diff")


@html.register
def _(value: Comparison) -> str:
    if not value:
        return page(_title("Comparison"), _note("nothing changes for any instance, service or route"))
    rows = [row for subject, changes in value.by_subject.items() for row in _changes(subject, changes)]
    told = [f"built again: {', '.join(value.rebuilt)}"] if value.rebuilt else []
    if value.destructive:
        told.append(f"{len(value.destructive)} of these changes destroy data")
    return page(_title("Comparison"), _note("; ".join(told)), table(_CHANGE, rows))


@plain.register
def _(value: Comparison) -> str:
    return "\n".join(map(str, value.changes)) or "nothing changes for any instance, service or route"


@html.register
def _(value: Change) -> str:
    return page(table(_CHANGE, _changes(value.subject, [value])))


@plain.register
def _(value: Change) -> str:
    return str(value)


_CHANGE = ("", "what", "before", "after", "what follows")


def _changes(subject: str, changes: Sequence[Change]) -> Iterable[Iterable[object]]:
    for at, one in enumerate(changes):
        marks = [_mark("destroys data", "error")] * one.destroys + [_mark("rebuild", "warning")] * one.rebuilds
        yield (
            subject if not at else "",
            joined((f"{one.aspect} ", *marks, _pale(str(one.path)))),
            _state(one.before, "wl-del"),
            _state(one.after, "wl-add"),
            joined((_marked(one.consequence), _pale(str(one.origin or "")))),
        )


def _pale(path: str) -> Markup:
    """The path of a key or file, below what it is about; it may go on in another line behind each of its parts."""
    parts = (part for match in re.finditer(r"[^./]*[./]?", path) for part in (match[0], Markup("<wbr/>")) if match[0])
    return tag("div", tag("code", *parts), class_="wl-note")


def _state(value: object, look: str) -> Markup:
    if value is ABSENT or value is None:
        return tag("td", "\N{EN DASH}", class_="wl-none")
    return tag("td", tag("code", _cut(flow(value))), class_=look)


# ---- words --------------------------------------------------------------------------------------------------------------------------


def _title(text: str) -> Markup:
    return tag("div", text, class_="wl-title")


def _note(text: str) -> Markup:
    return tag("div", _marked(text), class_="wl-note") if text else Markup()


def _mark(text: str, look: str) -> Markup:
    return tag("span", text, class_=f"wl-mark wl-{look}")


def _marked(text: str) -> Markup:
    """A message, with what stands in backticks as code."""
    return joined(tag("code", part) if at % 2 else escaped(part) for at, part in enumerate(text.split("`")))


def _cut(text: str) -> str:
    line = " ".join(text.split())
    return line if len(line) <= _LONGEST else f"{line[: _LONGEST - 1]}\N{HORIZONTAL ELLIPSIS}"


def _counted(number: int, thing: str) -> str:
    return f"{number} {thing}{'' if number == 1 else 's'}"


def _names(found: Mapping[str, object]) -> str:
    return ", ".join(found) or "none"
