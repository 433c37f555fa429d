"""How the parts of a project hang together, as a picture: routes, applications with their workers and mounts, services.

What is drawn is what the configuration says; a worker has lines of its own only where it has relationships of its own. Lines lead from
who asks to who answers. No program is needed: the SVG is laid out here, in columns.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from urllib.parse import urlsplit

from attrs import field, frozen

from workerlib._html import Markup, page, tag
from workerlib.characters import cells, visible
from workerlib.model import Project
from workerlib.resolving import Effective, Reason, resolve
from workerlib.upward import Displayed

ROUTE, APPLICATION, WORKER, SERVICE = "route", "application", "worker", "service"


@frozen
class Part:
    """One thing in the picture: `kind` is route, application, worker or service, `key` tells it from all others.

    `note` is what it is, such as its image, and `mounts` the folders that it may write to, each with where its files are kept.
    A worker is `within` its application.
    """

    key: str
    kind: str
    name: str
    note: str = ""
    mounts: tuple[tuple[str, str], ...] = ()
    within: str | None = None


@frozen
class Line:
    """A connection from the part with the key `start` to that with the key `end`, and what it is."""

    start: str
    end: str
    note: str


@frozen
class Topology(Displayed):
    """The parts of a project and the lines between them; `svg` and `mermaid` show them."""

    parts: tuple[Part, ...] = ()
    lines: tuple[Line, ...] = field(default=())

    @property
    def svg(self) -> str:
        """The picture as an SVG element that takes its colours from the page it stands in."""
        return _svg(self)

    @property
    def mermaid(self) -> str:
        """The picture as text in the language of Mermaid."""
        return _mermaid(self)

    def _repr_html_(self) -> str:
        return page(tag("div", Markup(self.svg), class_="wl-wide"))

    def _repr_mimebundle_(self, include: object = None, exclude: object = None) -> dict[str, str]:
        return {"text/plain": self.mermaid, "text/html": self._repr_html_()}


def topology(project: Project) -> Topology:
    """What a project is made of, and what is connected to what."""
    instances = resolve(project)
    parts = [Part(f"route {url}", ROUTE, url, route.type or "") for url, route in project.routes.items()]
    parts += [_instance(one) for one in instances.values()]
    parts += [Part(f"service {name}", SERVICE, name, service.type or "") for name, service in project.services.items()]
    known = {part.key for part in parts}
    lines = dict.fromkeys(line for line in _lines(project, instances) if line.start in known and line.end in known)
    return Topology(tuple(parts), tuple(lines))


def _instance(one: Effective) -> Part:
    key = f"instance {one.name}"
    mounts = tuple((path, mount.service or mount.source or "") for path, mount in one.mounts.items())
    if one.worker is None:
        return Part(key, APPLICATION, one.application, one.type or one.image, mounts)
    own = mounts if one.reasons["mounts"] is Reason.OWN else ()
    return Part(key, WORKER, one.worker, one.commands.start or "", own, within=f"instance {one.application}")


def _lines(project: Project, instances: Mapping[str, Effective]) -> Iterator[Line]:
    def key(name: str) -> str:
        return f"instance {name}" if name in project.applications else f"service {name}"

    hosts: dict[str, str] = {}
    for url in project.routes:
        hosts.setdefault(_host(url), url)
    for url, route in project.routes.items():
        if route.upstream:
            yield Line(f"route {url}", key(route.upstream.partition(":")[0]), f"{url} is answered by {route.upstream}")
        elif target := hosts.get(_host(route.to)) if route.to else None:
            yield Line(f"route {url}", f"route {target}", f"{url} redirects to {route.to}")
    for one in instances.values():
        if one.worker is None or one.reasons["relationships"] is Reason.OWN:
            for name, relationship in one.relationships.items():
                endpoint = f":{relationship.endpoint}" if relationship.endpoint else ""
                target = relationship.service or name
                yield Line(f"instance {one.name}", key(target), f"{one.name}: {name} is {target}{endpoint}")
        if one.worker is None or one.reasons["mounts"] is Reason.OWN:
            for path, mount in one.mounts.items():
                if mount.service:
                    yield Line(f"instance {one.name}", key(mount.service), f"{one.name}: {path} is kept by {mount.service}")
    for name, service in project.services.items():
        for alias, relationship in (service.relationships or {}).items():
            target = relationship.service or alias
            yield Line(f"service {name}", key(target), f"{name}: {alias} is {target}")


def _host(url: str) -> str:
    try:
        return urlsplit(url.replace("{", "").replace("}", "")).netloc
    except ValueError:  # brackets that hold no address
        return url


# ---- SVG ----------------------------------------------------------------------------------------------------------------------------

_GAP, _BETWEEN, _PAD, _ROW = 74, 14, 10, 17  # pixels: between columns, between boxes, within one, of a line of text
_LETTERS = {"name": 7.6, "note": 6.3, "mount": 6.3}  # pixels of a letter, on average; there is nothing here to measure text with
_LONGEST = 34  # letters
_MOST = 6  # mounts that are shown of one part
_COLOURS = {ROUTE: "#8b5cf6", APPLICATION: "#2f81f7", WORKER: "#2f81f7", SERVICE: "#2da44e"}


@frozen
class _Box:
    part: Part
    x: float
    y: float
    width: float
    height: float


def _columns(found: Topology) -> list[list[Part]]:
    """Routes, services that stand before applications, applications, other services; those that are empty left out."""
    by_key = {part.key: part for part in found.parts}
    front = {line.start for line in found.lines if by_key[line.start].kind == SERVICE and by_key[line.end].kind == APPLICATION}
    columns: list[list[Part]] = [[], [], [], []]
    for part in found.parts:
        if part.kind != WORKER:
            columns[{ROUTE: 0, APPLICATION: 2}.get(part.kind, 1 if part.key in front else 3)].append(part)
    return [_untangled(column, found) if at != 2 else column for at, column in enumerate(columns) if column]


def _untangled(column: list[Part], found: Topology) -> list[Part]:
    """Parts in the order of what they are connected to, so that fewer lines cross."""
    order = {part.key: at for at, part in enumerate(found.parts)}
    near: dict[str, list[int]] = {part.key: [] for part in column}
    for line in found.lines:
        for one, other in dict.fromkeys(((line.start, line.end), (line.end, line.start))):
            if one in near:
                near[one].append(order[other])
    return sorted(column, key=lambda part: sum(near[part.key]) / len(near[part.key]) if near[part.key] else order[part.key])


def _texts(part: Part) -> list[tuple[str, str]]:
    """The lines of text in a box, each with how it looks."""
    shown = [(_short(part.name), "name"), *([(_short(part.note), "note")] if part.note else [])]
    for path, source in part.mounts[:_MOST]:
        shown.append((_short(f"\N{BLACK RIGHT-POINTING SMALL TRIANGLE} {path}" + (f" \N{MIDDLE DOT} {source}" if source else "")), "mount"))
    if len(part.mounts) > _MOST:
        shown.append((f"and {len(part.mounts) - _MOST} mounts more", "mount"))
    return shown


def _short(text: str) -> str:
    text = visible(" ".join(text.split()))
    return text if len(text) <= _LONGEST else f"{text[: _LONGEST - 1]}\N{HORIZONTAL ELLIPSIS}"


def _size(part: Part, workers: Sequence[Part]) -> tuple[float, float]:
    texts = _texts(part)
    width = max(cells(text) * _LETTERS[look] for text, look in texts) + 2 * _PAD
    height = len(texts) * _ROW + 1.4 * _PAD
    for worker in workers:
        inner = _size(worker, ())
        width, height = max(width, inner[0] + 2 * _PAD), height + inner[1] + _PAD * 0.7
    return width, height + (0.4 * _PAD if workers else 0)


def _boxes(found: Topology) -> list[_Box]:
    """Where everything stands."""
    workers: dict[str, list[Part]] = {}
    for part in found.parts:
        if part.within:
            workers.setdefault(part.within, []).append(part)
    columns = [[(part, _size(part, workers.get(part.key, ()))) for part in column] for column in _columns(found)]
    tall = max((sum(height + _BETWEEN for _, (_, height) in column) for column in columns), default=0)
    boxes: list[_Box] = []
    x = 26.0
    for column in columns:
        width = max(size[0] for _, size in column)
        y = 4 + (tall - sum(height + _BETWEEN for _, (_, height) in column)) / 2
        for part, (_, height) in column:
            boxes.append(_Box(part, x, y, width, height))
            inner = y + len(_texts(part)) * _ROW + 1.2 * _PAD
            for worker in workers.get(part.key, ()):
                own = _size(worker, ())[1]
                boxes.append(_Box(worker, x + _PAD, inner, width - 2 * _PAD, own))
                inner += own + _PAD * 0.7
            y += height + _BETWEEN
        x += width + _GAP
    return boxes


def _svg(found: Topology) -> Markup:
    boxes = {box.part.key: box for box in _boxes(found)}
    if not boxes:
        return tag("p", "nothing is defined")
    width = max(box.x + box.width for box in boxes.values()) + 26
    height = max(box.y + box.height for box in boxes.values()) + 6
    arrows = [_arrow(line, boxes[line.start], boxes[line.end]) for line in found.lines]
    names = ", ".join(f"{part.kind} {part.name}" for part in found.parts)
    return tag(
        "svg",
        *(_drawn(box) for box in boxes.values()),
        *arrows,
        xmlns="http://www.w3.org/2000/svg",
        viewBox=f"0 0 {width:.0f} {height:.0f}",
        width=f"{width:.0f}",
        height=f"{height:.0f}",
        style=f"min-width:{0.7 * width:.0f}px",  # on a phone it scrolls rather than shrinks
        role="img",
        aria_label=f"Topology: {names}",
        font_family="system-ui,sans-serif",
        font_size="12",
        fill="currentColor",
    )


def _drawn(box: _Box) -> Markup:
    colour = _COLOURS[box.part.kind]
    texts = [
        tag(
            "text",
            text,
            x=f"{box.x + _PAD:.0f}",
            y=f"{box.y + _PAD / 2 + (at + 0.8) * _ROW:.0f}",
            font_weight="600" if look == "name" else None,
            opacity=None if look == "name" else "0.75",
            font_size=None if look == "name" else "11",
        )
        for at, (text, look) in enumerate(_texts(box.part))
    ]
    frame = tag(
        "rect",
        x=f"{box.x:.1f}",
        y=f"{box.y:.1f}",
        width=f"{box.width:.1f}",
        height=f"{box.height:.1f}",
        rx="6" if box.part.kind != ROUTE else "12",
        fill=colour,
        fill_opacity="0.1",
        stroke=colour,
        stroke_opacity="0.8",
        stroke_dasharray="4 3" if box.part.kind == WORKER else None,
    )
    part = box.part
    mounts = "".join(f"\n{path}: {source}" for path, source in part.mounts)
    return tag("g", tag("title", f"{part.kind} {part.name}\n{part.note}{mounts}"), frame, *texts)


def _arrow(line: Line, start: _Box, end: _Box) -> Markup:
    """A curve that leaves to the right and arrives from the left; around one side where both stand in one column."""
    y, v = (box.y + _PAD / 2 + 0.55 * _ROW for box in (start, end))
    forward = end.x > start.x + start.width
    leaves = 1 if forward or start.part.kind != ROUTE else -1  # to the right, or to the left
    arrives = 1 if forward or start.part.kind == ROUTE else -1
    x = start.x + start.width if leaves > 0 else start.x
    u = end.x if arrives > 0 else end.x + end.width
    bend = max((u - x) / 2, 30) if forward else 24 if leaves < 0 else 40
    curve = f"M{x:.0f} {y:.0f}C{x + leaves * bend:.0f} {y:.0f} {u - arrives * bend:.0f} {v:.0f} {u - arrives * 6:.0f} {v:.0f}"
    tip = f"M{u - arrives * 7:.0f} {v - 4:.0f}l{arrives * 7} 4l{-arrives * 7} 4z"
    colour = _COLOURS[start.part.kind]
    return tag(
        "g",
        tag("title", line.note),
        tag("path", d=curve, fill="none", stroke=colour, stroke_width="1.4", stroke_opacity="0.75"),
        tag("path", d=tip, fill=colour),
    )


# ---- Mermaid ------------------------------------------------------------------------------------------------------------------------

_SHAPES = {ROUTE: '(["{}"])', APPLICATION: '["{}"]', WORKER: '["{}"]', SERVICE: '[("{}")]'}


def _mermaid(found: Topology) -> str:
    ids = {part.key: f"{part.kind[0]}{at}" for at, part in enumerate(found.parts)}
    out = ["flowchart LR"]
    workers: dict[str | None, list[Part]] = {}
    for part in found.parts:
        workers.setdefault(part.within, []).append(part)
    for part in found.parts:
        if part.kind == APPLICATION:
            inner = workers.get(part.key, [])
            out.append(f'  subgraph {ids[part.key]}_all["{_quoted(part.name)}"]')
            out += [f"    {line}" for one in (part, *inner) for line in _node(one, ids[one.key])]
            out.append("  end")
        elif part.kind != WORKER:
            out += [f"  {line}" for line in _node(part, ids[part.key])]
    out += [f"  {ids[line.start]} --> {ids[line.end]}" for line in found.lines]
    return "\n".join(out) + "\n"


def _node(part: Part, name: str) -> Iterable[str]:
    label = _quoted(part.name) + (f"<br>{_quoted(part.note)}" if part.note else "")
    yield name + _SHAPES[part.kind].format(label)
    for at, (path, source) in enumerate(part.mounts):
        yield f'{name}_m{at}[/"{_quoted(path)}<br>{_quoted(source)}"/]'
        yield f"{name} -.- {name}_m{at}"


def _quoted(text: str) -> str:
    """A text that means nothing to Mermaid, nor to the page that it is shown in."""
    return re.sub(r'["#&<>;`\\{}\[\]]', lambda found: f"#{ord(found[0])};", visible(" ".join(text.split())))
