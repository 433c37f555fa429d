"""WL3xx: what the parts of a project say of each other. Source: Upsun docs, Relationships, Mounts and Define routes."""
# ruff: noqa: ARG001, D103 - a check takes what all checks take, and its row says what it is for

from __future__ import annotations

from collections import Counter, deque
from collections.abc import Iterator, Mapping
from itertools import count
from typing import TypeAlias

from workerlib import images
from workerlib.checks.rules import ERROR, INFO, WARNING, Findings, Scope, found, rule, written_at
from workerlib.definitions import Definitions
from workerlib.guessing import nearest
from workerlib.model import ABSENT, Mount, Project, Relationship, Route, Service
from workerlib.properties import PROPERTY
from workerlib.resolving import Effective

_RELATIONSHIPS = PROPERTY["relationships"].page
_MOUNTS = PROPERTY["mounts"].page
_ROUTES = "Upsun docs: Define routes"

# ---- relationships ------------------------------------------------------------------------------------------------------------------


def _names(project: Project) -> tuple[str, ...]:
    return (*project.applications, *project.services)


def _is_known(name: str, project: Project) -> bool:
    return name in project.applications or name in project.services


def _meant(name: str, scope: Scope, otherwise: str) -> str:
    """Advice for a name that there is not: nobody reads on to the thousandth, and each may take as long as all names there are."""
    return nearest(name, _names(scope.project), otherwise) if next(scope.guesses) < _MOST_GUESSES else otherwise


_MOST_GUESSES = 100


@rule(
    "WL301",
    "relationship-unknown",
    ERROR,
    Relationship,
    "expected the name of a service or application, found `{name}`",
    "define it, or correct the name",
    page=_RELATIONSHIPS,
)
def relationship_unknown(relationship: Relationship, scope: Scope) -> Findings:
    name = relationship.service
    if scope.whole and isinstance(name, str) and not _is_known(name, scope.project) and name not in scope.workers:
        advice = _meant(name, scope, "define a service of that name, or correct it")
        yield found("service", help=advice, name=name)


@rule(
    "WL302",
    "app-needs-http",
    ERROR,
    Relationship,
    "expected the endpoint `http` of application `{name}`, found {endpoint}",
    "write `endpoint: http`: an application has no other, and it has to be named",
    page=_RELATIONSHIPS,
)
def app_needs_http(relationship: Relationship, scope: Scope) -> Findings:
    name, endpoint = relationship.service, relationship.endpoint
    if isinstance(name, str) and name in scope.project.applications and endpoint != "http" and "endpoint" not in relationship.extra:
        yield found("endpoint", name=name, endpoint=f"`{endpoint}`" if isinstance(endpoint, str) else "none")


@rule(
    "WL303",
    "relationship-to-worker",
    ERROR,
    Relationship,
    "expected the name of a service or application, found the worker `{name}`",
    "a worker takes no connections: let both use a service, such as a message queue",
    page=PROPERTY["workers"].page,
)
def relationship_to_worker(relationship: Relationship, scope: Scope) -> Findings:
    name = relationship.service
    if isinstance(name, str) and not _is_known(name, scope.project) and name in scope.workers:
        yield found("service", name=name)


@rule(
    "WL304",
    "relationship-cycle",
    ERROR,
    Project,
    "circular relationships: {cycle}",
    "delete one of them: no deployment order can satisfy them all",
    page=f"{_RELATIONSHIPS}; Create apps > Multiple apps > Relationships",
)
def relationship_cycle(project: Project, scope: Scope) -> Findings:
    edges = _edges(project, scope)
    reported: set[frozenset[str]] = set()
    steps = count()
    for start in _circular(edges):
        if reported and next(steps) > _MOST_STEPS:
            return  # nobody reads on so far, and each of what is left may take as long as all of it
        cycle = _shortest_cycle(start, edges, steps)
        if cycle and frozenset(cycle) not in reported:
            reported.add(frozenset(cycle))
            yield found(*edges[start][cycle[1]], cycle=" > ".join(f"`{name}`" for name in cycle))


_Edges: TypeAlias = Mapping[str, Mapping[str, tuple[str | int, ...]]]


def _edges(project: Project, scope: Scope) -> _Edges:
    """Who relates to whom, and the path of the first relationship that says so. What a worker relates to, its application does."""
    edges: dict[str, dict[str, tuple[str | int, ...]]] = {}
    seen: set[int] = set()
    for one in scope.instances.values():
        if id(one.relationships) in seen:  # those of the application, once more
            continue
        seen.add(id(one.relationships))
        for name, relationship in one.relationships.items():
            if isinstance(relationship.service, str):
                edges.setdefault(one.application, {}).setdefault(relationship.service, written_at(one, "relationships", name))
    for service in project.services.values():
        for name, relationship in (service.relationships or {}).items():
            if isinstance(relationship.service, str):
                edges.setdefault(service.name, {}).setdefault(relationship.service, ("services", service.name, "relationships", name))
    return edges


def _circular(edges: _Edges) -> list[str]:
    """The nodes from which a way leads back: those of which another is known that comes both before and after them (Kosaraju)."""
    backward: dict[str, list[str]] = {}
    for start, targets in edges.items():
        for target in targets:
            backward.setdefault(target, []).append(start)
    left: list[str] = []  # each behind all that can be reached from it, unless that leads back
    seen: set[str] = set()
    for top in edges:
        pending = [(top, iter(edges[top]))] if top not in seen else []
        seen.add(top)
        while pending:
            node, ahead = pending[-1]
            following = next((one for one in ahead if one not in seen), None)
            if following is None:
                left.append(node)
                pending.pop()
            else:
                seen.add(following)
                pending.append((following, iter(edges.get(following, ()))))
    group: dict[str, str] = {}
    for top in reversed(left):
        waiting = [top] if top not in group else []
        while waiting:
            node = waiting.pop()
            if node not in group:
                group[node] = top
                waiting += backward.get(node, ())
    sizes = Counter(group.values())
    return [node for node in edges if sizes[group[node]] > 1 or node in edges[node]]


def _shortest_cycle(start: str, edges: _Edges, steps: Iterator[int]) -> list[str] | None:
    """The shortest way from a node back to itself, the node first and last."""
    pending = deque([start])
    before: dict[str, str] = {}
    while pending:
        node = pending.popleft()
        next(steps)
        if start in edges.get(node, ()):
            way = [start]
            while node != start:
                way.append(node)
                node = before[node]
            return [start, *reversed(way)]
        for target in edges.get(node, ()):
            if target not in before:
                next(steps)
                before[target] = node
                pending.append(target)
    return None


_MOST_STEPS = 100_000


@rule(
    "WL305",
    "default-endpoint",
    WARNING,
    Relationship,
    "expected an `endpoint`, since `{kind}` has no default one",
    "write `endpoint`{choice}",
    page=_RELATIONSHIPS,
)
def default_endpoint(relationship: Relationship, scope: Scope) -> Findings:
    service = scope.project.services.get(str(relationship.service))
    if service is None or relationship.endpoint is not ABSENT or "endpoint" in relationship.extra or _has_endpoints(service):
        return
    kind = str(service.type).partition(":")[0]
    image = images.image(kind)
    if image is not None and image.kind == "service" and image.default_endpoint is None:
        choice = f": {' or '.join(f'`{name}`' for name in image.endpoints)}" if image.endpoints else ""
        storage = "delete it: files of a `network-storage` are reached through a mount" if kind == "network-storage" else None
        yield found(kind=kind, choice=choice, help=storage)


def _has_endpoints(service: Service) -> bool:
    return bool(service.configuration) and "endpoints" in (service.configuration or {})


# ---- mounts -------------------------------------------------------------------------------------------------------------------------


@rule(
    "WL306",
    "mount-service",
    ERROR,
    Mount,
    "`service`: expected a service of type `network-storage`, found {found}",
    "define it, or correct the name",
    page=_MOUNTS,
)
def mount_service(mount: Mount, scope: Scope) -> Findings:
    name = mount.service
    if mount.source not in ("service", "storage") or "service" in mount.extra or (mount.source == "storage" and not name):
        return
    if name and not scope.whole and not _is_known(name, scope.project):
        return
    service = scope.project.services.get(str(name))
    is_storage = service is not None and str(service.type).startswith("network-storage:")
    if mount.source == "service" and not is_storage:
        shown = f"`{name}`" if name else "nothing"
        yield found("service", found=f"{shown} of type `{service.type}`" if service is not None and service.type else shown)
    elif mount.source == "storage" and name not in scope.project.applications:
        message = "`service`: expected an application, whose storage is shared, found `{name}`"
        severity, advice = (WARNING, "write `source: service`") if is_storage else (ERROR, "correct the name")
        yield found("service", message=message, severity=severity, help=advice, name=name)


@rule(
    "WL307",
    "mount-overlap",
    ERROR,
    Effective,
    "mounts `{outer}` and `{inner}` overlap",
    "mount folders side by side, none inside another",
    page=f"{_MOUNTS} > Overlapping mounts",
)
def mount_overlap(one: Effective, scope: Scope) -> Findings:
    outer: tuple[list[str], str] | None = None
    for parts, name in sorted((_segments(name), name) for name in one.mounts if not name.startswith(".")):
        if outer is not None and parts[: len(outer[0])] == outer[0]:
            yield found("mounts", name, outer=outer[1], inner=name)
        else:
            outer = parts, name


def _segments(path: str) -> list[str]:
    return [part for part in path.strip().split("/") if part not in ("", ".")]


@rule(
    "WL308",
    "mount-disk",
    ERROR,
    Effective,
    "expected `disk`, since `{mount}` is a local mount, found none",
    "write `disk` in MB, at least 128",
    page=PROPERTY["disk"].page,
)
def mount_disk(one: Effective, scope: Scope) -> Findings:
    if scope.current:
        return
    if one.disk is not None and one.disk < _LEAST_DISK:
        message = "`disk`: expected at least {least} MB, found `{disk}`"
        yield found("disk", message=message, help="write a larger one", least=_LEAST_DISK, disk=one.disk)
    local = next((name for name, mount in one.mounts.items() if mount.source == "instance"), None)
    if one.disk is None and local is not None and "disk" not in one.definition.extra and "disk" not in one.extra:
        yield found("mounts", local, mount=local)


_LEAST_DISK = 128  # MB


@rule(
    "WL309",
    "mount-hides-files",
    INFO,
    Definitions,
    "`{mount}` hides the files that are in `{folder}` of the repository, while the application runs",
    "nothing is wrong if they are not committed, or not needed then; else keep them elsewhere and copy them in the deploy hook",
    page="Upsun docs: Create apps > Troubleshoot mounts",
)
def mount_hides_files(definitions: Definitions, scope: Scope) -> Findings:
    files = definitions.files
    if files is None:
        return
    hidden: dict[str, bool] = {}
    for one in scope.instances.values():
        for mount in one.mounts:
            folder = "/".join((*_segments(one.source.root), *_segments(mount)))
            if folder not in hidden:
                hidden[folder] = ".." not in folder and any(not path.rpartition("/")[2].startswith(".") for path in files.walk(folder))
            if hidden[folder]:
                yield found(*written_at(one, "mounts", mount), mount=mount, folder=folder)


# ---- routes -------------------------------------------------------------------------------------------------------------------------


@rule(
    "WL310",
    "route-upstream",
    ERROR,
    Route,
    "`upstream`: expected the name of an application or service and an endpoint (`{example}:http`), found {found}",
    "correct it",
    page=_ROUTES,
)
def route_upstream(route: Route, scope: Scope) -> Findings:
    if route.type == "upstream" and not route.upstream and "upstream" not in route.extra:
        yield found("upstream", help="write where requests go", example=_example(scope), found="nothing")
    if not isinstance(route.upstream, str):
        return
    name, colon, endpoint = route.upstream.partition(":")
    if not (name and colon and endpoint) or ":" in endpoint:
        yield found("upstream", example=_example(scope), found=f"`{route.upstream}`")
    elif scope.whole and not _is_known(name, scope.project) and name not in scope.workers:
        advice = _meant(name, scope, "define an application of that name, or correct it")
        yield found("upstream", help=advice, example=_example(scope), found=f"`{name}`, which there is not")


def _example(scope: Scope) -> str:
    return next(iter(scope.project.applications), "app")


@rule(
    "WL311",
    "route-to-worker",
    ERROR,
    Route,
    "`upstream`: expected an application or service, found the worker `{name}`",
    "a worker takes no requests: name the application",
    page=PROPERTY["workers"].page,
)
def route_to_worker(route: Route, scope: Scope) -> Findings:
    name = str(route.upstream or "").partition(":")[0]
    if name and not _is_known(name, scope.project) and name in scope.workers:
        yield found("upstream", name=name)


@rule(
    "WL312",
    "route-type",
    ERROR,
    Route,
    "`type`: expected `upstream`, `redirect` or `proxy`, found {found}",
    "write what the route does",
    page=_ROUTES,
)
def route_type(route: Route, scope: Scope) -> Findings:
    if isinstance(route.type, str):
        if route.type not in ("upstream", "redirect", "proxy"):
            yield found("type", found=f"`{route.type}`")
        elif route.type != "upstream" and not route.to and "to" not in route.extra:
            yield found("to", message="expected `to`, found nothing", help="write where requests are sent")
    elif "type" not in route.extra:
        yield found("type", severity=WARNING, found="nothing")


@rule(
    "WL313",
    "no-routes",
    WARNING,
    Project,
    "expected `routes`, since there are several applications, found none",
    "write a route for each application that visitors are to reach",
    page=_ROUTES,
)
def no_routes(project: Project, scope: Scope) -> Findings:
    if scope.whole and len(project.applications) > 1 and not project.routes:
        yield found("routes")
