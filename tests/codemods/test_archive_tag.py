from __future__ import annotations

from functools import partial

import pytest
from tests.support import check_noop, check_rewritten

rewritten, noop = partial(check_rewritten, "archive_tag"), partial(check_noop, "archive_tag")


def project(value: str) -> dict[str, str]:
    """A project whose service has a folder of configuration, and that value for it."""
    text = f"applications:\n  shop: {{type: php}}\nservices:\n  search:\n    type: solr:9.9\n    configuration:\n      conf_dir: {value}\n"
    return {".upsun/config.yaml": text, ".upsun/solr/schema.xml": "<schema/>\n", ".upsun/solr/stop words.txt": "and\n"}


def test_an_archive_stays() -> None:
    assert noop(project("!archive solr")) == []


@pytest.mark.parametrize("value", ["!include {type: string, path: solr/schema.xml}", "!include {type: binary, path: solr/schema.xml}"])
def test_other_includes_stay(value: str) -> None:
    assert noop(project(value)) == []


def test_an_archive_that_is_not_there_stays() -> None:
    assert noop(project("!include {type: archive, path: lost}")) == []


def test_the_same_words_without_a_tag_stay() -> None:
    assert noop(project("{type: archive, path: solr}")) == []


@pytest.mark.parametrize("value", ["!include\n        type: archive  # all\n        path: solr", "!include {type: archive, path: &p solr}"])
def test_a_comment_or_an_anchor_inside_is_left_and_reported(value: str) -> None:
    message = "`solr` keeps its old tag, for the sake of a comment or an anchor"
    assert noop(project(value)) == [f"warning: services.search.configuration: {message}"]


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("!include {type: archive, path: solr}  # all of it", "!archive solr  # all of it"),
        ("!include\n        type: archive\n        path: 'solr'", "!archive 'solr'"),
        ('!include {path: "solr", type: "archive"}', '!archive "solr"'),
        ("!include\n        type: archive\n        path: |-\n          solr", "!archive solr"),
    ],
)
def test_the_path_keeps_its_quotes(before: str, after: str) -> None:
    rewritten(project(before), project(after))


def test_deep_inside_of_lists_and_mappings() -> None:
    rewritten(
        project("[!include {type: archive, path: solr}, {a: !include {type: archive, path: solr}}]"),
        project("[!archive solr, {a: !archive solr}]"),
    )


def test_one_that_another_repeats() -> None:
    rewritten(
        project("&c\n        a: !include {type: archive, path: solr}\n      other: *c"),
        project("&c\n        a: !archive solr\n      other: *c"),
    )


def test_in_an_included_file() -> None:
    files = project("!include search.yaml")
    rewritten(
        files | {".upsun/search.yaml": "a: !include\n  type: archive\n  path: solr\n"},
        files | {".upsun/search.yaml": "a: !archive solr\n"},
    )
