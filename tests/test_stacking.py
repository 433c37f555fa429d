from __future__ import annotations

import pytest

from workerlib.composing import conversion, obstacles
from workerlib.images import Channel, newest_channel
from workerlib.loading import loads
from workerlib.model import ABSENT, Application
from workerlib.stacking import Remark, advice, channel_of, need, stated_type, wanted_channel


def app(text: str) -> Application:
    return loads(f"applications: {{shop: {{{text}}}}}\n").applications["shop"]


@pytest.mark.parametrize(
    "script",
    ["php bin/console", "echo node", "./node", "node_modules/.bin/x", "cd python && ls", "NODE_ENV=production ./run", "# npm ci"],
)
def test_a_script_that_only_looks_like_another_language_is_no_reason(script: str) -> None:
    assert list(advice(app(f"type: 'php:8.4', workers: {{queue: {{commands: {{start: '{script}'}}}}}}"))) == []


@pytest.mark.parametrize("script", ["node x", "cd app && node x", "exec node x", "A=1 node x", "(node x)", "if true; then node x; fi"])
def test_a_script_that_starts_another_language_is_a_reason(script: str) -> None:
    assert list(advice(app(f"type: 'php:8.4', workers: {{queue: {{commands: {{start: '{script}'}}}}}}"))) == ["worker `queue` runs `node`"]


@pytest.mark.parametrize("script", ["nvm install 24", "n auto", "curl -fsSL https://bun.sh/install | bash", "pyenv install 3.14"])
def test_a_runtime_installed_by_hand_is_a_reason(script: str) -> None:
    (reason,) = advice(app(f"type: 'php:8.4', hooks: {{build: '{script}'}}"))
    assert reason.startswith("hook `build` installs a runtime by hand")


def test_tools_of_the_own_language_are_no_reason() -> None:
    assert list(advice(app("type: 'php:8.4', dependencies: {php: {drush/drush: '8'}, nodejs: {}}"))) == []


def test_only_a_runtime_without_an_image_of_its_own_needs_a_stack() -> None:
    assert need(app("type: 'php:8.4'")) is None
    assert need(app("type: 'cobol:85'")) is None
    assert need(app("type: 'perl:5'")) == "`perl` is a runtime of composable images only"


def test_the_channel_is_part_of_the_type() -> None:
    assert channel_of(app("type: 'php:8.4'")) is None
    assert channel_of(app("type: composable")) == ""
    assert channel_of(app("type: 'composable:26.05'")) == "26.05"
    assert isinstance(wanted_channel("26.05"), Channel)
    assert wanted_channel("") == newest_channel()
    assert isinstance(wanted_channel("24.05"), Remark)


def test_a_stack_states_its_type() -> None:
    assert stated_type(app("stack: ['php@8.4']"), "") == f"composable:{newest_channel().name}"
    assert stated_type(app("type: 'composable:24.05', stack: ['php@8.4']"), "") is None
    assert isinstance(stated_type(app("stack: ['php@5.4']"), ""), list)


def test_a_conversion_says_what_the_application_is_to_be() -> None:
    before = app("type: 'nodejs:24', build: {flavor: none}, hooks: {build: make}, workers: {queue: {commands: {start: node q}}}")
    assert obstacles(before, newest_channel()) == []
    after = conversion(before, newest_channel()).applied(before)
    assert after.type == f"composable:{newest_channel().name}"
    assert after.stack
    assert [(runtime.name, runtime.version) for runtime in after.stack.runtimes] == [("nodejs", "24")]
    assert (after.build, after.runtime, after.dependencies) == (ABSENT, ABSENT, ABSENT)
    assert (after.hooks, after.workers) == (before.hooks, before.workers)
