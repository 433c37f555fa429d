from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

import pytest

from workerlib.images import newest_channel
from workerlib.loading import loads
from workerlib.model import ABSENT, Application
from workerlib.stacks.conversion import conversion, obstacles


def app(text: str) -> Application:
    """An application with these properties in flow style."""
    return loads(f"applications: {{shop: {{{text}}}}}\n").applications["shop"]


def test_a_conversion_says_what_the_application_is_to_be() -> None:
    before = app("type: 'nodejs:24', build: {flavor: none}, hooks: {build: make}, workers: {queue: {commands: {start: node q}}}")
    assert obstacles(before, newest_channel()) == []
    after = conversion(before, newest_channel()).applied(before)
    assert after.type == f"composable:{newest_channel().name}"
    assert after.stack
    assert [(runtime.name, runtime.version) for runtime in after.stack.runtimes] == [("nodejs", "24")]
    assert (after.build, after.runtime, after.dependencies) == (ABSENT, ABSENT, ABSENT)
    assert (after.hooks, after.workers) == (before.hooks, before.workers)


# ---- what a shell makes of the build hook


@pytest.fixture
def tools(tmp_path: Path) -> Path:
    """A folder with an application's files, and with tools that say that they run, and fail where a file named after them says so."""
    for tool in ("composer", "npm", "then"):
        path = tmp_path / tool
        path.write_text(f'#!/bin/sh\necho {tool} "$1"; [ ! -f "{tmp_path}/{tool}-$1-fails" ]\n')
        path.chmod(0o755)
    for file in ("composer.json", "package.json"):
        (tmp_path / file).touch()
    return tmp_path


def build(folder: Path, kind: str, hook: str) -> tuple[list[str], bool]:
    """What the build hook of a converted application runs, and whether the build succeeds."""
    before = app(f"type: '{kind}', hooks: {{build: {hook!r}}}" if hook else f"type: '{kind}'")
    hooks = conversion(before, newest_channel()).applied(before).hooks
    assert hooks
    assert isinstance(hooks.build, str)
    environment = {"PATH": f"{folder}{os.pathsep}{os.environ['PATH']}"}
    done = subprocess.run([SHELL, "-c", hooks.build], cwd=folder, env=environment, capture_output=True, text=True, check=False)
    return done.stdout.splitlines(), done.returncode == 0


SHELL = shutil.which("sh") or ""
needs_a_shell = pytest.mark.skipif(not SHELL, reason="there is no POSIX shell")
HOOKS = ["", "./then x", "./then x; ./then y", "set -e; ./then x", "./then x && ./then y"]


@needs_a_shell
@pytest.mark.parametrize("hook", HOOKS)
@pytest.mark.parametrize(("kind", "runs"), [("php:8.4", ["composer --no-ansi"]), ("nodejs:24", ["npm prune", "npm install"])])
def test_what_ran_by_itself_runs_first(tools: Path, hook: str, kind: str, runs: list[str]) -> None:
    said, succeeds = build(tools, kind, hook)
    assert said == [*runs, *(f"then {word}" for word in "xy" if f"then {word}" in hook)]
    assert succeeds


@needs_a_shell
@pytest.mark.parametrize("hook", HOOKS)
@pytest.mark.parametrize(("kind", "fails"), [("php:8.4", "composer --no-ansi"), ("nodejs:24", "npm prune"), ("nodejs:24", "npm install")])
def test_a_build_fails_where_what_ran_by_itself_fails(tools: Path, hook: str, kind: str, fails: str) -> None:
    (tools / f"{fails.replace(' ', '-')}-fails").touch()
    said, succeeds = build(tools, kind, hook)
    assert said[-1] == fails
    assert not succeeds


@needs_a_shell
def test_a_hook_that_went_on_after_a_failure_still_does(tools: Path) -> None:
    (tools / "then-x-fails").touch()
    assert build(tools, "php:8.4", "./then x; ./then y") == (["composer --no-ansi", "then x", "then y"], True)
    assert build(tools, "php:8.4", "./then x") == (["composer --no-ansi", "then x"], False)
