"""Factored and expanded, an application is the same for each of its instances."""

from __future__ import annotations

from collections.abc import Callable
from textwrap import indent

import pytest

from workerlib.factoring import expand, factor
from workerlib.loading import loads
from workerlib.model import Application
from workerlib.resolving import effective


def application(text: str) -> Application:
    return loads("applications:\n  shop:\n" + indent(text, "    ")).applications["shop"]


REPEATED = application("""
web:
  relationships: {db: , mq: {service: rabbit, endpoint: rabbitmq}}
  variables: {env: {type: web}}
workers:
  queue:
    commands: {start: ./queue}
    relationships: {db: , mq: {service: rabbit, endpoint: rabbitmq}}
    variables: {env: {type: worker}}
    mounts: {test: {source: storage}}
  mail:
    commands: {start: ./mail}
    relationships: {mq: {service: rabbit, endpoint: rabbitmq}}
    variables: {env: {type: worker}}
""")
SAID_ONCE = application("""
relationships: {db: , mq: {service: rabbit, endpoint: rabbitmq}}
variables: {env: {type: worker}}
web:
  variables: {env: {type: web}}
workers:
  queue:
    commands: {start: ./queue}
    mounts: {test: {source: storage}}
  mail:
    commands: {start: ./mail}
    mounts: {}
    relationships: {mq: {service: rabbit, endpoint: rabbitmq}}
""")


def test_what_instances_repeat_is_said_once() -> None:
    factored = factor(REPEATED)
    assert factored.relationships == SAID_ONCE.relationships
    assert factored.variables == SAID_ONCE.variables
    assert factored.workers["queue"].relationships == factor(SAID_ONCE).workers["queue"].relationships


def test_two_definitions_of_the_same_instances_become_one() -> None:
    assert REPEATED != SAID_ONCE
    assert factor(REPEATED) == factor(SAID_ONCE)
    assert expand(REPEATED) == expand(SAID_ONCE)


@pytest.mark.parametrize("app", [REPEATED, SAID_ONCE], ids=["repeated", "said once"])
def test_each_instance_keeps_what_it_has(app: Application) -> None:
    for worker in (None, *app.workers):
        assert effective(factor(app), worker) == effective(app, worker)
        assert effective(expand(app), worker) == effective(app, worker)


def test_factoring_undoes_expanding() -> None:
    assert factor(expand(SAID_ONCE)) == factor(SAID_ONCE)
    assert expand(factor(REPEATED)) == expand(REPEATED)


def test_who_has_nothing_cannot_be_made_to_inherit() -> None:
    app = application("workers: {a: {disk: 128}, b: {disk: 128}, c: {disk: 128}, d: {disk: 128}, e: {}}")
    assert factor(app) == app


def test_who_has_an_empty_mapping_states_it_only_where_it_must() -> None:
    app = application("web: {}\nworkers: {a: {mounts: {}}, b: {mounts: {x: {source: tmp}}}, c: {mounts: {x: {source: tmp}}}}")
    factored = factor(app)
    assert factored.workers["a"] == application("workers: {a: {}}").workers["a"]
    assert factored == application("workers: {a: {}, b: {mounts: {x: {source: tmp}}}, c: {mounts: {x: {source: tmp}}}}")


def test_a_web_instance_that_says_nothing_is_left_out() -> None:
    assert factor(application("web: {mounts: {x: {source: tmp}}}")) == application("mounts: {x: {source: tmp}}")


@pytest.mark.parametrize("rewrite", [factor, expand])
@pytest.mark.parametrize(
    "text",
    [
        "workers: {a: , b: {mounts: {x: {source: tmp}}}}\nmounts: {x: {source: tmp}}",
        "workers: {a: {mounts: [x]}, b: {mounts: {x: {source: tmp}}}}\nmounts: {x: {source: tmp}}",
        "workers: {a: {mounts: {x: {source: tmp}}}}\nmounts: [x]",
    ],
)
def test_what_cannot_be_used_is_left_alone(rewrite: Callable[[Application], Application], text: str) -> None:
    assert rewrite(application(text)) == application(text)


def test_of_two_shortest_definitions_the_one_in_which_the_application_states_it() -> None:
    app = application("workers: {a: {relationships: {db: }}, b: {relationships: {db: }}}")
    stated = application("relationships: {db: }\nweb: {relationships: {}}\nworkers: {a: {}, b: {}}")
    assert factor(stated) == factor(app) == stated
