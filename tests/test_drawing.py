"""The picture of a project: what is in it, what leads where, and that it is well-formed whatever names there are."""

from __future__ import annotations

from xml.etree import ElementTree as ET

import pytest
from tests.support import steps

from workerlib import Project, loads, topology
from workerlib.drawing import Line, Part, Topology

SHOP = """\
applications:
  shop:
    type: 'php:8.4'
    relationships: {database: {service: db, endpoint: mysql}}
    mounts: {media: {source: storage}, shared: {source: service, service: files}}
    workers:
      queue: {commands: {start: ./q}}
      mail: {commands: {start: ./m}, relationships: {api: null}, mounts: {}}
  api: {type: 'python:3.13', source: {root: api}}
services:
  db: {type: 'mariadb:11.8'}
  files: {type: 'network-storage:1.0'}
  varnish: {type: 'varnish:9.0', relationships: {app: 'shop:http'}}
routes:
  https://{default}/: {type: upstream, upstream: 'varnish:http'}
  https://www.{default}/: {type: redirect, to: 'https://{default}/'}
"""


def lines(found: Topology) -> list[str]:
    return [f"{line.start} > {line.end}" for line in found.lines]


# ---- what is in it ------------------------------------------------------------------------------------------------------------------


def test_parts_say_what_they_are_and_a_worker_names_only_mounts_of_its_own() -> None:
    assert topology(loads(SHOP)).parts == (
        Part("route https://{default}/", "route", "https://{default}/", "upstream"),
        Part("route https://www.{default}/", "route", "https://www.{default}/", "redirect"),
        Part("instance shop", "application", "shop", "php:8.4", (("media", "storage"), ("shared", "files"))),
        Part("instance shop--queue", "worker", "queue", "./q", (), "instance shop"),
        Part("instance shop--mail", "worker", "mail", "./m", (), "instance shop"),
        Part("instance api", "application", "api", "python:3.13"),
        Part("service db", "service", "db", "mariadb:11.8"),
        Part("service files", "service", "files", "network-storage:1.0"),
        Part("service varnish", "service", "varnish", "varnish:9.0"),
    )


def test_lines_lead_from_who_asks_to_who_answers() -> None:
    assert lines(topology(loads(SHOP))) == [
        "route https://{default}/ > service varnish",
        "route https://www.{default}/ > route https://{default}/",
        "instance shop > service db",
        "instance shop > service files",
        "instance shop--mail > instance api",
        "service varnish > instance shop",
    ]


def test_a_line_to_what_there_is_not_is_left_out() -> None:
    found = topology(
        loads("applications: {a: {type: 'php:8.4', relationships: {db: null}}}\nroutes: {x: {type: upstream, upstream: 'b:http'}}")
    )
    assert found.lines == ()


def test_an_address_that_is_none_is_drawn() -> None:
    found = topology(loads("applications: {a: {type: 'php:8.4'}}\nroutes: {'https://a/': {type: redirect, to: 'https://[x'}}"))
    assert ([part.name for part in found.parts], found.lines) == (["https://a/", "a"], ())


def test_drawing_takes_a_time_in_proportion_to_what_is_drawn() -> None:
    def drawn(size: int) -> int:
        routes = "".join(f"  https://{n}.example/: {{type: redirect, to: https://{n}.example.org/}}\n" for n in range(size))
        services = "".join(f"  s{n}: {{type: 'redis:7.2'}}\n" for n in range(size))
        related = ", ".join(f"s{n}: null" for n in range(size))
        apps = "".join(f"  a{n}: {{type: 'php:8.4'}}\n" for n in range(size))
        project = loads(
            f"applications:\n  a: {{type: 'php:8.4', relationships: {{{related}}}}}\n{apps}services:\n{services}routes:\n{routes}"
        )
        return steps(lambda: (topology(project).svg, topology(project).mermaid))

    assert drawn(200) < 5 * drawn(50)


def test_a_line_says_what_it_is() -> None:
    assert topology(loads(SHOP)).lines[2] == Line("instance shop", "service db", "shop: database is db:mysql")


# ---- as SVG -------------------------------------------------------------------------------------------------------------------------

HOSTILE = (
    "applications: {'<script>\"&\\u202e': {type: 'php:8.4', mounts: {'</svg>': {source: tmp}}, "
    "workers: {'a]b': {commands: {start: \"x\\ny\"}}}}}"
)


def texts(svg: str) -> list[str]:
    return [str(one.text) for one in ET.fromstring(svg).iter("{http://www.w3.org/2000/svg}text")]  # noqa: S314 - our own text


def test_the_svg_names_every_part() -> None:
    shown = texts(topology(loads(SHOP)).svg)
    assert [name for name in ("shop", "queue", "mail", "api", "db", "files", "varnish", "https://{default}/") if name not in shown] == []


def test_hostile_names_are_text() -> None:
    svg = topology(loads(HOSTILE)).svg
    assert texts(svg) == ['<script>"&\\u202e', "php:8.4", "\N{BLACK RIGHT-POINTING SMALL TRIANGLE} </svg> \N{MIDDLE DOT} tmp", "a]b", "x y"]
    assert "<script" not in svg


def boxes(svg: str) -> list[tuple[float, ...]]:
    rects = ET.fromstring(svg).iter("{http://www.w3.org/2000/svg}rect")  # noqa: S314 - our own text
    return [tuple(float(one.attrib[key]) for key in ("x", "y", "width", "height")) for one in rects]


def test_no_two_boxes_overlap_but_a_worker_in_its_application() -> None:
    found = boxes(topology(loads(SHOP)).svg)
    assert len(found) == 9
    crossing = []
    for at, (x, y, w, h) in enumerate(found):
        for u, v, s, t in found[at + 1 :]:
            apart = x + w <= u or u + s <= x or y + h <= v or v + t <= y
            inside = x < u and y < v and u + s < x + w and v + t < y + h
            if not (apart or inside):
                crossing.append(((x, y), (u, v)))
    assert crossing == []


def test_everything_is_within_the_picture() -> None:
    svg = topology(loads(SHOP)).svg
    root = ET.fromstring(svg)  # noqa: S314 - our own text
    width, height = float(root.attrib["width"]), float(root.attrib["height"])
    assert all(x >= 0 and y >= 0 and x + w <= width and y + h <= height for x, y, w, h in boxes(svg))


def test_the_colours_of_texts_are_those_of_the_page() -> None:
    assert 'fill="currentColor"' in topology(loads(SHOP)).svg


@pytest.mark.parametrize("project", [Project(), loads("applications: {a: {type: 'php:8.4'}}")], ids=["empty", "one"])
def test_a_small_project_has_a_picture(project: Project) -> None:
    assert topology(project)._repr_html_().startswith('<div class="wl">')


# ---- as Mermaid ---------------------------------------------------------------------------------------------------------------------


def test_mermaid() -> None:
    text = (
        "applications: {a: {type: 'php:8.4', mounts: {m: {source: tmp}}, workers: {w: {commands: {start: ./w}}}, relationships: {d: null}}}"
    )
    assert topology(loads(text + "\nservices: {d: {type: 'redis:8.0'}}")).mermaid == (
        "flowchart LR\n"
        '  subgraph a0_all["a"]\n'
        '    a0["a<br>php:8.4"]\n'
        '    a0_m0[/"m<br>tmp"/]\n'
        "    a0 -.- a0_m0\n"
        '    w1["w<br>./w"]\n'
        "  end\n"
        '  s2[("d<br>redis:8.0")]\n'
        "  a0 --> s2\n"
    )


def test_mermaid_of_hostile_names_holds_none_of_its_signs() -> None:
    text = topology(loads(HOSTILE)).mermaid
    assert 'subgraph a0_all["#60;script#62;#34;#38;#92;u202e"]' in text
    assert 'w1["a#93;b<br>x y"]' in text
