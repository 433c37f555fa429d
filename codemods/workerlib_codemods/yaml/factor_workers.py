"""Move what all workers of an application repeat to the application, with `--factor`.

A worker takes over each property of its application that it does not set itself. What all workers set alike, such as `mounts` or
`variables`, can stand once, as long as no instance changes: neither a worker, nor the web instance, which takes it over as well. The text
is that of the first worker, with its comments, as the other codemods have made it.

Vendor documentation: Create apps > App reference > Workers, section Inheritance.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from typing import Any

from attrs import evolve

from workerlib.diagnostic import Diagnostic
from workerlib.editing import Editor
from workerlib.editing.gathering import has_comments
from workerlib.editing.surroundings import alias_of
from workerlib.errors import UsageError
from workerlib.keypath import KeyPath
from workerlib.model import ABSENT, Application, Project, Web
from workerlib.properties import PROPERTIES
from workerlib.rewrite import Example, Match, Options, Rewrite, each_application, matches
from workerlib.sizing import KEYS
from workerlib.text import Mapping

NAMES = tuple(row.name for row in PROPERTIES if row.inherited and row.name not in KEYS)


def stated_once(app: Application, name: str) -> Application:
    """The application with a property that leaves all its workers; itself if they do not repeat it, or somebody would have to say more."""
    from workerlib.factoring import factor  # few ask for it

    lean, workers = factor(app), app.workers.values()
    value, stated = getattr(lean, name), getattr(app, name)
    web, lean_web = (getattr(one.web or Web(), name) for one in (app, lean))
    if any(getattr(w, name) in (ABSENT, None) for w in workers) or any(getattr(w, name) is not ABSENT for w in lean.workers.values()):
        return app
    if value is ABSENT or lean_web not in (ABSENT, web) or (stated != value and (stated is not ABSENT or len(workers) == 1)):
        return app
    none: dict[str, Any] = {name: ABSENT}
    changed: dict[str, Any] = {name: value, "workers": {key: evolve(worker, **none) for key, worker in app.workers.items()}}
    return evolve(app, **changed, web=evolve(app.web, **none) if app.web and lean_web is ABSENT else app.web)


def factored(project: Project, paths: list[KeyPath], _options: Options) -> Project:
    """The project as it is to be."""
    for path in paths:
        project = each_application(project, [path], partial(stated_once, name=str(path.parts[-1])))
    return project


rewrite = Rewrite(
    __name__,
    __doc__,
    safe=True,
    code="WL515",
    last=True,
    concerns=lambda _tree, options: options.factor or "factor-workers" in options.only,
    intended=factored,
    example=Example(
        before="""\
applications:
  shop:
    workers:
      mail:
        timezone: Europe/Paris  # as in the office
        commands: {start: ./mail}
      queue:
        timezone: Europe/Paris
        commands: {start: ./queue}
    web: {timezone: UTC}
""",
        after="""\
applications:
  shop:
    timezone: Europe/Paris  # as in the office
    workers:
      mail:
        commands: {start: ./mail}
      queue:
        commands: {start: ./queue}
    web: {timezone: UTC}
""",
        options=Options(factor=True),
    ),
)


@rewrite.yaml(*(f"applications.*.workers.*.{name}" for name in NAMES))
def move(key: Match, edit: Editor) -> Iterator[Diagnostic]:
    name, definitions = str(key.path.parts[-1]), key.tree.definitions
    app, own = key.application, key.see(definitions.applications[key.name].node)
    made = stated_once(app, name) if key.path.parts[3] == next(iter(app.workers), None) else app  # once for all workers
    if made is app or not isinstance(own, Mapping):
        return
    places = (("workers", "*", name), *([("web", name)] if made.web != app.web else []))
    first, *others = (entry for place in places for _, entry, _ in matches(key.tree, KeyPath(("applications", key.name, *place))))
    gone = [first, *others] if name in definitions.entries(own) else others
    index = next((i for i, entry in enumerate(own.entries) if entry.name == "workers"), -1)
    fault = ""
    if index < 0 or any(alias_of(entry) or entry.key.source is not own.source for entry in (first, *others)):
        fault = "it stands in a file of its own, or has to do with an anchor"
    elif any(has_comments(entry.value, beside=True) for entry in gone):
        fault = "there are comments in a copy"
    elif first not in gone:
        try:
            edit.move(first, own, after=own.entries[index - 1] if index else None)
        except UsageError as error:
            fault = str(error)
    if fault:
        yield key.note(f"all workers repeat it, but {fault}", "move it to the application yourself")
        return
    for entry in gone:
        edit.remove(entry)
