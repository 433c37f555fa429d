from __future__ import annotations

from functools import partial

import pytest
from tests.support import app, check_noop, check_rewritten, steps

from workerlib.migrate import Options, plan

rewritten = partial(check_rewritten, "factor_workers", factor=True)
noop = partial(check_noop, "factor_workers", factor=True)

TWICE = app("workers:\n  a: {timezone: Asia/Tokyo}\n  b: {timezone: Asia/Tokyo}\nweb: {timezone: UTC}")


def test_without_the_option_workers_stay() -> None:
    assert check_noop("factor_workers", TWICE) == []


def test_workers_that_differ_stay() -> None:
    assert noop(TWICE.replace("b: {timezone: Asia/Tokyo}", "b: {timezone: Asia/Seoul}")) == []


def test_what_a_worker_does_not_say_stays() -> None:
    assert noop(app("workers:\n  a: {timezone: Asia/Tokyo}\n  b: {commands: {start: x}}\nweb: {timezone: UTC}")) == []


def test_the_web_instance_must_not_take_it_over() -> None:
    assert noop(app("workers:\n  a: {timezone: Asia/Tokyo}\n  b: {timezone: Asia/Tokyo}")) == []


def test_another_word_of_the_application_stays() -> None:
    assert noop(TWICE.replace("    workers:", "    timezone: Asia/Seoul\n    workers:")) == []


def test_what_all_have_without_saying_it_stays() -> None:
    assert noop(app("workers:\n  a: {timezone: UTC}\n  b: {timezone: UTC}")) == []


def test_one_worker_repeats_nothing() -> None:
    assert noop(app("workers:\n  a: {timezone: Asia/Tokyo}\nweb: {timezone: UTC}")) == []


def test_what_a_worker_has_for_itself_stays() -> None:
    assert noop(app("workers:\n  a: {commands: {start: x}, size: S}\n  b: {commands: {start: x}, size: S}\nweb: {size: M}")) == []


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("workers:\n  a: &a {timezone: Asia/Tokyo}\n  b: *a\nweb: {timezone: UTC}", "has to do with an anchor"),
        ("workers:\n  a: !include a.yaml\n  b: {timezone: Asia/Tokyo}\nweb: {timezone: UTC}", "it stands in a file of its own"),
        ("workers: !include w.yaml\nweb: {timezone: UTC}", "it stands in a file of its own"),
        ("workers:\n  a: {timezone: Asia/Tokyo}\n  b:\n    timezone: Asia/Tokyo  # why\nweb: {timezone: UTC}", "comments in a copy"),
    ],
)
def test_what_cannot_move_is_left_and_reported(text: str, fault: str) -> None:
    worker = "timezone: Asia/Tokyo\n"
    files = {".upsun/config.yaml": app(text), "a.yaml": worker, "w.yaml": "a: {timezone: Asia/Tokyo}\nb: {timezone: Asia/Tokyo}\n"}
    (note,) = noop(files)
    assert note.startswith("info: applications.shop.workers.a.timezone: all workers repeat it, but ")
    assert fault in note


def test_a_comment_that_braces_have_no_room_for_is_left_and_reported() -> None:
    text = """\
applications: {shop: {
  workers: {
    a: {mounts: {
      t: {source: tmp}  # scratch
    }},
    b: {mounts: {t: {source: tmp}}}},
  web: {mounts: {}}}}
"""
    (note,) = noop(text)
    assert note.endswith("`mounts` cannot be moved into braces as it is written")


def test_the_text_of_the_first_worker_moves_with_its_comments() -> None:
    rewritten(
        app("""\
type: php:8.4
# background
workers:
  a:
    # where files go
    mounts:
      cache:  # big
        source: instance

    commands: {start: ./a}
  b:
    commands: {start: ./b}
    mounts: {cache: {source: instance, source_path: cache}}
web:
  mounts: {}"""),
        app("""\
type: php:8.4
# where files go
mounts:
  cache:  # big
    source: instance
# background
workers:
  a:

    commands: {start: ./a}
  b:
    commands: {start: ./b}
web:
  mounts: {}"""),
    )


def test_what_the_application_says_already_leaves_its_workers() -> None:
    rewritten(
        app("timezone: Asia/Tokyo  # all\nworkers:\n  a:\n    commands: {start: x}\n    timezone: Asia/Tokyo"),
        app("timezone: Asia/Tokyo  # all\nworkers:\n  a:\n    commands: {start: x}"),
    )


def test_a_web_instance_that_repeats_it_as_well() -> None:
    rewritten(
        app("workers:\n  a: {timezone: Asia/Tokyo, access: {}}\n  b: {timezone: Asia/Tokyo}\nweb: {timezone: Asia/Tokyo, upstream: {}}"),
        app("timezone: Asia/Tokyo\nworkers:\n  a: {access: {}}\n  b: {}\nweb: {upstream: {}}"),
    )


def test_several_properties_at_once() -> None:
    rewritten(
        app("""\
workers:
  a:
    timezone: Asia/Tokyo
    relationships:
      db: 'db:mysql'
  b:
    relationships:
      db: {service: db, endpoint: mysql}
    timezone: Asia/Tokyo
web:
  timezone: UTC
  relationships: {}"""),
        app("""\
relationships:
  db: 'db:mysql'
timezone: Asia/Tokyo
workers:
  a: {}
  b: {}
web:
  timezone: UTC
  relationships: {}"""),
    )


def test_inside_braces() -> None:
    rewritten(
        "applications: {shop: {workers: {a: {timezone: Asia/Tokyo}, b: {timezone: Asia/Tokyo}}, web: {timezone: UTC}}}\n",
        "applications: {shop: {timezone: Asia/Tokyo, workers: {a: {}, b: {}}, web: {timezone: UTC}}}\n",
    )


def test_asked_for_by_its_name() -> None:
    check_rewritten(
        "factor_workers",
        TWICE,
        app("timezone: Asia/Tokyo\nworkers:\n  a: {}\n  b: {}\nweb: {timezone: UTC}"),
        only=("factor-workers",),
    )


def test_what_web_states_last_moves_behind_web() -> None:
    mounts = "mounts: {x: {source: storage}}"
    workers = f"workers:\n  a: {{{mounts}}}\n  b: {{{mounts}}}"
    assert (
        rewritten(
            app(f"web:\n  commands: {{start: w}}\n  {mounts}\n{workers}"),
            app(f"web:\n  commands: {{start: w}}\n{mounts}\nworkers:\n  a: {{}}\n  b: {{}}"),
        )
        == []
    )


@pytest.mark.parametrize("own", ["timezone: CET", "mounts: {x%: {source: storage}}, variables: {env: {A: b}}"])
def test_it_takes_a_time_in_proportion_to_the_number_of_workers(own: str) -> None:
    def taken(count: int) -> int:
        workers = "".join(f"      w{n}: {{{own.replace('%', str(n))}, commands: {{start: x{n}}}}}\n" for n in range(count))
        text = f"applications:\n  shop:\n    type: php:8.4\n    workers:\n{workers}"
        return steps(lambda: plan({".upsun/config.yaml": text.encode()}, Options(factor=True)))

    assert taken(80) < 4.5 * taken(20)
