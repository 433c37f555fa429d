from __future__ import annotations

import pytest
from tests.support import app, check_noop, check_rewritten

CURRENT = app("""\
type: composable:26.05
stack:
  # languages
  runtimes:
    - "php@8.4":
        extensions: [redis]
    - nodejs@24  # assets
  packages: [yarn, {package: wkhtmltopdf, channel: unstable}]""")


def test_the_current_form_stays() -> None:
    assert check_noop("stack_form", CURRENT) == []


def test_an_application_without_a_stack_stays() -> None:
    assert check_noop("stack_form", app("type: php:8.4\nbuild: {}")) == []


def test_nothing_is_respelled_if_stacks_are_to_be_left_alone() -> None:
    assert check_noop("stack_form", app('stack: ["python@3.14"]\nbuild: {}'), stack=("never",)) == []


def test_a_stack_that_is_no_stack_stays() -> None:
    assert check_noop("stack_form", app("stack: 5")) == []
    assert check_noop("stack_form", app("stack:")) == []
    assert check_noop("stack_form", app("stack: {runtimes: {php@8.4: {}}}")) == []


def test_a_version_that_the_channel_lacks_is_not_pinned_to_it() -> None:
    assert check_noop("stack_form", app('stack: ["python@3.9", "nodejs@24"]')) == [
        "warning: applications.shop.stack: left as it is: channel 26.05 has no python 3.9"
    ]


def test_a_channel_that_cannot_be_had_is_refused() -> None:
    notes = check_noop("stack_form", app('stack: ["php@8.4"]'), channel="25.05")
    assert notes == ["warning: applications.shop.stack: left as it is: channel 25.05 is retired"]


@pytest.mark.parametrize("stack", ["[nodejs@24]", "['php@8.3']", "[ffmpeg]"])
def test_a_type_that_the_stack_does_not_hold_is_refused(stack: str) -> None:
    notes = check_noop("stack_form", app(f"type: php:8.4\nstack: {stack}"))
    assert notes == ["warning: applications.shop.stack: left as it is: `type` is `php:8.4`, which the stack does not hold"]


def test_what_says_something_beside_a_stack_is_left_to_its_author() -> None:
    text = CURRENT + "    build: {flavor: none}\n    dependencies: {nodejs: {n: '*'}}\n"
    assert check_noop("stack_form", text) == [
        "warning: applications.shop.stack: `build` has no effect beside a stack",
        "warning: applications.shop.stack: `dependencies` has no effect beside a stack",
    ]


def test_doubtful_runtimes_and_packages_are_reported() -> None:
    text = app("""\
type: composable:26.05
stack:
  runtimes: ["nodejs:24", php, "cobol@85", "python@3.13"]
  packages: [bun, elixir_1_18, python312, python312Packages.yq, python313Packages.yq]""")
    assert [note.replace("applications.shop.stack: ", "") for note in check_noop("stack_form", text)] == [
        "error: expected `nodejs@24`, found `nodejs:24`",
        "warning: runtime `php` has no version",
        "error: `cobol` is no runtime",
        "warning: `bun` is a package without a version",
        "info: `elixir_1_18` is a package",
        "info: `python312` is a package",
        "warning: `python312Packages.yq` is for another version than `python@3.13`",
    ]


def test_a_merged_type_is_not_changed_for_others() -> None:
    text = """\
applications:
  shop: &shop
    type: php:8.4
    stack: ["php@8.4"]
  api:
    <<: *shop
"""
    assert len(check_noop("stack_form", text)) == 2


def test_an_empty_key_that_hides_a_merged_one_stays() -> None:
    notes = check_noop("stack_form", app("<<: {build: {flavor: none}}\nbuild: {}\nstack: [php@8.4]"))
    assert notes[-1].startswith("warning: applications.shop.stack: left as it is")


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ('["python@3.14"]', '{runtimes: ["python@3.14"]}'),
        ('[ "python@3.14" , ffmpeg ]  # all', '{runtimes: [ "python@3.14" ], packages: [ffmpeg ]}  # all'),
        ("[ffmpeg, 'python@3.14']", "{runtimes: ['python@3.14'], packages: [ffmpeg]}"),
        ("[meilisearch]", "{packages: [meilisearch]}"),
        ('"php@8.4"', '{runtimes: ["php@8.4"]}'),
        ('{runtimes: "php@8.4"}', '{runtimes: ["php@8.4"]}'),
        ("[{php@8.4: {extensions: [redis]}}, yarn]", "{runtimes: [{php@8.4: {extensions: [redis]}}], packages: [yarn]}"),
        ("[{runtimes: [php@8.4]}, {packages: [yarn]}]", "{runtimes: [php@8.4], packages: [yarn]}"),
        ("[{php@8.4: null, extensions: [apcu]}, yarn]", "{runtimes: [{php@8.4: {extensions: [apcu]}}], packages: [yarn]}"),
        ("[yarn, {php@8.4, extensions: [apcu]}]", "{runtimes: [{php@8.4: {extensions: [apcu]}}], packages: [yarn]}"),
        ('[\n      "php@8.4",  # shop\n      yarn,\n    ]', '{runtimes: [\n      "php@8.4"], packages: [  # shop\n      yarn,\n    ]}'),
    ],
)
def test_a_stack_inside_brackets_stays_inside_brackets(before: str, after: str) -> None:
    check_rewritten(
        "stack_form",
        f"applications:\n  shop:\n    stack: {before}\n",
        f"applications:\n  shop:\n    type: 'composable:26.05'\n    stack: {after}\n",
    )


def test_items_keep_their_comments_and_the_primary_runtime_stays_first() -> None:
    check_rewritten(
        "stack_form",
        app("""\
# what it runs on
stack:
    # for the build
    - nodePackages.npm

    # the language
    - nodejs@22  # LTS
    - {package: hugo, channel: unstable}
    - "php@8.4":
        extensions:
            - redis
web: {}"""),
        app("""\
# what it runs on
type: 'composable:26.05'
stack:
    runtimes:

        # the language
        - nodejs@22  # LTS
        - "php@8.4":
            extensions:
                - redis
    packages:
        # for the build
        - nodePackages.npm
        - {package: hugo, channel: unstable}
web: {}"""),
    )


def test_options_beside_a_runtime_go_below_it() -> None:
    check_rewritten(
        "stack_form",
        app("""\
type: composable:25.05
stack:
- "php@8.3":
  extensions: [apcu]
  # for tests

  disabled_extensions:
    - gd
- "nodejs@20\""""),
        app("""\
type: composable:25.05
stack:
  runtimes:
  - "php@8.3":
      extensions: [apcu]
      # for tests

      disabled_extensions:
        - gd
  - "nodejs@20\""""),
    )


def test_a_mapping_inside_a_list_comes_out() -> None:
    check_rewritten(
        "stack_form",
        app("type: composable:26.05\nstack:\n  - runtimes:  # languages\n      - php@8.4\n    packages: [yarn]"),
        app("type: composable:26.05\nstack:\n    runtimes:  # languages\n      - php@8.4\n    packages: [yarn]"),
    )


def test_mappings_inside_a_list_come_out() -> None:
    check_rewritten(
        "stack_form",
        app("""\
type: composable:26.05
stack:
  - runtimes:  # languages
      - php@8.4
      - "nodejs@24":
        extensions: []
  # tools
  - packages: yarn"""),
        app("""\
type: composable:26.05
stack:
    runtimes:  # languages
      - php@8.4
      - "nodejs@24":
          extensions: []
  # tools
    packages: [yarn]"""),
    )


@pytest.mark.parametrize(
    "stack",
    [
        "- runtimes: [php@8.4]\n- packages: [yarn]\n- packages: [ffmpeg]",
        "- runtimes: [php@8.4, facedetect]\n- packages: [yarn]",
        "- runtimes: [php@8.4]\n- yarn",
    ],
)
def test_a_list_of_mappings_that_cannot_stand_as_one_stays(stack: str) -> None:
    notes = check_noop("stack_form", app(f"type: composable:26.05\nstack:\n{stack}"))
    assert notes[-1].startswith("warning: applications.shop.stack: left as it is")


def test_what_is_no_runtime_becomes_a_package() -> None:
    check_rewritten(
        "stack_form",
        app("type: composable:26.05\nstack:\n  runtimes:\n    - facedetect\n    - php@8.4\n  packages:\n    - yarn"),
        app("type: composable:26.05\nstack:\n  runtimes:\n    - php@8.4\n  packages:\n    - facedetect\n    - yarn"),
    )
    check_rewritten(
        "stack_form",
        app("type: composable:26.05\nstack:\n  runtimes:\n    - php@8.4\n    - facedetect"),
        app("type: composable:26.05\nstack:\n  runtimes:\n    - php@8.4\n  packages:\n    - facedetect"),
    )


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("{runtimes: [php@8.4, facedetect], packages: []}", "{runtimes: [php@8.4], packages: [facedetect]}"),
        ("{packages: [yarn], runtimes: [php@8.4, facedetect]}", "{packages: [yarn, facedetect], runtimes: [php@8.4]}"),
        ("{runtimes: [facedetect]}", "{packages: [facedetect]}"),
        (
            "\n  packages:\n    - yarn  # assets\n  runtimes:\n    - php@8.4\n    - facedetect",
            "\n  packages:\n    - yarn  # assets\n    - facedetect\n  runtimes:\n    - php@8.4",
        ),
    ],
)
def test_a_package_among_runtimes_keeps_its_place_among_packages(before: str, after: str) -> None:
    check_rewritten("stack_form", app(f"type: composable:26.05\nstack: {before}"), app(f"type: composable:26.05\nstack: {after}"))


def test_runtimes_that_are_all_packages_beside_packages_stay() -> None:
    notes = check_noop("stack_form", app("type: composable:26.05\nstack: {runtimes: [facedetect], packages: [yarn]}"))
    assert notes[-1].startswith("warning: applications.shop.stack: left as it is")


def test_a_list_has_the_order_of_the_text() -> None:
    check_rewritten(
        "stack_form",
        app("type: composable:26.05\nstack: {packages: [yarn], runtimes: [php@8.4, facedetect]}"),
        app("type: composable:26.05\nstack: [yarn, php@8.4, facedetect]"),
        stack_form="list",
    )


def test_a_commented_item_in_the_wrong_list_stays() -> None:
    notes = check_noop("stack_form", app("type: composable:26.05\nstack:\n  runtimes:\n    - php@8.4\n    - facedetect  # faces"))
    assert notes[-1].startswith("warning: applications.shop.stack: left as it is")


def test_a_runtime_type_gives_way_to_the_stack_that_holds_it() -> None:
    check_rewritten(
        "stack_form",
        app('type: "php:8.4"  # old\nstack: ["php@8.4"]\nbuild: {}\nruntime:\ndependencies: {}'),
        app('type: "composable:26.05"  # old\nstack: {runtimes: ["php@8.4"]}'),
    )


def test_empty_keys_beside_a_stack_leave() -> None:
    check_rewritten("stack_form", CURRENT + "    build: {}\n    runtime: {}\n", CURRENT)


def test_an_included_stack_is_written_where_it_stands() -> None:
    included = {".upsun/config.yaml": "applications:\n  shop:\n    stack: !include stack.yaml\n", "stack.yaml": "- php@8.4\n- yarn\n"}
    check_rewritten(
        "stack_form",
        included,
        {
            ".upsun/config.yaml": "applications:\n  shop:\n    type: 'composable:26.05'\n    stack: !include stack.yaml\n",
            "stack.yaml": "runtimes:\n  - php@8.4\npackages:\n  - yarn\n",
        },
    )


def test_a_stack_that_two_applications_share_is_written_once() -> None:
    before = ".stack: &stack [php@8.4]\napplications:\n  shop:\n    stack: *stack\n  api:\n    stack: *stack\n"
    after = """\
.stack: &stack {runtimes: [php@8.4]}
applications:
  shop:
    type: 'composable:26.05'
    stack: *stack
  api:
    type: 'composable:26.05'
    stack: *stack
"""
    check_rewritten("stack_form", before, after)


# ---- --stack-form list


def test_a_list_stays_a_list_if_asked_for() -> None:
    assert check_noop("stack_form", app('stack: ["python@3.14"]'), stack_form="list") == []


def test_a_runtime_without_a_version_would_be_a_package_in_a_list() -> None:
    notes = check_noop("stack_form", app("type: composable:26.05\nstack: {runtimes: [nodejs]}"), stack_form="list")
    assert notes[-1].startswith("warning: applications.shop.stack: left as it is")


def test_runtimes_and_packages_become_one_list() -> None:
    check_rewritten(
        "stack_form",
        CURRENT,
        app("""\
type: composable:26.05
stack:
  # languages
  - "php@8.4":
      extensions: [redis]
  - nodejs@24  # assets
  - yarn
  - {package: wkhtmltopdf, channel: unstable}"""),
        stack_form="list",
    )
    check_rewritten("stack_form", app('stack: {runtimes: ["python@3.14"]}'), app('stack: ["python@3.14"]'), stack_form="list")


# ---- what does not fit


@pytest.mark.parametrize(
    "stack",
    [
        "{runtimes: !include r.yaml, packages: yarn}",
        "\n- 'php@8.4': {xdebug: {}}\n  extensions: [redis]",
        "\n  runtimes:\n    - 'php@8.4': {xdebug: {}}\n      extensions: [redis]",
        "[yarn,  # assets\n  php@8.4]",
    ],
)
def test_a_stack_that_cannot_be_rewritten_in_place_stays(stack: str) -> None:
    files = {".upsun/config.yaml": app(f"type: composable:26.05\nstack: {stack}"), "r.yaml": "- php@8.4\n"}
    notes = check_noop("stack_form", files)
    assert [note for note in notes if note.startswith("warning: applications.shop.stack: left as it is: items, comments")]


@pytest.mark.parametrize(
    "stack",
    [
        "{runtimes: [php@8.4], packages: [yarn], other: 1}",
        "{runtimes: [php@8.4],  # languages\n  packages: [yarn]}",
        "\n  runtimes:  # languages\n    - php@8.4",
        "\n  runtimes:\n    - 'php@8.4':\n      extensions: [redis]",
    ],
)
def test_runtimes_and_packages_that_do_not_fit_into_a_list_stay(stack: str) -> None:
    notes = check_noop("stack_form", app(f"type: composable:26.05\nstack: {stack}"), stack_form="list")
    assert [note for note in notes if note.startswith("warning: applications.shop.stack: left as it is: items, comments")]
