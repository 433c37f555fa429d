from __future__ import annotations

from functools import partial

import pytest
from tests.support import app, check_noop, check_rewritten

from workerlib.spellings import WHITELIST

rewritten, noop = partial(check_rewritten, "web_locations"), partial(check_noop, "web_locations")

COMMON = "warning: applications.shop.web: without `whitelist`, only files of common kinds are served: they are rules now"


def common(indent: int) -> str:
    """The rules that stand for a whitelist that is not written."""
    return "".join(f"{' ' * indent}{pattern}: {{allow: true}}\n" for pattern in WHITELIST)


# ---- nothing to do


def test_locations_stay() -> None:
    assert noop(app("web:\n  locations:\n    /: {root: public, passthru: /index.php, expires: 3d}")) == []


def test_web_without_locations_stays() -> None:
    assert noop(app("web:\n  commands: {start: ./serve}")) == []


def test_web_that_is_no_mapping_stays() -> None:
    assert noop(app("web: ./serve")) == []


def test_the_same_keys_elsewhere_stay() -> None:
    assert noop(app("variables:\n  env: {document_root: /x, whitelist: [a]}\nworkers:\n  w: {commands: {start: x}, passthru: /x}")) == []


def test_old_keys_beside_locations_are_left_and_reported() -> None:
    text = app("web:\n  document_root: /public\n  passthru: /x\n  locations:\n    /: {root: web}")
    assert noop(text) == ["error: applications.shop.web: `document_root`, `passthru` cannot be converted: `locations` is there as well"]


@pytest.mark.parametrize("line", ["document_root: [a]", "passthru:", "whitelist: a", "blacklist: [{a: b}]"])
def test_a_value_of_another_kind_is_left_and_reported(line: str) -> None:
    name = line.partition(":")[0]
    assert noop(app(f"web:\n  {line}")) == [
        f"error: applications.shop.web: `{name}` cannot be converted: a value is not of the expected kind"
    ]


def test_a_list_that_cannot_stay_where_its_comments_are_is_left_and_reported() -> None:
    text = app("web:\n  document_root: /x\n  blacklist:\n    - a\n    # secret\n    - b")
    fault = "there are comments in a list that does not stay one"
    assert noop(text) == [f"error: applications.shop.web: `document_root`, `blacklist` cannot be converted: {fault}"]


def test_a_comment_beside_the_last_item_of_a_list_that_goes_is_not_lost() -> None:
    text = app("web:\n  document_root: /x\n  whitelist:\n    - a\n  blacklist:\n    - b  # secret\n  expires: 5m")
    fault = "there are comments in a list that does not stay one"
    assert noop(text) == [
        f"error: applications.shop.web: `document_root`, `expires`, `whitelist`, `blacklist` cannot be converted: {fault}"
    ]


def test_keys_from_different_mappings_are_left_and_reported() -> None:
    text = ".base: &base\n  passthru: /x\n" + app("web:\n  <<: *base\n  document_root: /public")
    fault = "they are merged from different mappings"
    assert noop(text) == [f"error: applications.shop.web: `document_root`, `passthru` cannot be converted: {fault}"]


# ---- paths


def test_a_key_that_a_merged_mapping_has_as_well_is_left_and_reported() -> None:
    text = "web:\n  <<: {document_root: /a}\n  document_root: /b"
    (note,) = check_noop("web_locations", app(text))
    assert note.endswith("`document_root` cannot be converted: they are merged from different mappings")


@pytest.mark.parametrize(
    "text",
    ["web:\n  document_root: /web\n  locations: {}\n  whitelist: []", "web:\n  locations: {}\n  document_root: /web\n  whitelist: []"],
)
def test_locations_that_say_nothing_leave(text: str) -> None:
    after = "web:\n  locations:\n    /:\n      root: web\n      allow: true\n      passthru: /index.php"
    assert check_rewritten("web_locations", app(text), app(after)) == []


def test_lists_that_name_nothing_refuse_nothing() -> None:
    before = "web:\n  blacklist: []\n  whitelist: []\n  document_root: /web"
    after = "web:\n  locations:\n    /:\n      allow: true\n      root: web\n      passthru: /index.php"
    assert check_rewritten("web_locations", app(before), app(after)) == []


def test_comments_stay_with_their_keys() -> None:
    notes = rewritten(
        app(
            """\
web:
    # what is public
    document_root: "/web/"  # below the code

    # the front controller
    passthru: "app.php"
    index_files:
        - a.html
    expires: 300
    whitelist: []
    # not ours
    commands: {start: x}
"""
        ),
        app(
            """\
web:
    locations:
        /:
            # what is public
            root: web  # below the code

            # the front controller
            passthru: /app.php
            index:
                - a.html
            expires: 300
            allow: true
    # not ours
    commands: {start: x}
"""
        ),
    )
    assert notes == []


def test_the_folder_of_the_code_itself() -> None:
    rewritten(
        app("web:\n  document_root: /\n  passthru: /index.php\n  whitelist: []  # everything"),
        app("web:\n  locations:\n    /:\n      root: ''\n      passthru: /index.php\n      allow: true  # everything"),
    )


def test_keys_that_others_part_come_together() -> None:
    rewritten(
        app("""\
web:
  expires: 3d
  upstream: {protocol: http}
  # front
  passthru: /x
  commands: {start: x}
  whitelist: []
  document_root: /z"""),
        app(
            """\
web:
  locations:
    /:
      expires: 3d
      # front
      passthru: /x
      allow: true
      root: z
  upstream: {protocol: http}
  commands: {start: x}"""
        ),
    )


def test_defaults_of_that_time_are_written_and_said() -> None:
    notes = rewritten(
        app("web:\n  expires: 3d"),
        app("""\
web:
  locations:
    /:
      expires: 3d
      root: public
      passthru: /index.php
      allow: false
      rules:""")
        + common(12),
    )
    assert notes == ["warning: applications.shop.web: without `document_root`, `root` is `public`", COMMON]


def test_inside_braces() -> None:
    rewritten(
        app("web: {commands: {start: x}, document_root: /web, whitelist: ['\\.html$'], passthru: /x}"),
        app("web: {commands: {start: x}, locations: {/: {root: web, allow: false, passthru: /x, rules: {\\.html$: {allow: true}}}}}"),
    )


def test_a_file_that_ends_in_the_middle_of_a_line() -> None:
    rewritten(
        app("web:\n  document_root: /x\n  whitelist: []\n  passthru: /y").removesuffix("\n"),
        app("web:\n  locations:\n    /:\n      root: x\n      allow: true\n      passthru: /y").removesuffix("\n"),
    )


# ---- lists


def test_no_whitelist_does_not_widen_what_is_served() -> None:
    notes = rewritten(
        app("web:\n  document_root: /x\n  passthru: /y\ndisk: 1"),
        app("web:\n  locations:\n    /:\n      root: x\n      passthru: /y\n      allow: false\n      rules:")
        + common(12)
        + "    disk: 1\n",
    )
    assert notes == [COMMON]


def test_a_null_whitelist_is_none() -> None:
    notes = rewritten(
        app("web:\n  document_root: /x\n  passthru: /y\n  whitelist:  # default"),
        app("web:\n  locations:\n    /:\n      root: x\n      passthru: /y\n      allow: false  # default\n      rules:") + common(12),
    )
    assert notes == [COMMON]


def test_the_comments_of_a_whitelist_stay_with_their_items() -> None:
    rewritten(
        app("""\
web:
  document_root: /x
  passthru: /y
  # kinds of files
  whitelist:
  # pages
  - '\\.html$'

  # pictures
  - "a"  # a"""),
        app(
            """\
web:
  locations:
    /:
      root: x
      passthru: /y
      allow: false
      # kinds of files
      rules:
        # pages
        '\\.html$': {allow: true}

        # pictures
        "a": {allow: true}  # a"""
        ),
    )


def test_a_blacklist_counts_after_a_whitelist() -> None:
    rewritten(
        app("web:\n  blacklist: [c, a]\n  document_root: /x\n  passthru: /y\n  whitelist:\n    - a\n    - b"),
        app(
            """\
web:
  locations:
    /:
      root: x
      passthru: /y
      allow: false
      rules:
        a: {allow: false}
        b: {allow: true}
        c: {allow: false}"""
        ),
    )


def test_a_blacklist_beside_an_empty_whitelist() -> None:
    rewritten(
        app("web:\n  document_root: /x\n  passthru: /y\n  whitelist: []\n  blacklist:\n    # secret\n    - a"),
        app(
            "web:\n  locations:\n    /:\n      root: x\n      passthru: /y\n      allow: true\n"
            "      rules:\n        # secret\n        a: {allow: false}"
        ),
    )


def test_a_blacklist_alone() -> None:
    rewritten(
        app("web:\n  # secret\n  blacklist: [a]"),
        app("web:\n  locations:\n    /:\n      root: public\n      passthru: /index.php\n      allow: false\n      # secret\n      rules:")
        + common(12)
        + "            a: {allow: false}\n",
    )


def test_a_whitelist_that_stands_elsewhere() -> None:
    rewritten(
        ".kinds: &kinds\n  - a\n  - b\n" + app("web:\n  document_root: /x\n  passthru: /y\n  whitelist: *kinds"),
        ".kinds: &kinds\n  - a\n  - b\n"
        + app(
            "web:\n  locations:\n    /:\n      root: x\n      passthru: /y\n      allow: false\n"
            "      rules:\n        a: {allow: true}\n        b: {allow: true}"
        ),
    )


def test_web_in_an_included_file() -> None:
    config = app("web: !include web.yaml")
    rewritten(
        {".upsun/config.yaml": config, "web.yaml": "document_root: /x  # here\npassthru: /y\nwhitelist: []\n"},
        {".upsun/config.yaml": config, "web.yaml": "locations:\n  /:\n    root: x  # here\n    passthru: /y\n    allow: true\n"},
    )


def test_two_applications_that_share_one() -> None:
    rewritten(
        "applications:\n  a:\n    web: &w\n      document_root: /x\n      passthru: /y\n      whitelist: []\n  b:\n    web: *w\n",
        """\
applications:
  a:
    web: &w
      locations:
        /:
          root: x
          passthru: /y
          allow: true
  b:
    web: *w
""",
    )
