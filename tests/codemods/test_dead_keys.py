from __future__ import annotations

from functools import partial

from tests.support import app, check_noop

noop = partial(check_noop, "dead_keys")


def test_living_keys_are_fine() -> None:
    text = app("build: {flavor: none}\nruntime: {extensions: [redis]}\naccess: {ssh: viewer}\nworkers: {w: {access: {ssh: viewer}}}")
    assert noop(text + "services:\n  db: {type: 'mariadb:11.4'}\n") == []


def test_the_same_words_as_data_are_fine() -> None:
    assert noop(app("variables: {env: {caches: x, quicklisp: y}}") + "services:\n  access: {type: 'redis:8.0'}\n") == []


def test_a_service_named_php_is_fine() -> None:
    assert noop(app("type: php:8.4") + "services:\n  php: {type: 'varnish:7.6', relationships: {app: 'shop:http'}}\n") == []


def test_keys_without_a_successor_are_reported() -> None:
    text = app("build: {caches: {npm: {watch: [package.json]}}}\nruntime: {quicklisp: {a: b}}\nmove_to_root: x\nweb: {move_to_root: x}")
    assert noop(text + "services:\n  db: {type: 'mariadb:11.4', access: {ssh: viewer}}\n") == [
        "warning: services.db.access: `access` to a service is deprecated",
        "warning: applications.shop.build.caches: `build.caches` is refused today",
        "warning: applications.shop.move_to_root: `move_to_root` has no effect",
        "warning: applications.shop.runtime.quicklisp: there is no Lisp image any more",
        "warning: applications.shop.web.move_to_root: `move_to_root` has no effect",
    ]


def test_an_application_among_the_services_is_reported() -> None:
    said = "warning: services.php.relationships: an application that stands among the services, as before September 2014"
    assert noop(app("type: php:8.4") + "services:\n  php: {relationships: {db: 'db:mysql'}}\n") == [said]
    assert noop(app("type: php:8.4") + "services:\n  php: {type: php, relationships: {db: 'db:mysql'}}\n") == [said]
