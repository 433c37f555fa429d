"""Call the variable `TEA_API` by its new name, `LEAF_API`.

The client library reads only the new name from its third version on. Where both are set the old one is left alone, and said.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TypeVar

from attrs import evolve

from workerlib.diagnostic import Diagnostic, Severity
from workerlib.editing import Editor
from workerlib.keypath import KeyPath
from workerlib.model import Application, Instance, Project
from workerlib.rewrite import Example, Match, Options, Rewrite, each_application, instances

T = TypeVar("T", bound=Instance)
OLD, NEW = "TEA_API", "LEAF_API"


def renamed(project: Project, paths: list[KeyPath], options: Options) -> Project:
    """The project as it is to be: the migration proves that this, and nothing else, has changed."""

    def change(app: Application) -> Application:
        workers = {name: _with_new_name(worker) for name, worker in app.workers.items()}
        return evolve(_with_new_name(app), workers=workers, web=_with_new_name(app.web) if app.web else app.web)

    return each_application(project, paths, change)


def _with_new_name(part: T) -> T:
    env = part.variables.get("env", {}) if part.variables else {}
    if OLD not in env or NEW in env:
        return part
    new = {NEW if name == OLD else name: value for name, value in env.items()}
    return evolve(part, variables={**(part.variables or {}), "env": new})


rewrite = Rewrite(
    __name__,
    __doc__,
    safe=False,
    code="LK001",
    intended=renamed,
    example=Example(
        before="applications: {shop: {type: 'php:8.4', variables: {env: {TEA_API: 'https://tea.example.org'}}}}\n",
        after="applications: {shop: {type: 'php:8.4', variables: {env: {LEAF_API: 'https://tea.example.org'}}}}\n",
    ),
)


@rewrite.yaml(*instances("variables.env.TEA_API"))
def rename(variable: Match, edit: Editor) -> Iterator[Diagnostic]:
    if variable.entry.mapping.get(NEW):
        yield variable.note(f"`{NEW}` is set as well", f"delete `{OLD}`", severity=Severity.WARNING)
    else:
        edit.rename(variable.entry, NEW)
