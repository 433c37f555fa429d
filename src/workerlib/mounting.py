"""How a project looks with mounts of another kind."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TypeVar

from attrs import evolve

from workerlib.keypath import KeyPath
from workerlib.model import Instance, Project

_I = TypeVar("_I", bound=Instance)


def with_mount_source(project: Project, paths: Iterable[KeyPath], source: str) -> Project:
    """The project with another source for the mounts at `paths` (``applications.shop.workers.mail.mounts.tmp``)."""
    applications = dict(project.applications)
    for path in paths:
        _, name, *inside, _, mount = (str(part) for part in path)
        app = applications[name]
        if not inside:
            app = _with_source(app, mount, source)
        elif inside == ["web"] and isinstance(app.web, Instance):
            app = evolve(app, web=_with_source(app.web, mount, source))
        elif inside[0] == "workers" and app.workers:
            app = evolve(app, workers={**app.workers, inside[1]: _with_source(app.workers[inside[1]], mount, source)})
        applications[name] = app
    return evolve(project, applications=applications)


def _with_source(instance: _I, mount: str, source: str) -> _I:
    if not instance.mounts or mount not in instance.mounts:
        return instance
    return evolve(instance, mounts={**instance.mounts, mount: evolve(instance.mounts[mount], source=source)})
