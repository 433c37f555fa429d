"""What holds for every program that `--python` takes: the proof, what is none of ours, and that it goes on doing what it did."""

from __future__ import annotations

import contextlib
import io
import os
import sys
import tempfile
import tokenize
from collections import Counter
from pathlib import Path
from unittest import mock

import pytest
from hypothesis import event, given, settings
from tests.property.python_programs import NOISE, Program, programs
from tests.sources import SHOP, execute, planned

from workerlib import Options, load, plan
from workerlib.migrate import Plan

pytest.importorskip("yaml")  # the programs use it
few = settings(max_examples=max(settings().max_examples // 4, 10))  # since each is planned twice


def result(program: Program) -> tuple[Plan, str]:
    found = planned({**SHOP, "tool.py": program.text})
    data = found.files.get("tool.py")
    return found, program.text if data is None else data.decode()


def comments(text: str) -> Counter[str]:
    tokens = tokenize.generate_tokens(io.StringIO(text).readline)
    return Counter(token.string for token in tokens if token.type == tokenize.COMMENT)


@few
@given(programs())
def test_what_is_none_of_ours_stays_to_the_letter(program: Program) -> None:
    found, new = result(program)
    event("changed" if new != program.text else "left")
    compile(new, "tool.py", "exec")
    assert [line for line in new.splitlines() if NOISE in line] == [line for line in program.text.splitlines() if NOISE in line]
    assert comments(new) == comments(program.text)
    assert ("\r" in new, new.replace("\r\n", "").count("\r")) == ("\r" in program.text, 0)
    again = planned({"tool.py": new, **{path: data for path, data in found.files.items() if data is not None and path != "tool.py"}})
    assert "tool.py" not in again.files


def ran(program: str, root: Path, out: Path) -> str:
    """What a program prints that lies in a folder."""
    out.mkdir()
    printed, before = io.StringIO(), Path.cwd()
    (root / "tool.py").write_text(program, newline="")
    os.chdir(root)
    try:
        with (
            contextlib.redirect_stdout(printed),
            contextlib.redirect_stderr(io.StringIO()),
            mock.patch.dict(os.environ, OUT=str(out)),
            mock.patch.object(sys, "argv", ["php:8.4"]),
        ):
            execute(root / "tool.py")
    finally:
        os.chdir(before)
    return printed.getvalue()


@few
@given(programs())
def test_a_program_goes_on_doing_what_it_did(program: Program) -> None:
    found, new = result(program)
    left = any(one.code == "WL610" for one in found.diagnostics)
    event("left" if left else "followed")
    if left and program.followed:
        event(str([one.message for one in found.diagnostics if one.code == "WL610"]))
    if left:
        return
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder, "project")
        for path, text in SHOP.items():
            (root / path).parent.mkdir(parents=True, exist_ok=True)
            (root / path).write_text(text)
        old, now = Path(folder, "old"), Path(folder, "new")
        before = ran(program.text, root, old)
        plan(root, Options(python=True)).apply()
        assert ran(new, root, now) == before
        if (old / ".platform.app.yaml").exists():  # what it writes means what it meant
            plan(old).apply()
            assert load(now) == load(old)
