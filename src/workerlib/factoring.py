"""Says once, for the application, what its instances repeat; and the other way round, says for each instance what it has.

Neither changes what an instance has: :func:`~workerlib.resolving.effective` gives the same before and after.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Hashable, Iterable, Mapping
from typing import TypeAlias, TypeVar, cast

from attrs import evolve

from workerlib.errors import expect
from workerlib.model import ABSENT, Application, Part, Web, mark, nowhere
from workerlib.properties import PROPERTIES
from workerlib.resolving import Reason, effective

P = TypeVar("P", bound=Part)
# What each instance has of one property, by worker, None for the web instance; ABSENT where the default holds.
Instances: TypeAlias = Mapping[str | None, object]
Split: TypeAlias = tuple[object, Instances]  # what the application states, and what instances state

_NAMES = tuple(row.name for row in PROPERTIES if row.inherited)


def factor(app: Application) -> Application:
    """The smallest equal definition: what most instances have is the application's, the others state their own.

    A property that holds a value of an unexpected kind somewhere stays as it is, and so does an application with a malformed instance.
    """
    return _rewritten(app, _smallest)


def expand(app: Application) -> Application:
    """The equal definition in which each instance states all that it has, and none inherits anything. Exceptions as for :func:`factor`."""
    return _rewritten(app, _separate)


def _rewritten(app: Application, split: Callable[[Instances, object], Split]) -> Application:
    expect("app", app, Application)
    web = app.web or Web()
    parts: tuple[Part, ...] = (app, web, *app.workers.values())
    if any(part.malformed is not ABSENT for part in parts):
        return app
    found = {worker: effective(app, worker) for worker in (None, *app.workers)}
    shared: dict[str, object] = {}
    own: dict[str | None, dict[str, object]] = {worker: {} for worker in found}
    for name in _NAMES:
        if any(name in part.extra for part in parts):
            continue
        values = {worker: ABSENT if one.reasons[name] is Reason.DEFAULT else getattr(one, name) for worker, one in found.items()}
        shared[name], stated = split(values, _DEFAULTS[name])
        for worker, given in own.items():
            given[name] = stated.get(worker, ABSENT)
    web = _with(web, own[None])
    workers = {name: _with(worker, own[name]) for name, worker in app.workers.items()}
    return _with(app, {**shared, "web": ABSENT if web == Web() else web, "workers": workers, "origin": nowhere})


def _separate(values: Instances, default: object) -> Split:
    """Nothing for the application; for each instance what it has, unless that is the default."""
    return ABSENT, {worker: value for worker, value in values.items() if value is not ABSENT and value != default}


def _smallest(values: Instances, default: object) -> Split:
    """Of all values that the application could state, the one that leaves the fewest statements; of several the first that is stated."""
    has = {worker: default if value is ABSENT else value for worker, value in values.items()}
    groups = _alike((*has.values(), default))  # the default for the application, which need not state that one either
    if any(value is None for value in has.values()):
        groups = [group for group in groups if group[0] is None]  # null sets nothing: who has nothing must not inherit anything
    inherited, _ = min(groups, key=lambda group: (-group[1], group[0] == default))
    stated = {worker: value for worker, value in has.items() if value != inherited}
    return ABSENT if inherited == default else inherited, stated


def _alike(values: Iterable[object]) -> list[tuple[object, int]]:
    """The different ones among some values, in order, and how often each is there."""
    groups: list[object] = []
    counts = Counter[int]()
    marked: dict[Hashable, list[int]] = {}
    for value in values:
        same = marked.setdefault(mark(value), [])
        at = next((number for number in same if groups[number] == value), len(groups))
        if at == len(groups):
            groups.append(value)
            same.append(at)
        counts[at] += 1
    return [(value, counts[at]) for at, value in enumerate(groups)]


def _with(part: P, values: Mapping[str, object]) -> P:
    return cast("Callable[..., P]", evolve)(part, **values)


_DEFAULTS = {name: getattr(effective(Application(name="")), name) for name in _NAMES}
