from __future__ import annotations

from functools import partial

import pytest
from tests.support import app, check_noop, check_rewritten

rewritten = partial(check_rewritten, "explicit_relationships", explicit_relationships=True)
noop = partial(check_noop, "explicit_relationships", explicit_relationships=True)


def test_without_the_option_strings_stay() -> None:
    assert check_noop("explicit_relationships", app("relationships:\n  db: mysqldb:mysql")) == []


@pytest.mark.parametrize("value", ["", "~", "{}", "{service: db}", "{service: db, endpoint: mysql}"])
def test_other_forms_stay(value: str) -> None:
    assert noop(app(f"relationships:\n  db: {value}")) == []


@pytest.mark.parametrize("value", ["db", "'db:'", "':mysql'", "'a:b:c'", "[a]", "!include db.yaml"])
def test_what_does_not_name_a_service_and_an_endpoint_stays(value: str) -> None:
    assert noop({".upsun/config.yaml": app(f"relationships:\n  db: {value}"), "db.yaml": "db:mysql\n"}) == []


def test_the_same_text_elsewhere_stays() -> None:
    assert noop(app("variables: {env: {relationships: 'db:mysql'}}")) == []


def test_everywhere_that_relationships_are() -> None:
    rewritten(
        app("""\
relationships:
  # main
  db: 'mysqldb:mysql'  # 11.4
web:
  relationships: {api: 'api:http'}
workers:
  w:
    relationships:
      db: mysqldb:mysql""")
        + "services:\n  varnish:\n    type: varnish:7.6\n    relationships:\n      app: shop:http\n",
        app("""\
relationships:
  # main
  db:  # 11.4
    service: mysqldb
    endpoint: mysql
web:
  relationships: {api: {service: api, endpoint: http}}
workers:
  w:
    relationships:
      db:
        service: mysqldb
        endpoint: mysql""")
        + "services:\n  varnish:\n    type: varnish:7.6\n    relationships:\n      app:\n        service: shop\n        endpoint: http\n",
    )


def test_the_default_endpoint_is_written_as_well() -> None:
    rewritten(
        app("relationships:\n  db: db:mysql") + "services:\n  db: {type: 'mariadb:11.4'}\n",
        app("relationships:\n  db:\n    service: db\n    endpoint: mysql") + "services:\n  db: {type: 'mariadb:11.4'}\n",
    )


def test_one_that_another_repeats() -> None:
    rewritten(
        app("relationships:\n  a: &a db:mysql\n  b: *a"),
        app("relationships:\n  a: &a\n    service: db\n    endpoint: mysql\n  b:\n    service: db\n    endpoint: mysql"),
    )
