from __future__ import annotations

from functools import partial

from tests.support import app, check_noop, check_rewritten

rewritten, noop = partial(check_rewritten, "local_mounts"), partial(check_noop, "local_mounts")


def test_other_sources_stay() -> None:
    text = "mounts:\n  a: {source: instance}\n  b: {source: storage}\n  c: {source: tmp}\n  d: {source: service, service: nas}"
    assert noop(app(text)) == []


def test_the_word_elsewhere_stays() -> None:
    assert noop(app("mounts:\n  local: {source: tmp, source_path: local}\nvariables: {env: {source: local}}\nsource: {root: local}")) == []


def test_a_mount_that_is_a_string_stays() -> None:
    assert noop(app("mounts:\n  a: local\n  b: shared:files/b")) == []


def test_a_source_in_a_file_of_its_own_stays() -> None:
    assert noop({".upsun/config.yaml": app("mounts:\n  a:\n    source: !include s.yaml"), "s.yaml": "local\n"}) == []


def test_every_level_that_has_mounts() -> None:
    notes = rewritten(
        app("""\
mounts:
  a:
    source: local  # own
web:
  mounts: {b: {source: local}}
workers:
  w:
    mounts:
      c: {source: local}"""),
        app("""\
mounts:
  a:
    source: instance  # own
web:
  mounts: {b: {source: instance}}
workers:
  w:
    mounts:
      c: {source: instance}"""),
    )
    assert notes == [
        "info: applications.shop.mounts.a.source: `local` became `instance`",
        "info: applications.shop.web.mounts.b.source: `local` became `instance`",
        "info: applications.shop.workers.w.mounts.c.source: `local` became `instance`",
    ]


def test_storage_where_that_is_asked_for() -> None:
    before = app("mounts:\n  a: {source: local}\nworkers:\n  w:\n    mounts:\n      b: {source: 'local', source_path: b}")
    rewritten(before, before.replace("'local'", "storage").replace("local", "storage"), mounts="storage")


def test_a_source_that_another_mount_repeats() -> None:
    rewritten(
        app("mounts:\n  a:\n    source: &s local\n  b:\n    source: *s"),
        app("mounts:\n  a:\n    source: &s instance\n  b:\n    source: *s"),
    )


def test_a_mount_whose_source_has_a_tag_is_left() -> None:
    assert noop(app("mounts:\n  /a: {source: !t local}")) == []
