"""What tests share: a codemod run as a migration runs it, with every promise that holds for all codemods checked."""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from importlib import import_module
from types import FrameType
from typing import Any, TypeAlias

from attrs import define

from workerlib.convert import structure
from workerlib.editing import Editor, apply
from workerlib.layout import CONFIG, MemoryFiles
from workerlib.loading import load_tree
from workerlib.migrate.registry import PACKAGE
from workerlib.migrate.verify import lost_comments, model_differences, run, second_run
from workerlib.rewrite import Options, Rewrite

TraceFunction: TypeAlias = Callable[[FrameType, str, Any], Any]
Files = str | Mapping[str, str]


def steps(act: Callable[[], object]) -> int:
    """How many steps of workerlib's own code something takes, stopped after ten million: a measure of work alike on every machine."""
    taken = 0

    def count(frame: FrameType, event: str, _: object) -> TraceFunction | None:
        nonlocal taken
        frame.f_trace_opcodes = True
        taken += event == "opcode"
        assert taken < 10_000_000, "no end in sight"
        return count if frame.f_globals.get("__name__", "").startswith("workerlib") else None

    before = sys.gettrace()
    sys.settrace(count)
    try:
        act()
    finally:
        sys.settrace(before)
    return taken


def codemod(name: str) -> Rewrite:
    """The codemod of that module."""
    found = import_module(f"{PACKAGE}.{name}").rewrite
    assert isinstance(found, Rewrite)
    return found


def app(text: str) -> str:
    """A configuration with one application, `shop`, whose lines are these."""
    return "applications:\n  shop:\n" + "".join(f"    {line}\n" if line else "\n" for line in text.splitlines())


def check_rewritten(name: str, before: Files, after: Files, *, loses: Iterable[str] = (), **options: Any) -> list[str]:
    """Check that a codemod makes `after` of `before`, and return what it says of it, as ``severity: message``.

    `before` and `after` are the text of the configuration file, or of several files by path. Only the comments that `loses` names may go.
    """
    assert before != after, "for a case in which nothing happens there is check_noop"
    given, wanted = _files(before), _files(after)
    result = _run(name, given, Options(**options))
    assert result.files == wanted
    assert sorted((_comments(given) - _comments(wanted)).elements()) == sorted(loses)
    twin = _run(name, _crlf(given), Options(**options))
    assert twin.files == _crlf(wanted)
    assert twin.notes == result.notes
    return result.notes


def check_noop(name: str, text: Files, **options: Any) -> list[str]:
    """Check that a codemod leaves files as they are, and return what it says of them, as ``severity: message``."""
    given = _files(text)
    result = _run(name, given, Options(**options))
    assert result.files == given
    return result.notes


def check_promises(name: str, text: Files, **options: Any) -> None:
    """Check that all that holds for codemods holds for one, whatever it makes of a text, and that CRLF makes no difference."""
    given = _files(text)
    assert _run(name, _crlf(given), Options(**options)).files == _crlf(_run(name, given, Options(**options)).files)


@define
class _Result:
    files: dict[str, str]
    notes: list[str]


def _run(name: str, texts: Mapping[str, str], options: Options) -> _Result:
    """Run one codemod, prove the result, and run it again."""
    rewrite = codemod(name)
    files = {path: text.encode() for path, text in texts.items()}
    old = load_tree(MemoryFiles(files))
    edit = Editor()
    (ran,) = run([rewrite], old, old.project, options, edit)
    paths, notes = ran.paths, [note for _, note in ran.notes]
    edits = edit.edits()
    for path, changes in edits.items():
        source = old.sources[path]
        files[path] = source.encode(apply(source.text, changes))
    new = load_tree(MemoryFiles(files))  # raises where the new text is not YAML
    intentions = [(rewrite, paths)] if paths else []
    faults = model_differences(structure(old.definitions), structure(new.definitions), intentions, options)
    faults += second_run(new, [rewrite], options)
    faults += lost_comments(old.sources.values(), edits, new.sources.values())
    assert [str(fault) for fault in faults] == []
    assert all(note.origin is not None and note.code == rewrite.code and note.name == rewrite.name for note in notes)
    said = dict.fromkeys(f"{note.severity.value}: {note.message}" for note in notes)
    return _Result({path: data.decode() for path, data in files.items()}, list(said))


def _files(texts: Files) -> dict[str, str]:
    return {CONFIG: texts} if isinstance(texts, str) else dict(texts)


def _crlf(texts: Mapping[str, str]) -> dict[str, str]:
    return {path: text.replace("\n", "\r\n") for path, text in texts.items()}


def _comments(texts: Mapping[str, str]) -> Counter[str]:
    sources = load_tree(MemoryFiles({path: text.encode() for path, text in texts.items()})).sources.values()
    return Counter(source.text[start:end] for source in sources for start, end in source.comments())
