"""What tests of codemods for Python share: a program migrated together with its project, proof included."""

from __future__ import annotations

import gc
import textwrap
import warnings
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from workerlib.layout import MemoryFiles
from workerlib.migrate.planning import Plan, _Planner
from workerlib.migrate.registry import chosen
from workerlib.rewrite import Changed, Options
from workerlib.text.parsing import DEFAULT

APP = ".platform.app.yaml"
ALONE = {APP: "name: shop\ntype: php:8.4\ndisk: 512\nworkers:\n  queue:\n    size: S\n    commands: {start: ./queue}\n"}
SHOP = {
    **ALONE,
    ".platform/services.yaml": "db:\n  type: mariadb:11.4\n  disk: 1024\n",
    ".platform/routes.yaml": '"https://{default}/": {type: upstream, upstream: "shop:http"}\n',
}
FLEET = {"api/.platform.app.yaml": "name: api\ntype: python:3.13\n", "web/.platform.app.yaml": "name: web\ntype: nodejs:24\n"}
NOWHERE = Path("/nowhere")  # no disk is looked at


def planned(files: Mapping[str, str | bytes], options: Options | None = None) -> Plan:
    """The plan for a project in memory, Python included."""
    data = {path: text if isinstance(text, bytes) else text.encode() for path, text in files.items()}
    options = options or Options(python=True)
    return _Planner(MemoryFiles(data), NOWHERE, options, DEFAULT, chosen(options)).plan()


def source(text: str) -> str:
    """A program, written in a test with the test's own indentation."""
    return textwrap.dedent(text).lstrip("\n")


def sides(text: str) -> tuple[str, str]:
    """A program before and after, written in one: lines that begin with ``-`` are those before, with ``+`` those after."""
    lines = source(text).splitlines(keepends=True)
    before, after = ("".join(line[2:] or "\n" for line in lines if line[0] != other) for other in "+-")
    return before, after


def check_rewritten(
    name: str, before: str, after: str, *, project: Mapping[str, str] = SHOP, path: str = "tool.py", **options: Any
) -> list[str]:
    """Check that a codemod makes `after` of the program `before`; what is said of the program, as ``code line: message``."""
    given, wanted = source(before), source(after)
    assert given != wanted, "for a case in which nothing happens there is check_noop"
    found = planned({**project, path: given}, Options(python=True, **options))
    assert _text(found, path, given) == wanted
    assert any(isinstance(one, Changed) and (one.codemod, one.file) == (name, path) for one in found.outcomes)
    twin = planned({**project, path: given.replace("\n", "\r\n")}, Options(python=True, **options))
    assert _text(twin, path, given) == wanted.replace("\n", "\r\n")
    return notes(found, path)


def check_noop(text: str, *, project: Mapping[str, str] = SHOP, path: str = "tool.py", app: str | None = None) -> list[str]:
    """Check that a program stays as it is, and return what is said of it."""
    given = source(text)
    found = planned({**project, path: given}, Options(python=True, app=app))
    assert path not in found.files
    return notes(found, path)


def execute(path: Path) -> None:
    """Run a program in this process. The files that it leaves open close at its end, not in the middle of another test."""
    names: dict[str, object] = {"__name__": "__main__", "__file__": str(path)}
    gc.freeze()  # so that only what the program makes is looked through
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            exec(compile(path.read_bytes(), str(path), "exec"), names)  # noqa: S102 - our own text
        finally:
            names.clear()
            gc.collect()  # functions hold their module, and loaders their file
            gc.unfreeze()


def notes(found: Plan, path: str) -> list[str]:
    """What a plan says of a file."""
    out = []
    for one in found.diagnostics:
        if one.origin is not None and one.origin.file == path:
            assert one.help, "each note says what to do"
            out.append(f"{one.code} {one.origin.span.line if one.origin.span else 0}: {one.message}")
    return out


def _text(found: Plan, path: str, unchanged: str) -> str:
    data = found.files.get(path)
    return unchanged if data is None else data.decode()


def check_left(text: str, reason: str) -> None:
    """Check that a program stays as it is, and that this reason is all that is said of it."""
    said = check_noop(text)
    assert len(said) == 1
    assert said[0].startswith("WL610 ")
    assert f"is left as it is: {reason}" in said[0]
