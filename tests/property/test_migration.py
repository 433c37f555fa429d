"""The promises of docs/concepts.md, held against whole projects that are made up: planned, written, and read by another parser."""

from __future__ import annotations

import tempfile
from collections import Counter
from collections.abc import Mapping
from pathlib import Path
from typing import Any, TypeAlias

import pytest
from attrs import evolve
from hypothesis import assume, event, given, settings
from hypothesis import strategies as st
from hypothesis.strategies import DrawFn
from tests.property.project_texts import GONE, Made, project_texts

from workerlib import ConfigurationError, Options, Project, RefusedError, check, load, plan
from workerlib.migrate import Plan
from workerlib.model import ABSENT
from workerlib.text import read

yaml = pytest.importorskip("yaml")  # another parser than ours

OPTIONS = st.builds(
    Options,
    mounts=st.sampled_from(("instance", "storage")),
    split=st.booleans(),
    explicit_relationships=st.booleans(),
    factor=st.booleans(),
    stack=st.sampled_from((("needed",), ("never",), ("all",))),
    stack_form=st.sampled_from(("mapping", "list")),
)

few = settings(max_examples=max(settings().max_examples // 3, 10))  # since each writes files


def lay(made: Made, root: Path) -> None:
    for path, data in made.files.items():
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).write_bytes(data)


def found(root: Path) -> dict[str, bytes]:
    return {path.relative_to(root).as_posix(): path.read_bytes() for path in root.rglob("*") if path.is_file()}


def planned(root: Path, options: Options) -> Plan:
    """The plan of a project that can be read. A refusal because of the plan itself is a fault of ours."""
    try:
        return plan(root, options)
    except RefusedError as error:
        names = {one.name for one in error.diagnostics}
        if names & {"proof-failed", "comment-lost"}:
            raise
        event(f"refused: {sorted(names)}")
        assume(False)
        raise


@few
@given(project_texts(), OPTIONS)
def test_a_migration_keeps_what_it_promises(made: Made, options: Options) -> None:
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder)
        lay(made, root)
        old = load(root)
        step = planned(root, options)
        assert found(root) == made.files  # a plan writes nothing
        assert step
        step.apply()
        after = {path: data for path, data in {**made.files, **step.files}.items() if data is not None}
        assert found(root) == after
        assert not plan(root, options)  # running twice changes nothing
        new = load(root)
        assert new == step.project
        if options.stack != ("never",):
            return  # an image that changes takes keys along
        if options.mounts == "instance" and not options.factor:
            assert without_resources(new) == without_resources(old)
        lost = Counter(comment.rstrip() for comment in made.comments) - Counter(comments(after))
        assert not lost, f"lost {lost}"


@few
@given(project_texts(), st.booleans())
def test_another_parser_reads_the_same_from_lifted_files(made: Made, split: bool) -> None:
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder)
        lay(made, root)
        step = planned(root, Options(only=("lift",), split=split))
        old = old_sections(found(root))
        step.apply()
        assert new_sections(found(root)) == old


@few
@given(project_texts(), OPTIONS)
def test_codemods_make_of_old_files_what_they_make_of_lifted_ones(made: Made, options: Options) -> None:
    with tempfile.TemporaryDirectory() as folder:
        root, options = Path(folder), evolve(options, split=False)  # aliases that codemods write out keep files together
        lay(made, root)
        at_once = planned(root, options)
        planned(root, Options(only=("lift",))).apply()
        then = plan(root, options)
        assert at_once.project == then.project
        texts = {path: data for path, data in {**found(root), **then.files}.items() if data is not None and path.startswith(".upsun/")}
        assert {path: lines(at_once.files[path]) for path in texts} == {path: lines(data) for path, data in texts.items()}


def lines(data: bytes | None) -> list[str]:
    """The lines of a file apart from blank ones and indentation, which follow those around them."""
    text = read("config.yaml", data or b"").text
    return [line.strip() for line in text.splitlines() if line.strip()]


# What breaks YAML, or turns it into something else.
BITS = (
    b":",
    b": ",
    b"- ",
    b"\n",
    b"\r\n",
    b" ",
    b"  ",
    b"\t",
    b"#",
    b" # ",
    b"&x ",
    b"*x ",
    b"!t ",
    b"'",
    b'"',
    b"{",
    b"}",
    b"[",
    b"]",
    b",",
    b"|",
    b">",
    b"? ",
    b"---\n",
    b"...\n",
)
ODD = (
    b"\0",
    b"\xff",
    b"\xc3",
    b"\x85",
    b"\x1b[31m",
    "\u2028".encode(),
    "\u202e".encode(),
    "\ufeff".encode(),
    b"<<: ",
    b"!include x\n",
    b"!!str ",
    b"%YAML 1.1\n",
    b"name: ",
    b"workers:\n",
)


@st.composite
def damaged(draw: DrawFn) -> Made:
    """A project whose files have been cut, doubled and written over in a few places."""
    made = draw(project_texts())
    files = dict(made.files)
    for _ in range(draw(st.integers(1, 3))):
        path = draw(st.sampled_from(sorted(files)))
        data = files[path]
        start = draw(st.integers(0, len(data)))
        end = draw(st.integers(start, min(len(data), start + 12)))
        new = draw(
            st.one_of(st.sampled_from(BITS), st.sampled_from(BITS), st.sampled_from(ODD), st.just(b""), st.just(data[start:end] * 2))
        )
        files[path] = data[:start] + new + data[end:]
    return evolve(made, files=files)


@few
@given(damaged(), OPTIONS)
def test_damaged_files_are_refused_or_migrated(made: Made, options: Options) -> None:
    try:
        old = load(made.files)
    except ConfigurationError as error:
        if not all(one.origin is not None and one.help for one in error.diagnostics):
            raise
        event(f"unreadable: {error.diagnostics[0].name}")
        return
    check(old)
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder)
        lay(made, root)
        step = planned(root, options)
        step.apply()
        assert not plan(root, options)
        if options.stack == ("never",) and options.mounts == "instance" and not options.factor:
            assert without_resources(load(root)) == without_resources(old)


Sections: TypeAlias = dict[str, dict[str, Any]]


def old_sections(files: Mapping[str, bytes]) -> Sections:
    """What the files of an old layout say, without the folders of applications, which the new one states."""
    out: Sections = {"applications": {}, "services": {}, "routes": {}}
    for path, data in files.items():
        name = path.rpartition("/")[2]
        if name in (".platform.app.yaml", ".symfony.cloud.yaml", ".magento.app.yaml"):
            said = data_of(data, files)
            out["applications"][said.pop("name")] = said
        elif name.removesuffix(".yaml") in out:
            out[name.removesuffix(".yaml")] |= data_of(data, files)
    return without_sources(out)


def new_sections(files: Mapping[str, bytes]) -> Sections:
    out: Sections = {"applications": {}, "services": {}, "routes": {}}
    for path, data in files.items():
        if path.startswith(".upsun/") and path.count("/") == 1 and not path.startswith(".upsun/part"):
            said = data_of(data, files)
            for section in out:
                out[section] |= said.get(section) or {}
    return without_sources(out)


def without_sources(sections: Sections) -> Sections:
    for app in sections["applications"].values():
        app.pop("source", None)
    return sections


def data_of(data: bytes, files: Mapping[str, bytes]) -> Any:
    """A file as PyYAML reads it. The names of included files say which they are, wherever they lie."""

    class Loader(yaml.SafeLoader):  # type: ignore[misc,name-defined]  # PyYAML has no types
        pass

    def include(loader: Any, node: Any) -> Any:
        written = loader.construct_mapping(node)["path"] if isinstance(node, yaml.MappingNode) else node.value
        return data_of(next(held for path, held in files.items() if path.rpartition("/")[2] == written.rpartition("/")[2]), files)

    Loader.add_constructor("!include", include)
    Loader.add_constructor("!t", lambda _, node: ("!t", node.value))
    return yaml.load(data, Loader)


def comments(files: Mapping[str, bytes]) -> list[str]:
    sources = [read(path, data) for path, data in files.items()]
    return [source.text[start:end].rstrip() for source in sources for start, end in source.comments()]


def without_resources(project: Project) -> Project:
    """The project without what the platform no longer reads from files."""

    def bare(one: Any) -> Any:
        extra = {key: value for key, value in one.extra.items() if key not in GONE}
        return evolve(one, size=ABSENT, disk=ABSENT, resources=ABSENT, extra=extra)

    return evolve(
        project,
        applications={
            name: evolve(bare(app), workers={key: bare(worker) for key, worker in app.workers.items()} if app.workers else app.workers)
            for name, app in project.applications.items()
        },
        services={name: bare(one) for name, one in project.services.items()},
    )
