from __future__ import annotations

from functools import partial

from tests.support import app, check_noop, check_rewritten

rewritten, noop = partial(check_rewritten, "application_names"), partial(check_noop, "application_names")


def test_an_application_without_a_name_inside_stays() -> None:
    assert noop(app("type: php:8.4")) == []


def test_a_name_of_something_else_stays() -> None:
    text = "runtime:\n  extensions: [{name: blackfire}]\nvariables: {env: {name: shop}}\nworkers:\n  name:\n    name: shop\n"
    assert noop(app(text) + "services:\n  shop: {name: shop}\n") == []


def test_a_name_in_an_old_layout_stays() -> None:
    assert noop({".platform.app.yaml": "name: shop\ntype: php:8.4\n"}) == []


def test_what_the_key_says_already() -> None:
    rewritten(app("# code\nname: shop # once\ntype: php:8.4"), app("# code\ntype: php:8.4"), loses=["# once"])
    rewritten("applications: {shop: {name: 'shop'}}\n", "applications: {shop: {}}\n")


def test_in_a_file_that_is_included() -> None:
    config = "applications:\n  shop: !include apps/shop.yaml\n"
    before, after = ({".upsun/config.yaml": config, ".upsun/apps/shop.yaml": f"{name}type: php:8.4\n"} for name in ("name: shop\n", ""))
    rewritten(before, after)


def test_behind_a_merge_key() -> None:
    rewritten(".x: &x {name: shop, type: a}\n" + app("<<: *x\nname: shop"), ".x: &x {type: a}\n" + app("<<: *x"))
