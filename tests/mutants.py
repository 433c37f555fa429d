"""Change the code in one place at a time and see whether the tests notice: ``python -m tests.mutants text.parsing merging``.

Each of these changes is a mutant. The tests that run its line are asked, those of its module first, until one fails: it is killed. One that
no test notices is shown, for somebody to judge: a test is missing, the code is superfluous, or the change means nothing.

A process is forked for each mutant of a function, after all tests have been collected, so that it costs no more than the tests themselves.
Decorated functions are included. What runs on import only (tables, patterns, defaults) gets a process that starts anew.
"""

from __future__ import annotations

import argparse
import ast
import copy
import gc
import os
import resource
import signal
import subprocess
import sys
import time
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from importlib.machinery import ModuleSpec, PathFinder
from importlib.util import find_spec
from pathlib import Path
from types import CodeType, FunctionType
from typing import Any

import pytest
from _pytest.runner import runtestprotocol
from attrs import define, field, frozen
from coverage import Coverage

Change = Callable[[Any], object]

_OTHER: dict[type[ast.AST], Callable[[], ast.AST]] = {
    ast.Lt: ast.LtE, ast.LtE: ast.Lt, ast.Gt: ast.GtE, ast.GtE: ast.Gt, ast.Eq: ast.NotEq, ast.NotEq: ast.Eq,
    ast.In: ast.NotIn, ast.NotIn: ast.In, ast.Is: ast.IsNot, ast.IsNot: ast.Is, ast.And: ast.Or, ast.Or: ast.And,
    ast.Add: ast.Sub, ast.Sub: ast.Add, ast.Mult: ast.FloorDiv, ast.BitOr: ast.BitAnd, ast.BitAnd: ast.BitOr,
}  # fmt: skip
_SLOW = {f"test_{name}" for name in "write write_kills notebook docs packaging scripts hostile fleet public_api".split()}
_FILES = 5  # of tests, asked of a mutant that gets a process anew: those of its module, then those with the most tests of it
_MOST = 400  # tests, asked of any other
_SECONDS, _BYTES = 60, 4 << 30  # what the tests may take; one that goes on for ever is noticed by that


# ---- mutants ------------------------------------------------------------------------------------------------------------------------


@frozen
class Place:
    """A node that can change: whether it is in a function, and the lines of its statement up to its end."""

    node: ast.AST
    inside: bool
    first: int

    @property
    def line(self) -> int:
        return int(getattr(self.node, "lineno", self.first))

    @property
    def lines(self) -> range:
        return range(self.first, int(getattr(self.node, "end_lineno", self.first)) + 1)


@frozen
class Mutant:
    """A module with one change."""

    module: str
    place: Place
    text: str
    code: CodeType

    def __str__(self) -> str:
        return f"{self.module}:{self.place.line}: {self.text}"


def mutants(module: str) -> Iterator[Mutant]:
    """All mutants of a module, from top to bottom."""
    path = _path(module)
    tree = ast.parse(Path(path).read_text(encoding="utf-8"))
    for number, place in enumerate(places(tree)):
        for change in changes(place.node):
            # The same tree again, whose nodes come in the same order, so that each change stands alone.
            changed = copy.deepcopy(tree)
            node = list(places(changed))[number].node
            before = ast.unparse(node)
            change(node)
            yield Mutant(module, place, _difference(before, ast.unparse(node)), compile(ast.fix_missing_locations(changed), path, "exec"))


def places(node: ast.AST, *, inside: bool = False, first: int = 1) -> Iterator[Place]:
    """What may change: no annotations, docstrings, decorators, or what only type checkers read."""
    if isinstance(node, ast.If) and ast.unparse(node.test) == "TYPE_CHECKING":
        return
    if isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) == "__all__":
        return
    if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant):
        return
    if isinstance(node, ast.stmt):
        first = node.lineno
    yield Place(node, inside, first)
    function = isinstance(node, ast.FunctionDef | ast.Lambda)
    only_checked = node.args[0] if isinstance(node, ast.Call) and ast.unparse(node.func) == "cast" else None
    characters = _characters(node)
    for name, value in ast.iter_fields(node):
        if name not in ("annotation", "returns", "decorator_list"):
            for child in value if isinstance(value, list) else [value]:
                if isinstance(child, ast.AST) and child is not only_checked and child is not characters:
                    yield from places(child, inside=inside or (function and name == "body"), first=first)


def _characters(node: ast.AST) -> ast.Constant | None:
    """The text that a node takes as a set of characters, where two more of them would hardly matter."""
    match node:
        case ast.Call(func=ast.Attribute(attr="strip" | "lstrip" | "rstrip"), args=[ast.Constant(value=str()) as characters]):
            return characters
        case ast.Compare(ops=[ast.In() | ast.NotIn()], comparators=[ast.Constant(value=str(text)) as characters]) if len(text) > 1:
            return characters
    return None


def changes(node: ast.AST) -> Iterator[Change]:
    """What can be changed about a node."""
    if characters := _characters(node):
        fewer = str(characters.value)[1:]
        yield lambda node: setattr(_characters(node), "value", fewer)
    match node:
        case ast.Compare(ops=ops):
            yield from (_set_item("ops", number, _OTHER[type(op)]()) for number, op in enumerate(ops))
        case ast.BoolOp(op=op) | ast.BinOp(op=op) | ast.AugAssign(op=op) if type(op) in _OTHER:
            yield _set("op", _OTHER[type(op)]())
        case ast.UnaryOp(op=ast.Not(), operand=operand):
            yield _set("operand", ast.UnaryOp(ast.Not(), operand))
        case ast.Constant(value=bool(value)):
            yield _set("value", not value)
        case ast.Constant(value=int(number)):
            yield _set("value", number + 1)
        case ast.Constant(value=str(text)):
            yield _set("value", f"XX{text}")
        case ast.Constant(value=bytes(data)):
            yield _set("value", b"XX" + data)
        case ast.Expr(value=ast.Call()):
            yield _set("value", ast.Constant(None))
        case ast.If(test=test) | ast.IfExp(test=test) | ast.While(test=test) if not isinstance(test, ast.Compare | ast.UnaryOp):
            yield _set("test", ast.UnaryOp(ast.Not(), test))
        case ast.comprehension(ifs=ifs):
            yield from (_set_item("ifs", number, ast.Constant(value=True)) for number in range(len(ifs)))
        case ast.Return(value=ast.expr() as result) if not isinstance(result, ast.Constant):
            yield _set("value", ast.Constant(None))
    for name in ("body", "orelse"):
        for number, statement in enumerate(found if isinstance(found := getattr(node, name, None), list) else []):
            if isinstance(statement, ast.Continue):
                yield _set_item(name, number, ast.Break())
            elif isinstance(statement, ast.Break):
                yield _set_item(name, number, ast.Continue())


def _set(name: str, value: object) -> Change:
    return lambda node: setattr(node, name, value)


def _set_item(name: str, number: int, value: object) -> Change:
    return lambda node: getattr(node, name).__setitem__(number, value)


def _difference(before: str, after: str) -> str:
    """The first line that is another one."""
    lines = zip(before.splitlines(), after.splitlines(), strict=False)
    return next((f"{old.strip()}  ->  {new.strip()}" for old, new in lines if old != new), before)


def _path(module: str) -> str:
    spec = find_spec(module)
    assert spec is not None
    assert spec.origin is not None
    return spec.origin


# ---- tests --------------------------------------------------------------------------------------------------------------------------


@define
class Hunt:
    """A plugin of pytest's: it runs all tests once, and then those that may tell, for each mutant."""

    modules: list[str]
    tried: Counter[str] = field(factory=Counter)
    left: Counter[str] = field(factory=Counter)

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtestloop(self, session: pytest.Session) -> bool:
        asked, took = self.look(session.items)
        for module in self.modules:
            path = _path(module)
            everybody = {item for (at, _), items in asked.items() if at == path for item in items}
            names = module.split(".")
            for number, mutant in enumerate(mutants(module)):
                some = {item for line in mutant.place.lines for item in asked.get((path, line), ())} if mutant.place.inside else set()
                own_first = sorted(some, key=lambda item: (item.path.stem.removeprefix("test_") not in names, took[item.nodeid]))
                killed = noticed(mutant, own_first[:_MOST]) if some else noticed_afresh(module, number, everybody)
                self.tried[module] += 1
                self.left[module] += not killed
                if not killed:
                    session.config.get_terminal_writer().line(str(mutant), flush=True)
        return True

    def look(self, items: Iterable[pytest.Item]) -> tuple[dict[tuple[str, int], list[pytest.Item]], dict[str, float]]:
        """Which tests run which lines, and how long each takes."""
        coverage = Coverage(data_file=None, config_file=False, include=[_path(module) for module in self.modules])
        coverage.start()
        took = {}
        for item in items:
            coverage.switch_context(item.nodeid)
            start = time.process_time()
            if not passes(item):
                sys.exit(f"{item.nodeid} fails without any mutant")
            took[item.nodeid] = time.process_time() - start
        coverage.stop()
        named = {item.nodeid: item for item in items}
        by_line = defaultdict(list)
        for module in self.modules:
            for line, names in coverage.get_data().contexts_by_lineno(_path(module)).items():
                by_line[_path(module), line] = [named[name] for name in names if name]
        return by_line, took


def noticed(mutant: Mutant, items: Iterable[pytest.Item]) -> bool:
    """Whether a test fails, or does not end, where the functions that are there run the mutant's code."""
    child = os.fork()
    if not child:
        try:
            signal.signal(signal.SIGPROF, signal.SIG_DFL)
            signal.setitimer(signal.ITIMER_PROF, _SECONDS)
            resource.setrlimit(resource.RLIMIT_AS, (_BYTES, _BYTES))
            _put_in(mutant.code)
            os._exit(0 if all(map(passes, items)) else 1)
        finally:
            os._exit(2)
    return os.waitpid(child, 0)[1] != 0


def _put_in(code: CodeType) -> None:
    gc.unfreeze()  # what a child has of its parent is frozen: tests/conftest.py
    ours = [f for f in gc.get_objects() if isinstance(f, FunctionType) and f.__code__.co_filename == code.co_filename]
    found = {(f.__code__.co_qualname, f.__code__.co_firstlineno): f for f in ours}
    todo = [code]
    while todo:
        one = todo.pop()
        if function := found.get((one.co_qualname, one.co_firstlineno)):
            function.__code__ = one
        todo += [constant for constant in one.co_consts if isinstance(constant, CodeType)]


def passes(item: pytest.Item) -> bool:
    return not any(report.failed for report in runtestprotocol(item, log=False, nextitem=None))


def noticed_afresh(module: str, number: int, items: Iterable[pytest.Item]) -> bool:
    """Whether a test fails, or does not end, in a process that imports the mutant."""
    count = Counter(str(item.path) for item in items)
    names = module.split(".")
    files = sorted(count, key=lambda path: (Path(path).stem.removeprefix("test_") not in names, -count[path]))[:_FILES]
    command = [sys.executable, "-c", f"from tests.mutants import run_with; run_with({module!r}, {number}, {files!r})"]
    try:
        return subprocess.run(command, capture_output=True, check=False, timeout=10 * _SECONDS).returncode != 0
    except subprocess.TimeoutExpired:
        return True


def run_with(module: str, number: int, files: Sequence[str]) -> None:
    """Run tests with a mutant of a module that nobody has imported yet; the exit status is theirs."""
    code = next(mutant.code for at, mutant in enumerate(mutants(module)) if at == number)
    for name in [name for name in sys.modules if name.partition(".")[0] == "workerlib"]:
        del sys.modules[name]  # the package, which had to be imported to find the module

    class Finder:
        @staticmethod
        def find_spec(name: str, path: Sequence[str] | None = None, _: object = None) -> ModuleSpec | None:
            spec = PathFinder.find_spec(name, path) if name == module else None
            if spec is not None:
                spec.loader.get_code = lambda _: code  # type: ignore[union-attr]  # the loader of a file has it
            return spec

    sys.meta_path.insert(0, Finder)  # the third argument goes by its place
    sys.exit(pytest.main(["-x", "-q", "-p", "no:cacheprovider", *files]))


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.mutants", description=(__doc__ or "").split("\n\n")[0])
    parser.add_argument("--tests", nargs="*", metavar="PATH", help="files of tests (default: all that are quick)")
    parser.add_argument("modules", nargs="+", metavar="MODULE", help="a module of workerlib, such as merging or migrate.verify")
    args = parser.parse_args()
    here = Path(__file__).parent
    quick = sorted(str(path) for path in here.rglob("test_*.py") if path.stem not in _SLOW and path.parent.name != "property")
    hunt = Hunt([f"workerlib.{name}" for name in args.modules])
    status = pytest.main(["-q", "-p", "no:cacheprovider", *(args.tests or quick)], plugins=[hunt])
    for module, tried in hunt.tried.items():
        print(f"{module}: {tried - hunt.left[module]} of {tried} mutants killed ({(tried - hunt.left[module]) / tried:.0%})")
    return int(status) or bool(hunt.left.total())


if __name__ == "__main__":
    sys.exit(main())
