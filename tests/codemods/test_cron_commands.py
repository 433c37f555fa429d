from __future__ import annotations

from functools import partial

from tests.support import app, check_noop, check_rewritten

from workerlib import plan
from workerlib.layout import CONFIG

rewritten, noop = partial(check_rewritten, "cron_commands"), partial(check_noop, "cron_commands")


def test_a_cron_with_commands_stays() -> None:
    assert noop(app("crons:\n  nightly: {spec: H 3 * * *, commands: {start: ./sweep}}")) == []


def test_a_cron_with_both_keys_is_left_and_reported_once() -> None:
    text = app("crons:\n  nightly:\n    spec: 0 2 * * *\n    cmd: ./old\n    commands:\n      start: ./new")
    assert noop(text) == []
    assert [one.name for one in plan({CONFIG: text.encode()}).diagnostics] == ["cron-command"]


def test_cmd_elsewhere_is_no_cron() -> None:
    assert noop(app("variables:\n  env:\n    cmd: ./x\nhooks:\n  build: 'cmd: x'")) == []


def test_a_cron_that_is_no_mapping_stays() -> None:
    assert noop(app("crons:\n  nightly: ./sweep\n  weekly:")) == []


def test_the_rest_of_the_cron_keeps_its_place() -> None:
    rewritten(
        app("crons:\n  nightly:\n    # at night\n    cmd: ./sweep  # the cache\n    spec: H 3 * * *\n    timeout: 60"),
        app("crons:\n  nightly:\n    # at night\n    commands:\n      start: ./sweep  # the cache\n    spec: H 3 * * *\n    timeout: 60"),
    )


def test_a_script_of_several_lines_moves_with_all_its_lines() -> None:
    rewritten(
        app(
            """\
crons:
  nightly:
    cmd: |
      if true; then
          # not a comment of ours

          ./sweep
      fi
    spec: x"""
        ),
        app(
            "crons:\n  nightly:\n    commands:\n      start: |\n        if true; then\n            # not a comment of ours\n\n"
            "            ./sweep\n        fi\n    spec: x"
        ),
    )


def test_nothing_inside_braces() -> None:
    rewritten(app("crons: {a: {spec: x, cmd: }, b: {cmd}}"), app("crons: {a: {spec: x, commands: {start: } }, b: {commands: {start}}}"))


def test_inside_braces() -> None:
    rewritten(
        app('crons: {nightly: {spec: "H 3 * * *", cmd: "a: b, c"}}'),
        app('crons: {nightly: {spec: "H 3 * * *", commands: {start: "a: b, c"}}}'),
    )


def test_a_cron_that_another_repeats_is_rewritten_once() -> None:
    rewritten(
        app("crons:\n  a: &a\n    spec: x\n    cmd: ./a\n  b: *a\n  c:\n    <<: *a\n    spec: y"),
        app("crons:\n  a: &a\n    spec: x\n    commands:\n      start: ./a\n  b: *a\n  c:\n    <<: *a\n    spec: y"),
    )


def test_crons_in_an_included_file() -> None:
    config = app("crons: !include crons.yaml")
    rewritten(
        {".upsun/config.yaml": config, "crons.yaml": "a:\n  spec: x\n  cmd: ./a  # kept\n"},
        {".upsun/config.yaml": config, "crons.yaml": "a:\n  spec: x\n  commands:\n    start: ./a  # kept\n"},
    )
