from __future__ import annotations

from functools import partial

import pytest
from tests.support import app, check_noop, check_rewritten

rewritten, noop = partial(check_rewritten, "toolstack"), partial(check_noop, "toolstack")

PATH = "applications.shop.toolstack"
VERSION = f"warning: {PATH}: `type: php` lacks a version"


def test_a_type_stays() -> None:
    assert noop(app("type: php:8.4\nbuild: {flavor: composer}")) == []


def test_the_word_elsewhere_stays() -> None:
    assert noop(app("variables: {env: {toolstack: 'php:drupal'}}\nworkers: {w: {toolstack: 'php:drupal'}}")) == []


@pytest.mark.parametrize("value", ["php", "':drupal'", "'php:'", "[php]", ""])
def test_a_value_without_language_and_flavor_is_left_and_reported(value: str) -> None:
    fault = "expected a language and a flavor, such as `php:composer`"
    assert noop(app(f"toolstack: {value}")) == [f"error: {PATH}: cannot be converted: {fault}"]


def test_a_type_beside_it_is_left_and_reported() -> None:
    assert noop(app("toolstack: php:drupal\ntype: php:8.4")) == [f"error: {PATH}: cannot be converted: `type` is there as well"]


def test_another_toolstack_that_is_merged_is_left_and_reported() -> None:
    (note,) = check_noop("toolstack", app("<<: {toolstack: 'php:drupal'}\ntoolstack: php:composer"))
    assert note.endswith("cannot be converted: another one is merged")


def test_another_flavor_beside_it_is_left_and_reported() -> None:
    assert noop(app("toolstack: php:drupal\nbuild: {flavor: none}")) == [
        f"error: {PATH}: cannot be converted: `build.flavor` is there as well"
    ]


@pytest.mark.parametrize("build", ["", "composer", "!include build.yaml"])
def test_a_build_that_is_no_mapping_here_is_left_and_reported(build: str) -> None:
    files = {".upsun/config.yaml": app(f"toolstack: php:drupal\nbuild: {build}"), "build.yaml": "caches: {}\n"}
    assert noop(files) == [f"error: {PATH}: cannot be converted: `build` is not written as a mapping"]


def test_language_and_flavor_part() -> None:
    notes = rewritten(
        app('# how it is built\ntoolstack: "php:composer"  # with packages\n\n# data\ndisk: 1'),
        app("# how it is built\ntype: php  # with packages\nbuild:\n  flavor: composer\n\n# data\ndisk: 1"),
    )
    assert notes == [VERSION]


@pytest.mark.parametrize("flavor", ["drupal", "symfony"])
def test_a_flavor_of_former_times_is_reported(flavor: str) -> None:
    notes = rewritten(app(f"toolstack: php:{flavor}"), app(f"type: php\nbuild:\n  flavor: {flavor}"))
    assert notes == [VERSION, f"warning: {PATH}: the flavor `{flavor}` is no longer documented"]


def test_a_build_without_a_flavor_gets_it() -> None:
    rewritten(
        app("build:\n  # kept\n  caches: {}\ntoolstack: php:composer"),
        app("build:\n  flavor: composer\n  # kept\n  caches: {}\ntype: php"),
    )
    rewritten(app("toolstack: php:composer\nbuild: {}"), app("type: php\nbuild: {flavor: composer}"))


def test_a_build_of_the_same_flavor_stays() -> None:
    rewritten(app("toolstack: php:composer\nbuild: {flavor: composer}"), app("type: php\nbuild: {flavor: composer}"))


def test_inside_braces() -> None:
    rewritten(
        "applications: {shop: {toolstack: 'php:composer', disk: 1}}\n",
        "applications: {shop: {type: php, build: {flavor: composer}, disk: 1}}\n",
    )


def test_applications_that_share_one() -> None:
    rewritten(
        "applications:\n  a: &a\n    toolstack: php:composer\n  b:\n    <<: *a\n    disk: 1\n",
        "applications:\n  a: &a\n    type: php\n    build:\n      flavor: composer\n  b:\n    <<: *a\n    disk: 1\n",
    )
