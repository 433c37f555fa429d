from __future__ import annotations

from functools import partial

from tests.support import app, check_noop, check_rewritten

from workerlib import plan
from workerlib.layout import CONFIG

rewritten, noop = partial(check_rewritten, "string_mounts"), partial(check_noop, "string_mounts")


def test_a_mount_that_is_a_mapping_stays() -> None:
    assert noop(app("mounts:\n  /tmp: {source: tmp, source_path: 'shared:files/tmp'}")) == []


def test_a_mount_without_a_value_stays() -> None:
    assert noop(app("mounts:\n  /tmp:\n  /var: ~")) == []


def test_any_other_string_is_left_and_reported_once() -> None:
    text = app("mounts:\n  /tmp: shared:other/tmp")
    assert noop(text) == []
    assert [one.name for one in plan({CONFIG: text.encode()}).diagnostics] == ["wrong-type"]


def test_the_same_text_elsewhere_stays() -> None:
    assert noop(app("variables: {env: {MOUNT: 'shared:files/tmp'}}")) == []


def test_folders_below_the_volume_and_the_volume_itself() -> None:
    notes = rewritten(
        app('mounts:\n  "/cache": "shared:files/c/d"  # deep\n  all: shared:files\n  slash: shared:files/'),
        app(
            """\
mounts:
  "/cache":  # deep
    source: instance
    source_path: c/d
  all:
    source: instance
    source_path: ''
  slash:
    source: instance
    source_path: ''"""
        ),
    )
    assert notes[0] == "info: applications.shop.mounts./cache: `shared:files/c/d` became `instance`"


def test_inside_braces() -> None:
    rewritten(app("mounts: {/tmp: 'shared:files/tmp'}"), app("mounts: {/tmp: {source: instance, source_path: tmp}}"))


def test_storage_where_that_is_asked_for() -> None:
    rewritten(
        app("workers:\n  w:\n    mounts:\n      a: shared:files/a"),
        app("workers:\n  w:\n    mounts:\n      a:\n        source: storage\n        source_path: a"),
        mounts="storage",
    )


def test_a_mount_that_another_repeats() -> None:
    rewritten(
        app("mounts:\n  a: &a shared:files/a\n  b: *a"),
        app("mounts:\n  a: &a\n    source: instance\n    source_path: a\n  b:\n    source: instance\n    source_path: a"),
    )
