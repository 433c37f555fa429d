"""A project as rows, for tables such as those of pandas and polars."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TypeAlias

import attrs

from workerlib.comparing import NAMED, flow
from workerlib.diagnostic import Origin
from workerlib.keypath import KeyPath
from workerlib.model import ABSENT, Part, Project
from workerlib.resolving import Effective, Reason, resolve

Record: TypeAlias = dict[str, str | int | None]

_ROW = ("section", "name", "application", "worker", "property", "path", "value", "reason", "file", "line", "column")


def records(project: Project) -> list[Record]:
    """One row for each single value that an instance, a service or a route has.

    All rows have the same keys, and each key one type, so that a table can be made of them without a schema. `section` is
    ``applications``, ``services`` or ``routes``, `name` the deployed name; `application` and `worker` say which instance it is. `property`
    is the first key of `path`. `value` is text, as it would be written; None is null. `reason` is that of
    :class:`~workerlib.resolving.Reason`; `file`, `line` and `column` say where it is written, if it is. Defaults that are empty have no
    row.
    """
    rows = [row for one in resolve(project).values() for row in _instance(one)]
    for section in ("services", "routes"):
        for name, part in getattr(project, section).items():
            for path, value in leaves(part):
                origin = project.origin(KeyPath((section, name, *path)))
                rows.append(_row(section, name, None, None, path, value, Reason.OWN, origin))
    return rows


def _instance(one: Effective) -> Iterator[Record]:
    for name, reason in one.reasons.items():
        for below, value in leaves(getattr(one, name)):
            if (value is None and not below) or (reason in (Reason.DEFAULT, Reason.ABSENT) and value in ({}, ())):
                continue
            path = (name, *below)
            yield _row("applications", one.name, one.application, one.worker, path, value, reason, one.origin(KeyPath(path)))


def _row(
    section: str,
    name: str,
    application: str | None,
    worker: str | None,
    path: tuple[str | int, ...],
    value: object,
    reason: Reason,
    origin: Origin | None,
) -> Record:
    span = origin.span if origin else None
    text = None if value is None else flow(value)
    place = (origin.file if origin else None, span.line if span else None, span.column if span else None)
    known = (section, name, application, worker, str(path[0]), str(KeyPath(path)), text, reason.value, *place)
    return dict(zip(_ROW, known, strict=True))


def leaves(value: object, path: tuple[str | int, ...] = ()) -> Iterator[tuple[tuple[str | int, ...], object]]:
    """The single values of a value of the model, each with its path below it; an empty collection is one."""
    inner = list(items(value))
    if not inner and (path or not isinstance(value, Part)):
        yield path, value
    for key, one in inner:
        yield from leaves(one, (*path, key))


def items(value: object) -> Iterator[tuple[str | int, object]]:
    """What a collection or part of the model holds, by key; nothing for a single value."""
    if isinstance(value, Part):
        if value.malformed is not ABSENT:
            yield from items(value.malformed)
            return
        named = ("name",) if isinstance(value, NAMED) else ()
        for one in attrs.fields(type(value)):
            given = getattr(value, one.name)
            default = one.default.factory() if isinstance(one.default, attrs.Factory) else one.default  # type: ignore[arg-type]
            if one.repr and one.name not in ("extra", "malformed", *named) and given is not ABSENT and given != default:
                yield one.name, given
        yield from value.extra.items()
    elif isinstance(value, Mapping):
        yield from value.items()
    elif isinstance(value, tuple):
        yield from enumerate(value)
