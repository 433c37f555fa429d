"""The model without CPU, memory and disk: what migrating means it to be."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TypeVar

from attrs import evolve

from workerlib.model import ABSENT, Application, Part, Project, Service, Web, Worker

KEYS = ("size", "disk", "resources")
_P = TypeVar("_P", Application, Web, Worker, Service)


def without_resources(project: Project) -> Project:
    """The project without `size`, `disk` and `resources` of applications, web instances, workers and services.

    What bears these names anywhere else is data, and stays. Parts in which nothing changes are the same objects.
    """
    applications = {name: _application(app) for name, app in project.applications.items()}
    services = {name: _without(service) for name, service in project.services.items()}
    if _same(applications, project.applications) and _same(services, project.services):
        return project
    return evolve(project, applications=applications, services=services)


def _application(app: Application) -> Application:
    web = _without(app.web) if isinstance(app.web, Web) else app.web
    workers = {name: _without(worker) for name, worker in app.workers.items()}
    if web is not app.web or not _same(workers, app.workers):
        app = evolve(app, web=web, workers=workers)
    return _without(app)


def _without(part: _P) -> _P:
    if not any(getattr(part, key) is not ABSENT or key in part.extra for key in KEYS):
        return part
    extra = {key: value for key, value in part.extra.items() if key not in KEYS}
    return evolve(part, size=ABSENT, disk=ABSENT, resources=ABSENT, extra=extra)


def _same(new: Mapping[str, Part], old: Mapping[str, Part]) -> bool:
    return all(new[name] is old[name] for name in old)
