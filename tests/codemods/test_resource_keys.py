from __future__ import annotations

from functools import partial

from tests.support import app, check_noop, check_rewritten

rewritten, noop = partial(check_rewritten, "resource_keys"), partial(check_noop, "resource_keys")


def test_a_project_without_resources_stays() -> None:
    assert noop(app("type: php:8.4\nworkers:\n  queue:\n    commands: {start: ./queue}")) == []


def test_the_same_words_as_data_stay() -> None:
    assert (
        noop(
            app(
                """\
mounts:
  disk: {source: tmp, source_path: size}
variables:
  env: {size: S, disk: 1, resources: x}
relationships:
  size: "disk:resources"
"""
            )
        )
        == []
    )


def test_a_worker_and_a_service_of_that_name_stay() -> None:
    assert noop(app("workers:\n  size:\n    commands: {start: x}") + "services:\n  disk:\n    type: mariadb:11.4\n") == []


def test_a_size_of_a_location_is_none_of_ours() -> None:
    assert noop(app("web:\n  locations:\n    /:\n      request_buffering: {enabled: true, max_request_size: 1m}")) == []


def test_everywhere_that_the_platform_read_them() -> None:
    rewritten(
        app("""\
disk: 1
size: S
type: php:8.4
web:
  size: M
  commands: {start: x}
workers:
  a:
    resources:
      base_memory: 1
    disk: 2
    commands: {start: y}""")
        + "services:\n  db:\n    type: mariadb:11.4\n    disk: 3\n",
        app("type: php:8.4\nweb:\n  commands: {start: x}\nworkers:\n  a:\n    commands: {start: y}")
        + "services:\n  db:\n    type: mariadb:11.4\n",
    )


def test_the_comment_beside_a_key_goes_and_those_above_stay() -> None:
    rewritten(
        app("# the code\ntype: php:8.4\n# uploads\ndisk: 1024  # MB\n# the site\nweb:\n  commands: {start: x}"),
        app("# the code\ntype: php:8.4\n# uploads\n# the site\nweb:\n  commands: {start: x}"),
        loses=["# MB"],
    )


def test_a_worker_that_says_nothing_else_becomes_empty() -> None:
    rewritten(app("type: php:8.4\nworkers:\n  a:\n    size: S"), app("type: php:8.4\nworkers:\n  a: {}"))


def test_inside_braces() -> None:
    rewritten(app("workers: {a: {size: S, disk: 1, commands: {start: x}}}"), app("workers: {a: {commands: {start: x}}}"))


def test_what_a_merge_key_would_bring_back_goes_too() -> None:
    base = ".base: &base\n  disk: 1\n  size: S\n  timezone: UTC\n"
    rewritten(
        base + app("<<: *base\ndisk: 2\nweb:\n  commands: {start: x}\nworkers:\n  a:\n    <<: *base\n    size: M"),
        ".base: &base\n  timezone: UTC\n" + app("<<: *base\nweb:\n  commands: {start: x}\nworkers:\n  a:\n    <<: *base"),
    )


def test_an_anchor_that_is_still_needed_moves_to_its_first_alias() -> None:
    rewritten(
        app("disk: &n 1024\nvariables:\n  env:\n    N: *n\n    M: *n"),
        app("variables:\n  env:\n    N: &n 1024\n    M: *n"),
    )


def test_workers_that_share_a_mapping() -> None:
    rewritten(
        app("workers:\n  a: &w\n    size: S\n    commands: {start: x}\n  b: *w\n  c:\n    <<: *w\n    disk: 1"),
        app("workers:\n  a: &w\n    commands: {start: x}\n  b: *w\n  c:\n    <<: *w"),
    )


def test_a_worker_in_an_included_file() -> None:
    config = app("workers:\n  a: !include a.yaml")
    rewritten(
        {".upsun/config.yaml": config, "a.yaml": "size: S\ncommands: {start: x}\n"},
        {".upsun/config.yaml": config, "a.yaml": "commands: {start: x}\n"},
    )
