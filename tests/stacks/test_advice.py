from __future__ import annotations

import pytest
from tests.stacks.test_conversion import app

from workerlib.images import Channel, newest_channel
from workerlib.stacks.advice import Remark, advice, channel_of, installed_by_hand, need, scripts, stated_type, wanted_channel


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


@pytest.mark.parametrize("script", ["phpize && ./configure && make", "yes | pecl install redis"])
def test_an_extension_made_by_hand_is_a_reason(script: str) -> None:
    (reason,) = advice(app(f"type: 'php:8.4', hooks: {{build: '{script}'}}"))
    assert reason.startswith("hook `build` makes an extension by hand")


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


def test_a_runtime_that_is_installed_by_hand_may_be_of_any_language() -> None:
    assert installed_by_hand(app("type: 'php:8.4', hooks: {build: 'asdf install'}")) == ("asdf", "")
    assert installed_by_hand(app("type: 'php:8.4', hooks: {build: 'pyenv install 3.14'}")) == ("pyenv", "python")
    assert installed_by_hand(app("type: 'php:8.4', hooks: {build: '# pyenv install 3.14'}")) is None


def test_all_that_an_application_runs_is_a_script() -> None:
    found = scripts(
        app("""\
type: 'php:8.4', hooks: {build: a, post_deploy: b}, web: {commands: {pre_start: c, start: d}},
workers: {mail: {commands: {start: e}}}, crons: {night: {spec: '0 0 * * *', commands: {start: f}}, day: {spec: '0 9 * * *', cmd: g}}""")
    )
    assert found == {
        "hook `build`": "a",
        "hook `post_deploy`": "b",
        "`web`": "c\nd",
        "worker `mail`": "e",
        "cron `night`": "f",
        "cron `day`": "g",
    }
