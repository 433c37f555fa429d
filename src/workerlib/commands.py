"""What the commands of ``python -m workerlib`` do. What is not needed for a command is not imported for it."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, NamedTuple, cast

from workerlib import invoked
from workerlib._version import __version__

if TYPE_CHECKING:
    from pathlib import Path

    from workerlib.amending import Value
    from workerlib.comparing import Comparison
    from workerlib.diagnostic import Diagnostic
    from workerlib.layout import ProjectFiles
    from workerlib.model import Project
    from workerlib.report import Read, Screen
    from workerlib.resolving import Effective, Explanation
    from workerlib.text import Limits

DONE, FOUND, USAGE, REFUSED = 0, 1, 2, 3


class Session(NamedTuple):
    """One run of the command: its arguments, and where it speaks."""

    args: argparse.Namespace
    out: Screen
    err: Screen


def check(session: Session) -> int:
    """Say what is wrong in projects."""
    args, out, err = session
    from workerlib.checking import Selection, refuse_unknown
    from workerlib.checking import check as checked
    from workerlib.diagnostic import Severity
    from workerlib.errors import ConfigurationError, WorkerlibError
    from workerlib.report import placed, show

    refuse_unknown(args.select, "--select")
    refuse_unknown(args.ignore, "--ignore")
    selection = Selection(tuple(args.select), tuple(args.ignore)) if args.select or args.ignore else None
    found: list[Diagnostic] = []
    failures: set[int] = set()
    for path in args.paths or ["."]:
        try:
            diagnostics: Iterable[Diagnostic] = checked(_load(path, args), selection)
        except ConfigurationError as error:
            diagnostics = advised(error.diagnostics, path, args)
            failures.add(REFUSED)
        except (WorkerlibError, OSError) as error:  # the other projects have their turn
            status, failure = _failure(error, path)
            failures.add(status)
            found.append(failure)
            if args.format == "text":
                out.flush()
                err.message(("error: ", "bold red"), failure.message)
            continue
        read = reader_of(path)
        for diagnostic in (_as_given(one, path) for one in diagnostics):
            prefix = before(diagnostic, path)
            found.append(placed(diagnostic, prefix))
            if args.format == "text":
                show(out, diagnostic, read, prefix)
                out.line()
    if args.format == "text":
        out.flush()  # the count comes behind what is counted where both streams go to one pipe
        counts = [(severity.value, sum(one.severity is severity for one in found)) for severity in Severity]
        err.line(", ".join(f"{count} {name}{'s' * (count != 1)}" for name, count in counts if count) or "nothing found")
    else:
        _for_programs(out, args.format, found)
    errors = {FOUND} if any(one.severity is Severity.ERROR for one in found) else set()
    return next((status for status in (USAGE, REFUSED, FOUND) if status in failures | errors), DONE)


def _failure(error: Exception, path: str) -> tuple[int, Diagnostic]:
    """What to tell where a project cannot be checked at all, and the status for it."""
    from workerlib.diagnostic import Diagnostic, Severity
    from workerlib.errors import UsageError
    from workerlib.layout import FileError

    where = prefix_of(path) if isinstance(error, FileError) else ""  # such a message begins with the path in the project
    status, code, name = (USAGE, "WL198", "usage") if isinstance(error, UsageError) else (REFUSED, "WL193", "not-possible")
    return status, Diagnostic(code, name, Severity.ERROR, f"{where}{error}")


def resolve(session: Session) -> int:
    """Show what each instance gets."""
    args, out = session.args, session.out
    from workerlib.comparing import shown
    from workerlib.errors import UsageError
    from workerlib.plain import plain_data
    from workerlib.resolving import resolve as resolved

    instances = resolved(_load(args.path, args))
    if args.instance is not None and args.instance not in instances:
        raise UsageError(f"--instance: expected one of {', '.join(f'`{one}`' for one in instances)}, found `{args.instance}`")
    wanted = {name: one for name, one in instances.items() if args.instance in (None, name)}
    if args.format == "json":
        _json(out, {name: {key: plain_data(getattr(one, key)) for key in _known(one)} for name, one in wanted.items()})
        return DONE
    room = out.width - 32 if out.is_terminal else sys.maxsize  # who searches is not to miss the end of a value
    for name, one in wanted.items():
        out.line((name, "bold"))
        for key in _known(one):
            reason, value = one.reasons[key], getattr(one, key)
            if value not in (None, {}) and (text := shown(value, room)) != "`{}`":
                out.line(f"  {key:18} ", (f"{reason.value:10} ", "cyan"), text)
        out.line()
    return DONE


def _known(one: Effective) -> list[str]:
    """The properties that the product has for which an instance is written; the default of one that only Upsun Fixed has holds there."""
    from workerlib.keypath import KeyPath
    from workerlib.layout import CURRENT, below
    from workerlib.properties import PROPERTY, Status
    from workerlib.resolving import Reason

    place = one.definition.origin(KeyPath(()))
    current = place is None or below(place.file, CURRENT.folder)
    unknown = {key for key, why in one.reasons.items() if current and PROPERTY[key].status is Status.FIXED and why is Reason.DEFAULT}
    return [key for key in one.reasons if key not in unknown]


def explain(session: Session) -> int:
    """Say why an instance has a value."""
    args, out = session.args, session.out
    from workerlib.comparing import shown
    from workerlib.diagnostic import Severity
    from workerlib.keypath import KeyPath
    from workerlib.report import STYLES, placed, quote
    from workerlib.resolving import value_at

    instance, path = _addressed(_load(args.path, args), args.key)
    found = [instance.explain(KeyPath(path))] if path else [instance.explain(key) for key in _known(instance)]

    def value_of(one: Explanation) -> object:
        name, *inner = one.path.parts[len(one.path) - max(len(path), 1) :]
        return value_at(getattr(instance, str(name)), inner)

    if args.format == "json":
        _json(out, [_explanation(one, value_of(one), prefix_of(args.path)) for one in found])
        return DONE
    if args.format != "text":
        _for_programs(out, args.format, [placed(_explained(one), prefix_of(args.path)) for one in found])
        return DONE
    for one in found:
        head = (str(one.path), "bold")
        if path:
            out.message(head, f": {shown(value_of(one), 10 * out.width if out.is_terminal else sys.maxsize)}")
        else:
            out.line(head, f": {shown(value_of(one), min(80, max(out.width - len(head[0]) - 2, 30)))}")
        out.prose(one.text, "  ")
        if one.origin:
            quote(out, one.origin, reader_of(args.path), prefix_of(args.path), STYLES[Severity.INFO])
    return DONE


def _explanation(one: Explanation, value: object, prefix: str) -> dict[str, object]:
    """An explanation as plain data; of what is not there the value is None."""
    from workerlib.model import ABSENT
    from workerlib.plain import plain_data

    origin = f"{prefix}{one.origin}" if one.origin else None
    known = None if value is ABSENT else plain_data(value)
    return {"path": str(one.path), "value": known, "reason": one.reason.value, "text": one.text, "origin": origin}


def _explained(one: Explanation) -> Diagnostic:
    """An explanation as something to tell of the place that it is about."""
    from workerlib.diagnostic import Diagnostic, Severity

    return Diagnostic("WL604", "value-explained", Severity.INFO, f"{one.path}: {one.text}", one.origin)


def compare(session: Session) -> int:
    """Say what changes from one state of a project to another."""
    args, out = session.args, session.out
    from workerlib.comparing import compare as compared
    from workerlib.convert import structure
    from workerlib.loading import load_tree

    states = [_state(name, args.project) for name in (args.old, args.new)]
    old, new = (structure(load_tree(files, limits=_limits(args)).definitions) for files in states)
    found = compared(old, new)
    if args.format == "text":
        _show_comparison(out, found)
    elif args.format == "json":
        changes = [
            {
                "subject": one.subject,
                "path": str(one.path),
                "aspect": one.aspect,
                "before": _plain(one.before),
                "after": _plain(one.after),
                "consequence": one.consequence,
                "origin": str(one.origin) if one.origin else None,
                "rebuilds": one.rebuilds,
                "destroys": one.destroys,
            }
            for one in found.changes
        ]
        _json(out, {"rebuilt": list(found.rebuilt), "changes": changes})
    else:
        _for_programs(out, args.format, [one.diagnostic for one in found.changes])
    return FOUND if found.destructive else DONE


def amend(session: Session) -> int:
    """Write a value, or show what that would change."""
    args, out, err = session
    from workerlib.amending import edit
    from workerlib.diagnostic import Severity
    from workerlib.report import show

    begun = edit(args.path, limits=_limits(args))
    if args.expand:
        begun = begun.expand(args.key)
    amendment = begun.set(args.key, _given(args.value, args.kind))
    if not amendment:
        err.line("nothing to do: it is so already")
        return DONE
    for diagnostic in amendment.diagnostics:
        show(err, diagnostic, amendment.files.get, prefix_of(args.path))
    wrong = any(one.severity is Severity.ERROR for one in amendment.diagnostics)
    if args.write and not wrong:
        amendment.apply(force=args.force)
        err.line("written: ", ", ".join(prefix_of(args.path) + path for path in amendment.files))
        return DONE
    if not args.write:
        err.flush()
        out.diff(amendment.diff())
        out.flush()
    if wrong:
        err.message(("error: ", "bold red"), "nothing is written, since the configuration would be wrong")
        return REFUSED
    err.line("nothing is written yet; add --write to do that")
    return DONE


# ---- what is asked for --------------------------------------------------------------------------------------------------------------


def _limits(args: argparse.Namespace) -> Limits:
    from workerlib.text import Limits

    return Limits.of(args.limit)


def _load(path: str, args: argparse.Namespace) -> Project:
    from pathlib import Path

    from workerlib.convert import Places
    from workerlib.layout import DiskFiles
    from workerlib.loading import load
    from workerlib.merging import no_applications

    project = load(path, limits=_limits(args))
    if not project.applications:
        definitions = project.origin.definitions if isinstance(project.origin, Places) else None
        raise no_applications(path, DiskFiles(Path(path)), definitions, project.diagnostics)
    return project


def advised(found: Iterable[Diagnostic], path: str, args: argparse.Namespace) -> list[Diagnostic]:
    """Diagnostics, with the command for a folder nearby where there is no configuration at `path`."""
    from attrs import evolve

    from workerlib.migrate.advice import instead

    words = invoked.command(args.command, *(getattr(args, name) for name in ("key", "value") if hasattr(args, name)))
    return [evolve(one, help=instead(path, words)) if one.name == "no-applications" and not _placed(one) else one for one in found]


def _placed(one: Diagnostic) -> bool:
    """Whether a diagnostic is about a place in a file, not about a folder or a whole file."""
    return one.origin is not None and one.origin.span is not None


def before(diagnostic: Diagnostic, path: str) -> str:
    """What leads to the place of a diagnostic: nothing more where that is the folder of the project itself."""
    from pathlib import Path

    origin = diagnostic.origin
    return "" if origin and origin.span is None and Path(origin.file) == Path(path) else prefix_of(path)


def _as_given(one: Diagnostic, path: str) -> Diagnostic:
    """A diagnostic of a file of no layout, which is read as one of the current layout, by the name that it has."""
    from attrs import evolve

    from workerlib.layout import CONFIG

    if one.origin is None or one.origin.file != CONFIG or _root(path) is not None:
        return one
    return evolve(one, origin=evolve(one.origin, file=path))


def prefix_of(path: str) -> str:
    """What leads from where the user is to a file of the project."""
    from pathlib import Path

    folder = _root(path)
    return "" if folder is None or folder == Path() else f"{folder.as_posix().rstrip('/')}/"


def _root(path: str) -> Path | None:
    """The root of the project that a path is of; None for a file of no layout."""
    from pathlib import Path

    from workerlib.layout import single

    place = Path(path)
    if not place.is_file():
        return place
    found = single(place)
    return Path(os.path.relpath(found[0])) if found else None


def _state(name: str, project: str) -> ProjectFiles:
    """The files of a folder, or else of a revision."""
    from pathlib import Path

    from workerlib.layout import DiskFiles, folder_files
    from workerlib.revisions import RevisionFiles

    return DiskFiles(Path(name)) if name and Path(name).is_dir() else RevisionFiles(folder_files(project).root, name)


def _addressed(project: Project, key: str) -> tuple[Effective, tuple[str | int, ...]]:
    """The instance that a key is about, and the path in it: below its deployed name, or as it is written below `applications`."""
    from workerlib.errors import UsageError
    from workerlib.keypath import KeyPath
    from workerlib.resolving import deployed_name
    from workerlib.resolving import resolve as resolved

    name, *rest = KeyPath.parse(key).parts or ("",)
    if name == "applications" and rest:
        app, *rest = rest
        worker = str(rest[1]) if rest[0:1] == ["workers"] and len(rest) > 1 else None
        name, rest = deployed_name(str(app), worker), rest[2:] if worker else rest[1:] if rest[0:1] == ["web"] else rest
    instances = resolved(project)
    if name not in instances:
        raise UsageError(f"{key}: expected one of {', '.join(f'`{one}`' for one in instances)}, found `{name}`")
    return instances[str(name)], tuple(rest)


def _given(text: str, kind: str) -> Value:
    """The value that is given on the command line."""
    from workerlib.definitions import Definitions
    from workerlib.errors import ConfigurationError, UsageError
    from workerlib.reading import Reader
    from workerlib.text import Scalar, Source, parse

    if kind == "text":
        return text
    try:
        root = parse(Source("VALUE", text)).root
    except ConfigurationError as error:
        if kind == "scalar":
            return text
        first = error.diagnostics[0]
        raise UsageError(f"{first.origin}: {first.message}; {first.help}") from None
    if root is None or (kind == "scalar" and not (isinstance(root, Scalar) and not root.style and not root.tag and root.value == text)):
        return text
    return cast("Value", Reader(Definitions()).value(root))


# ---- what is shown ------------------------------------------------------------------------------------------------------------------


def reader_of(path: str) -> Read:
    """What reads the files of the project at `path`, to quote from; None for one that cannot be read."""
    from functools import cache
    from pathlib import Path

    from workerlib.layout import CONFIG, DiskFiles, FileError
    from workerlib.report import SHOWN

    folder = _root(path)

    @cache
    def read(name: str) -> bytes | None:
        try:
            alone = folder is None and name in (CONFIG, path)
            return Path(path).read_bytes() if alone else DiskFiles(folder or Path(path).parent).read(name, SHOWN)
        except (FileError, OSError):
            return None

    return read


def _show_comparison(out: Screen, found: Comparison) -> None:
    from workerlib.comparing import shown

    for subject, changes in found.by_subject.items():
        out.line((subject, "bold"))
        for one in changes:
            marks = [("destroys data", "bold red")] * one.destroys + [("rebuild", "yellow")] * one.rebuilds
            out.line(f"  {one.aspect}: {one.path}", *(part for mark in marks for part in ("  ", mark)))
            out.line(f"      {shown(one.before)} > {shown(one.after)}" + (f"  ({one.origin})" if one.origin else ""))
            out.prose(one.consequence, "      ")
        out.line()
    if found.rebuilt:
        out.line(f"built again: {', '.join(found.rebuilt)}")
    if found.destructive:
        out.line((f"{len(found.destructive)} of these changes destroy data", "bold red"))
    if not found:
        out.line("nothing changes for any instance, service or route")


def _for_programs(out: Screen, form: str, found: Sequence[Diagnostic]) -> None:
    from workerlib.report import github, record, sarif

    if form == "github":
        out.raw("".join(f"{github(one)}\n" for one in found))
    else:
        _json(out, sarif(found, __version__) if form == "sarif" else [record(one) for one in found])


def _json(out: Screen, data: object) -> None:
    from workerlib.report import as_json

    out.raw(as_json(data))


def _plain(value: object) -> object:
    from workerlib.model import ABSENT
    from workerlib.plain import plain_data

    return None if value is ABSENT else plain_data(value)
