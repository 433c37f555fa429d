"""The report of a migration for people: what changes, for whom, what is proved, and what is left to do."""

from __future__ import annotations

from collections.abc import Iterable

from workerlib.diagnostic import Diagnostic, Severity
from workerlib.errors import ConfigurationError
from workerlib.layout import CURRENT, DiskFiles, FileError, is_configuration
from workerlib.migrate.advice import Step, layouts
from workerlib.migrate.planning import Plan
from workerlib.migrate.registry import LIFT, codemods
from workerlib.report import STYLES, Part, Read, Screen, show
from workerlib.rewrite import Changed, Failed, Options, Rewrite, Skipped, Unchanged

_LABEL = 14  # columns
_PLACES = 4  # of one kind of note are shown
_MOST = 12  # lines of one list


def summary(screen: Screen, plan: Plan, name: str, options: Options, *, written: bool) -> None:
    """What changes, for which applications and workers, and what is proved."""
    if not plan:
        screen.line((name, "bold"), ": nothing to do, the configuration is in the current layout" if options == Options() else ": nothing to do")
        return
    screen.line((name, "bold"), ": ", ("migrated", "bold green") if written else ("this would change; nothing is written yet", "bold yellow"))
    screen.line()
    for label, text in _facts(plan, options):
        screen.prose(text, f"  {label:{_LABEL}}")
    screen.line()
    _codemods(screen, plan)


def _facts(plan: Plan, options: Options) -> Iterable[tuple[str, str]]:
    project = plan.project
    apps = project.applications.values()
    yield (
        _counted(len(apps), "application"),
        "; ".join(f"{a.name} with {_counted(len(a.workers), 'worker')} {', '.join(a.workers)}" if a.workers else a.name for a in apps),
    )
    if project.services:
        yield _counted(len(project.services), "service"), ", ".join(project.services)
    if project.routes:
        yield _counted(len(project.routes), "route"), ", ".join(project.routes)
    if moving := layouts(plan.changes):
        yield "layout", f"{' and '.join(layout.title for layout in moving)} becomes {CURRENT.title}"
    new, changed, old = (
        [c.path for c in plan.changes if (c.before is None, c.after is None) == kind] for kind in ((True, False), (False, False), (False, True))
    )
    for label, paths in (("written", new), ("rewritten", changed), ("deleted", old)):
        if paths:
            yield label, _listed(paths)
    if options.keep_old and moving:
        yield "kept", "the old files, because of --keep-old; both layouts together stop a deployment"
    workers = sum(len(app.workers) for app in apps)
    yield (
        "proved",
        f"{_counted(len(apps) + workers, 'instance')} ({_counted(len(apps), 'application')}, {_counted(workers, 'worker')}) "
        "have the same configuration as before, but for what is listed here; no comment is lost; a second run changes nothing",
    )


def _codemods(screen: Screen, plan: Plan) -> None:
    """What each codemod did; those that change what runs apart."""
    known = {rewrite.name: rewrite for rewrite in codemods()}
    changed: dict[str, int] = {}
    for outcome in plan.outcomes:
        if isinstance(outcome, Changed):
            changed[outcome.codemod] = changed.get(outcome.codemod, 0) + outcome.places
    safe = {name: count for name, count in changed.items() if name == LIFT or known[name].safe}
    unsafe = {name: count for name, count in changed.items() if name not in safe}
    width = max(map(len, changed), default=0) + 2
    for title, counts in (("What it does", safe), ("What it does that changes what runs", unsafe)):
        if counts:
            screen.line((title, "bold" if counts is safe else "bold yellow"))
            for name, count in counts.items():
                screen.prose(_did(name, count, known), f"  {name:{width}}")
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


def _did(name: str, count: int, known: dict[str, Rewrite]) -> str:
    if name == LIFT:
        return f"Move the text of {_counted(count, 'old file')} below {CURRENT.folder}/, and change nothing in it but its indentation."
    return f"{known[name].summary} ({_counted(count, 'edit')})"


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
    for (name, advice), found in together.items():
        screen.line((f"note[{found[0].code} {name}]", STYLES[Severity.INFO]), f": {_counted(len(found), 'place')}")
        for one in found[:_PLACES]:
            screen.line(f"  {prefix}{one.origin}: " if one.origin else "  ", one.message)
        if len(found) > _PLACES:
            screen.line(f"  and {len(found) - _PLACES} more")
        if advice:
            screen.prose(advice, "  = help: ")
        screen.line()


def reader(root: DiskFiles, plan: Plan | None = None) -> Read:
    """Reads the files that diagnostics are about: those of a plan as they would be, others as they are."""

    def read(path: str) -> bytes | None:
        if plan and path in plan.files:
            return plan.files[path]
        try:
            return root.read(path)
        except FileError:
            return None

    return read


def refusal(screen: Screen, error: ConfigurationError, name: str, read: Read, prefix: str) -> None:
    """Why a project is left as it is."""
    screen.line((name, "bold"), ": ", ("refused", "bold red"), ", and left as it is")
    screen.line()
    for diagnostic in error.diagnostics:
        show(screen, diagnostic, read, prefix)
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


# ---- words --------------------------------------------------------------------------------------------------------------------------


def _counted(number: int, thing: str) -> str:
    return f"{number} {thing}{'' if number == 1 else 's'}"


def _listed(paths: list[str]) -> str:
    """Paths, configuration first, and only the number of those that are too many."""
    shown = sorted(paths, key=lambda path: not is_configuration(path))
    return ", ".join(shown[:_MOST]) + (f" and {len(shown) - _MOST} more" if len(shown) > _MOST else "")
