"""The public names: there, documented with an example that runs, precisely typed, and free until they are used."""

from __future__ import annotations

import inspect
import re
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import attrs
import pytest
from tests import public_api

import workerlib

ROOT = Path(__file__).parent.parent
PAGE = ROOT / "docs/api.md"
NAMES = [name for name in workerlib.__all__ if name != "__version__"]


def values() -> Iterator[tuple[str, object]]:
    return ((name, getattr(workerlib, name)) for name in NAMES)


# ---- names --------------------------------------------------------------------------------------------------------------------------


def test_names_are_in_order_and_there() -> None:
    assert dir(workerlib) == sorted(workerlib.__all__)
    assert all(value is not None for _, value in values())


def test_a_name_that_there_is_not_is_an_attribute_error() -> None:
    with pytest.raises(AttributeError, match="no attribute `nothing`"):
        workerlib.nothing  # type: ignore[attr-defined]  # noqa: B018


def test_what_type_checkers_import_is_what_there_is() -> None:
    source = (ROOT / "src/workerlib/__init__.py").read_text(encoding="utf-8")
    imported = re.findall(r"^    from (workerlib\S*) import (.+)$", source, re.MULTILINE)
    homes = {(home, name) for home, names in imported for name in names.split(", ")}
    assert homes == {(f"workerlib.{home}", name) for home, names in vars(workerlib)["_HOMES"].items() for name in names}
    assert {name for _, name in homes} == set(NAMES)


def test_no_module_replaces_a_public_name() -> None:
    script = (
        "import importlib, pkgutil, types, workerlib\n"
        "for one in pkgutil.walk_packages(workerlib.__path__, 'workerlib.'):\n"
        "    importlib.import_module(one.name)\n"
        "print([name for name in workerlib.__all__ if isinstance(getattr(workerlib, name), types.ModuleType)])\n"
    )
    assert subprocess.run((sys.executable, "-c", script), capture_output=True, check=True, text=True).stdout == "[]\n"


def test_the_package_alone_imports_nothing_that_is_slow() -> None:
    slow = {"attr", "attrs", "libcst", "rich", "ruamel"}
    script = f"import sys, workerlib; dir(workerlib); print({slow} & set(sys.modules))"
    assert subprocess.run((sys.executable, "-c", script), capture_output=True, check=True, text=True).stdout == "set()\n"


def test_every_public_name_says_what_it_is() -> None:
    without = [name for name, value in values() if callable(value) and not (inspect.getdoc(value) or "").strip()]
    assert without == []


def test_every_method_of_a_public_class_says_what_it_does() -> None:
    without = [
        f"{name}.{key}"
        for name, value in values()
        if inspect.isclass(value)
        for key, member in inspect.getmembers(value)
        if not key.startswith("_") and (inspect.isfunction(member) or isinstance(member, property)) and not inspect.getdoc(member)
    ]
    assert without == []


# ---- types --------------------------------------------------------------------------------------------------------------------------


def annotations_of(value: object) -> Iterator[tuple[str, str]]:
    """All annotations of a function, or of the fields, methods and properties of a class, as they are written."""
    if inspect.isfunction(value):
        yield from inspect.get_annotations(value).items()
    elif inspect.isclass(value):
        yield from ((one.name, str(one.type)) for one in (attrs.fields(value) if attrs.has(value) else ()))
        for name, member in vars(value).items():
            inner = member.fget if isinstance(member, property) else getattr(member, "__func__", member)
            if not name.startswith("_") and inspect.isfunction(inner):
                yield from ((f"{name}.{key}", hint) for key, hint in inspect.get_annotations(inner).items())


@pytest.mark.parametrize("name", NAMES)
def test_no_public_signature_holds_any(name: str) -> None:
    assert [key for key, hint in annotations_of(getattr(workerlib, name)) if re.search(r"\bAny\b", hint)] == []


def test_no_alias_hides_any() -> None:
    """Aliases that signatures name may stand in any module; the events of the YAML parser, and the metadata of libcst, have no types."""
    modules = (ROOT / "src/workerlib").rglob("*.py")
    using = {path.stem for path in modules if re.search(r"import .*\bAny\b", path.read_text(encoding="utf-8"))}
    assert using == {"parsing", "module"}


@pytest.mark.parametrize("name", [name for name, value in values() if inspect.isfunction(value)])
def test_every_parameter_and_result_has_a_type(name: str) -> None:
    signature = inspect.signature(getattr(workerlib, name))
    empty = inspect.Signature.empty
    assert [one.name for one in signature.parameters.values() if one.annotation is empty] == []
    assert signature.return_annotation is not empty


@pytest.mark.parametrize("name", [name for name in NAMES if attrs.has(getattr(workerlib, name))])
def test_no_public_field_is_just_any_object(name: str) -> None:
    assert [field.name for field in attrs.fields(getattr(workerlib, name)) if field.type in ("object", object)] == []


REVEALED = {
    "load('.')": "Project",
    "loads('').applications": "Mapping[str, Application]",
    "loads('').applications['a'].workers": "Mapping[str, Worker]",
    "resolve(loads(''))": "Mapping[str, Effective]",
    "effective(loads('').applications['a'], 'q').commands.start": "str | Literal[ABSENT] | None",
    "effective(loads('').applications['a']).crons": "Mapping[str, Cron]",
    "effective(loads('').applications['a'], 'q').mounts['a']": "Mount",
    "effective(loads('').applications['a']).explain('type').reason": "Reason",
    "effective(loads('').applications['a']).lifecycle.grace": "int | None",
    "factor(loads('').applications['a'])": "Application",
    "rebuild_needed(loads('').applications['a'], loads('').applications['a'])": "bool",
    "loads('').applications['a'].source.root": "str",
    "check(loads(''))[0].severity": "Severity",
    "compare(loads(''), loads(''))": "Comparison",
    "compare(loads(''), loads('')).destructive": "tuple[Change, ...]",
    "compare(loads(''), loads('')).changes[0].path": "KeyPath",
    "merge(loads(''), loads(''))": "Project",
    "edit('.').set('applications.a.type', 'x')": "Amendment",
    "edit('.').set('applications.a.type', 'x').files": "Mapping[str, bytes | None]",
    "plan('.')": "Plan",
    "resources(loads(''))": "ResourcePlan",
    "check(loads(''))[0].origin": "Origin | None",
    "dumps(loads(''))": "str",
}


@pytest.fixture(scope="module")
def snippet(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("types") / "snippet.py"
    lines = [f"from workerlib import {', '.join(name for name in NAMES)}", *(f"reveal_type({code})" for code in REVEALED)]
    path.write_text("\n".join(lines) + "\n")
    return path


def revealed(snippet: Path, pattern: str, *command: str) -> list[str]:
    """The type of each line, in the words that both checkers can be brought to."""
    done = subprocess.run((sys.executable, "-m", *command, str(snippet)), capture_output=True, check=False, text=True, cwd=ROOT)
    found = [re.sub(r"(?<![\w.])(?:\w+\.)+(?=[A-Za-z_])", "", one) for one in re.findall(pattern, done.stdout)]
    assert len(found) == len(REVEALED), done.stdout + done.stderr
    return [one.replace("Literal[_Absence.ABSENT]", "Literal[ABSENT]").replace('"', "'") for one in found]


def same(found: list[str]) -> dict[str, str]:
    """What differs from what is expected; the order of a union means nothing."""
    pairs = zip(REVEALED.items(), found, strict=True)
    return {code: one for (code, wanted), one in pairs if sorted(one.split(" | ")) != sorted(wanted.split(" | "))}


def test_mypy_reveals_precise_types(snippet: Path) -> None:
    pytest.importorskip("mypy")
    assert same(revealed(snippet, r'Revealed type is "(.+)"', "mypy", "--strict", "--no-error-summary")) == {}


def test_pyright_reveals_precise_types(snippet: Path) -> None:
    pytest.importorskip("pyright")
    assert same(revealed(snippet, r'Type of ".+" is "(.+)"', "pyright", "--pythonpath", sys.executable)) == {}


# ---- the page -----------------------------------------------------------------------------------------------------------------------


def test_every_public_name_has_an_example_on_the_page() -> None:
    code = "\n".join(re.findall(r"^```python\n(.*?)^```$", PAGE.read_text(encoding="utf-8"), re.MULTILINE | re.DOTALL))
    assert [name for name in workerlib.__all__ if len(re.findall(rf"(?<![\w.]){name}\b", code)) < 2] == []


def test_names_and_signatures_are_the_recorded_ones() -> None:
    """What is recorded is promised: see docs/api.md. ``python -m tests.public_api`` records a change that is meant."""
    recorded = public_api.RECORD.read_text(encoding="utf-8").splitlines()
    changed = set(recorded) ^ set(public_api.lines())
    assert list(public_api.lines()) == recorded, f"if this is meant, run `python -m tests.public_api`: {sorted(changed)}"


# ---- arguments of another type ------------------------------------------------------------------------------------------------------

api: Any = workerlib  # as one uses it without a type checker
FOLDER = {".upsun/config.yaml": b"applications: {shop: {type: 'php:8.4', workers: {queue: {commands: {start: ./q}}}}}\n"}
PROJECT: Any = workerlib.load(FOLDER)
SHOP = PROJECT.applications["shop"]

MISTAKES: tuple[tuple[Callable[[], object], str], ...] = (
    (lambda: api.load(0), "path: expected `str` or `PathLike` or `Mapping`, found `int`"),
    (lambda: api.load(b"shop"), "path: expected `str` or `PathLike` or `Mapping`, found `bytes`"),
    (lambda: api.load(""), "an empty path: expected the folder of a project, found nothing there"),
    (lambda: api.load(FOLDER, limits=None), "limits: expected `Limits`, found `None`"),
    (lambda: api.loads(b""), "text: expected `str`, found `bytes`; `load` reads bytes, as {'.upsun/config.yaml': ...}, and folders"),
    (lambda: api.plan(PROJECT), "project: expected `str` or `PathLike` or `Mapping`, found `Project`"),
    (lambda: api.plan(FOLDER, {"split": True}), "options: expected `Options`, found `dict`"),
    (lambda: api.plan(FOLDER, limits=5), "limits: expected `Limits`, found `int`"),
    (lambda: api.plan(FOLDER).apply(force="no"), "force: expected `bool`, found `str`"),
    (lambda: api.edit(SHOP), "project: expected `str` or `PathLike` or `Mapping`, found `Application`"),
    (lambda: api.edit(FOLDER).remove(None), "path: expected `str`, found `None`"),
    (lambda: api.edit(FOLDER).rename("applications.shop", 5), "name: expected `str`, found `int`"),
    (lambda: api.check("shop"), "project: expected `Project`, found `str`; `load` reads one"),
    (lambda: api.check(PROJECT, "WL2"), "selection: expected `Selection` or `None`, found `str`"),
    (lambda: api.compare(PROJECT, "shop"), "new: expected `Project`, found `str`; `load` reads one"),
    (lambda: api.resolve(None), "project: expected `Project`, found `None`; `load` reads one"),
    (lambda: api.topology(SHOP), "project: expected `Project`, found `Application`; `load` reads one"),
    (lambda: api.resources(SHOP), "project: expected `Project`, found `Application`; `load` reads one"),
    (lambda: api.dumps({}), "project: expected `Project`, found `dict`; `load` reads one"),
    (lambda: api.merge(PROJECT, [PROJECT]), "project: expected `Project`, found `list`; `load` reads one"),
    (lambda: api.merge(PROJECT, rules=["a.b"]), "rules: expected `MergeRule`, found `str`"),
    (lambda: api.merge(PROJECT, rules=None), "rules: expected `Iterable`, found `None`"),
    (lambda: api.effective(PROJECT, "shop"), "app: expected `Application`, found `Project`"),
    (lambda: api.effective(SHOP, SHOP.workers["queue"]), "worker: expected `str` or `None`, found `Worker`"),
    (lambda: api.effective(SHOP).explain(None), "path: expected `str`, found `None`"),
    (lambda: api.factor(PROJECT), "app: expected `Application`, found `Project`"),
    (lambda: api.expand("shop"), "app: expected `Application`, found `str`"),
    (lambda: api.rebuild_needed(SHOP, None), "new: expected `Application`, found `None`"),
    (lambda: PROJECT.origin(["applications"]), "path: expected `str`, found `list`"),
    (lambda: api.KeyPath(5), "parts: expected `Iterable`, found `int`"),
    (lambda: api.KeyPath(("a",)).matches("a"), "pattern: expected `KeyPath`, found `str`"),
    (lambda: api.KeyPath(("a",)).starts_with("a"), "other: expected `KeyPath`, found `str`"),
    (lambda: api.Limits(nodes=-1), "nodes: expected a whole number from 0 on, found `-1`"),
    (lambda: api.Limits(depth=True), "depth: expected a whole number from 0 on, found `True`"),
    (lambda: api.Limits(depth="5"), "depth: expected a whole number from 0 on, found `'5'`"),
    (lambda: api.Options(only=["lift"]), "only: expected a tuple of names, found `['lift']`"),
    (lambda: api.Options(skip=(5,)), "skip: expected a tuple of names, found `(5,)`"),
    (lambda: api.Options(split="no"), "split: expected `bool`, found `str`"),
    (lambda: api.Options(channel=26.05), "channel: expected `str`, found `float`"),
    (lambda: api.Options(app=5), "app: expected `str` or `None`, found `int`"),
)


@pytest.mark.parametrize(("call", "message"), MISTAKES, ids=[str(number) for number in range(len(MISTAKES))])
def test_an_argument_of_another_type_is_told_where_it_is_given(call: Callable[[], object], message: str) -> None:
    with pytest.raises(workerlib.UsageError) as found:
        call()
    assert str(found.value) == message


def test_no_limit_at_all_is_a_limit() -> None:
    assert workerlib.Limits(includes=0).includes == 0
