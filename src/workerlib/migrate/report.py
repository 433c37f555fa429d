"""The report of a migration: what changes, for whom, what is proved, and what is left to do; for people, and as data for programs."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from functools import cache
from pathlib import Path

from attrs import asdict, frozen

from workerlib._version import __version__
from workerlib.changes import FileChange
from workerlib.diagnostic import Diagnostic, Origin, Severity
from workerlib.layout import CURRENT, DiskFiles, FileError, is_configuration
from workerlib.migrate import advice
from workerlib.migrate.advice import Step, layouts
from workerlib.migrate.planning import Plan
from workerlib.migrate.registry import named
from workerlib.report import SHOWN, STYLES, Read, Screen, as_json, github, placed, record, sarif, show
from workerlib.rewrite import Changed, Failed, Options, Skipped, Unchanged

_LABEL = 16  # columns
_PLACES = 4  # of one kind of note are shown
_MOST = 12  # lines of one list


@frozen(eq=False, repr=False)
class Result:
    """What became of one project."""

    path: str
    status: int
    plan: Plan | None = None
    diagnostics: tuple[Diagnostic, ...] = ()
    written: bool = False
    steps: tuple[Step, ...] = ()

    @property
    def prefix(self) -> str:
        """What leads from where the user is to a file of the project."""
        return "" if self.path == "." else f"{Path(self.path).as_posix().rstrip('/')}/"

    @property
    def name(self) -> str:
        """What the project is called in the report."""
        return Path.cwd().name if self.path == "." else self.path

    @property
    def outcome(self) -> str:
        """What became of it, in a word."""
        if self.plan is None:
            names = {one.name for one in self.diagnostics}
            known = {"no-applications": "without configuration", "not-possible": "failed", "internal-error": "failed"}
            return next((known[name] for name in names if name in known), "refused" if names else "unchanged")
        return "migrated" if self.written else "would change" if self.plan else "unchanged"


# ---- for people ---------------------------------------------------------------------------------------------------------------------


def summary(screen: Screen, result: Result, plan: Plan, options: Options, *, brief: bool) -> None:
    """What changes, for which applications and workers, and what is proved."""
    name = (result.name, "bold")
    if not plan:
        current = plan.applications and not advice.old_files(plan)
        screen.line(name, ": nothing to do" + (f", the configuration is that of {CURRENT.title} already" if current else ""))
        return
    if brief:
        screen.line(name, ": ", ("would change", "bold yellow"), f": {_listed(list(plan.files))}")
        return
    screen.line(name, ": ", ("migrated", "bold green") if result.written else ("would change; nothing is written yet", "bold yellow"))
    screen.line()
    for label, text in facts(plan, kept=options.keep_old):
        screen.prose(text, f"  {label:{_LABEL}}")
    screen.line()
    _codemods(screen, plan, "did" if result.written else "does")


KINDS = {"create": "new files", "rewrite": "changed files", "delete": "deleted files"}


def _kind(change: FileChange) -> str:
    return "create" if change.before is None else "delete" if change.after is None else "rewrite"


def facts(plan: Plan, *, kept: bool = False) -> Iterable[tuple[str, str]]:
    """What changes, for whom, and what is proved, each with its label. `kept` if the old files stay."""
    project = plan.project
    apps = project.applications.values()
    if apps:
        yield (
            _counted(len(apps), "application"),
            "; ".join(f"{a.name} with {_counted(len(a.workers), 'worker')} {', '.join(a.workers)}" if a.workers else a.name for a in apps),
        )
    if project.services:
        yield _counted(len(project.services), "service"), ", ".join(project.services)
    if project.routes:
        yield _counted(len(project.routes), "route"), ", ".join(project.routes)
    if moving := layouts(plan.changes):
        yield "layout", f"from {', and '.join(layout.title for layout in moving)}, to {CURRENT.title}"
    moved = {path for move in plan.moves.items() for path in move}
    for kind, label in KINDS.items():
        if paths := [change.path for change in plan.changes if _kind(change) == kind and change.path not in moved]:
            yield label, _listed(paths)
    if plan.moves:
        yield "moved files", _listed([f"{old} > {new}" for old, new in plan.moves.items()])
    if kept and moving:
        yield "kept", "the old files, because of --keep-old; both layouts together stop a deployment"
    workers = sum(len(app.workers) for app in apps)
    instances = f"{_counted(len(apps), 'application')} and {_counted(workers, 'worker')}" if workers else _counted(len(apps), "application")
    if apps:
        gone = f", but for {plan.comments_gone} in what was removed" if plan.comments_gone else ""
        yield "proved", f"{instances} configured as before, except as listed below; no comment lost{gone}; a second run changes nothing"
    if programs := sum(path.endswith(".py") for path in plan.places):
        yield "proved", f"{_counted(programs, 'Python file')} compiled, not changed elsewhere; a second run changes nothing"


def _codemods(screen: Screen, plan: Plan, does: str) -> None:
    """What each codemod `does` or ``did``; those that change what runs apart."""
    changed = edited(plan)
    safe = {name: count for name, count in changed.items() if (rewrite := named(name)) is None or rewrite.safe}
    unsafe = {name: count for name, count in changed.items() if name not in safe}
    width = max(map(len, changed), default=0) + 2
    for title, counts in ((f"What it {does}", safe), (f"What it {does} that changes what runs", unsafe)):
        if counts:
            screen.line((title, "bold" if counts is safe else "bold yellow"))
            for name, count in counts.items():
                screen.prose(did(name, count), f"  {name:{width}}")
            screen.line()
    quiet = [(kind, [o.codemod for o in plan.outcomes if isinstance(o, kind)]) for kind in (Unchanged, Skipped)]
    for kind, names in quiet:
        if names:
            screen.prose(", ".join(names), f"  {'nothing to do:' if kind is Unchanged else 'left out:'} ")
    for outcome in plan.outcomes:
        if isinstance(outcome, Failed):
            screen.prose(outcome.error, f"  {outcome.codemod}: failed: ", style="red")
    if any(names for _, names in quiet):
        screen.line()


def edited(plan: Plan) -> dict[str, int]:
    """The codemods that change something, with the number of the places."""
    changed: dict[str, int] = {}
    for outcome in plan.outcomes:
        if isinstance(outcome, Changed):
            changed[outcome.codemod] = changed.get(outcome.codemod, 0) + outcome.places
    return changed


def did(name: str, count: int) -> str:
    """What a codemod did, in a sentence."""
    rewrite = named(name)
    if rewrite is None:
        return f"Move the text of {_counted(count, 'file')} into {CURRENT.folder}/, re-indented and else as it was; names become keys."
    return f"{rewrite.summary} ({_counted(count, 'place')})"


# ---- diagnostics --------------------------------------------------------------------------------------------------------------------


def notes(screen: Screen, diagnostics: Iterable[Diagnostic], read: Read, prefix: str) -> None:
    """What to know: mistakes and warnings one by one, of other notes those of one kind together."""
    together: dict[tuple[str, str | None], list[Diagnostic]] = {}
    for diagnostic in diagnostics:
        if diagnostic.severity is Severity.INFO:
            together.setdefault((diagnostic.name, diagnostic.help), []).append(diagnostic)
        else:
            show(screen, diagnostic, read, prefix)
            screen.line()
    for (name, todo), found in together.items():
        screen.line((f"info[{found[0].code} {name}]", STYLES[Severity.INFO]), f": {_counted(len(found), 'place')}")
        for one in found[:_PLACES]:
            screen.prose(f"{prefix}{one.origin}: {one.message}" if one.origin else one.message, "  ", "      ")
        if len(found) > _PLACES:
            screen.line(f"  and {len(found) - _PLACES} more")
        if todo:
            screen.prose(todo, "  = help: ")
        screen.line()


def reader(path: str, plan: Plan | None = None) -> Read:
    """Reads the files that diagnostics are about: those of a plan as they would be, others as they are."""
    files = DiskFiles(Path(path))

    @cache
    def read(path: str) -> bytes | None:
        if plan and path in plan.files:
            return plan.files[path]
        try:
            return files.read(path, SHOWN)
        except FileError:
            return None

    return read


def refusal(screen: Screen, result: Result) -> None:
    """Why a project is left as it is."""
    how = {"without configuration": "no configuration here", "refused": "refused, and left as it is"}.get(result.outcome, result.outcome)
    screen.line((result.name, "bold"), ": ", (how, "bold red"))
    screen.line()
    read = reader(result.path)
    for diagnostic in result.diagnostics:
        show(screen, diagnostic, read, result.prefix)
        screen.line()


# ---- what to do next ----------------------------------------------------------------------------------------------------------------


def next_steps(screen: Screen, steps: Iterable[Step]) -> None:
    """What to do next, with commands that can be pasted."""
    screen.line(("What to do next", "bold"))
    for number, step in enumerate(steps, 1):
        screen.prose(step.title, f"{number:3}. ")
        for command in step.commands:
            for line in command.split("\n"):
                screen.line("       ", (line, "green"))
        for note in step.notes[:_MOST]:
            screen.prose(note, "     - ")
        if len(step.notes) > _MOST:
            screen.line(f"     and {len(step.notes) - _MOST} more")
    screen.line()


def total(results: Sequence[Result]) -> str:
    """How many projects came out how."""
    counts: dict[str, int] = {}
    for result in results:
        counts[result.outcome] = counts.get(result.outcome, 0) + 1
    return f"{_counted(len(results), 'project')}: " + ", ".join(f"{number} {outcome}" for outcome, number in counts.items())


# ---- for programs -------------------------------------------------------------------------------------------------------------------


def for_programs(form: str, results: Sequence[Result]) -> str:
    """All results in one of the forms ``json``, ``sarif`` and ``github``, as text. Paths of files lead there from where the user is."""
    found = [placed(one, result.prefix) for result in results for one in (*_changes_to_tell(result), *result.diagnostics)]
    if form == "github":
        return "".join(f"{github(one)}\n" for one in found)
    data = sarif(found, __version__) if form == "sarif" else {"version": __version__, "projects": [_record(result) for result in results]}
    return as_json(data)


def _changes_to_tell(result: Result) -> Iterator[Diagnostic]:
    """What would change, as a warning at each file that there is now: so a check shows in code review."""
    if result.plan is None or result.written:
        return
    for change in result.plan.changes:
        if change.before is not None:
            what = "belongs to an old layout" if change.after is None else "holds what is no longer read, or old spellings"
            command = "run `python -m workerlib.migrate --write`"
            yield Diagnostic("WL500", "not-migrated", Severity.WARNING, what, Origin(change.path), command)


def _record(result: Result) -> dict[str, object]:
    found = result.plan
    out: dict[str, object] = {
        "path": result.path,
        "outcome": result.outcome,
        "status": result.status,
        "diagnostics": [record(placed(one, result.prefix)) for one in result.diagnostics],
    }
    if found is not None:
        out |= {
            "changes": [{"path": change.path, "kind": _kind(change)} for change in found.changes],
            "moves": dict(found.moves),
            "codemods": [{"outcome": type(one).__name__.lower(), **asdict(one)} for one in found.outcomes],
            "applications": {name: list(app.workers) for name, app in found.project.applications.items()},
            "resources": {"command": found.resources.command, "notes": list(found.resources.notes)},
            "next": [asdict(step) for step in result.steps],
            "diff": found.diff(),
        }
    return out


# ---- words --------------------------------------------------------------------------------------------------------------------------


def _counted(number: int, thing: str) -> str:
    return f"{number} {thing}{'' if number == 1 else 's'}"


def _listed(paths: list[str]) -> str:
    """Paths, configuration first, and only the number of those that are too many."""
    shown = sorted(paths, key=lambda path: not is_configuration(path))
    return ", ".join(shown[:_MOST]) + (f" and {len(shown) - _MOST} more" if len(shown) > _MOST else "")
