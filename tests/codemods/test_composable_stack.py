from __future__ import annotations

from pathlib import Path

import pytest
from tests.support import app, check_noop, check_rewritten

from workerlib import Options, plan

INSTALL = "composer --no-ansi --no-interaction install --no-progress --prefer-dist --optimize-autoloader"
COMPOSER = f"if [ -f composer.json ]; then {INSTALL}; fi"
STOPPING = f"if [ -f composer.json ]; then {INSTALL} || exit 1; fi"
NPM = (
    "if [ -f package.json ] && [ -f .npmrc ]; then npm prune --userconfig .npmrc && npm install --userconfig .npmrc || exit 1; fi",
    "if [ -f package.json ] && [ ! -f .npmrc ]; then npm prune && npm install || exit 1; fi",
)
NONE = "build: {flavor: none}\n"


def refusals(text: str, **options: object) -> list[str]:
    """Why an application is not converted."""
    start = "warning: applications.shop.{}: not converted: ".format("toolstack" if "toolstack" in text else "type")
    notes = check_noop("composable_stack", app(text), stack=("all",), **options)
    assert all(note.startswith(start) for note in notes)
    return [note.removeprefix(start) for note in notes]


# ---- what stays


def test_a_single_runtime_image_needs_no_stack() -> None:
    assert check_noop("composable_stack", app("type: php:8.4\nruntime: {extensions: [redis]}")) == []


def test_a_composable_image_is_one_already() -> None:
    assert check_noop("composable_stack", app("type: composable:26.05\nstack: {runtimes: [php@8.4]}"), stack=("all",)) == []
    assert check_noop("composable_stack", app("type: php:8.4\nstack: [php@8.4]"), stack=("all",)) == []


def test_nothing_is_said_if_nothing_is_asked_for() -> None:
    assert check_noop("composable_stack", app("type: bun:1\ndependencies: {nodejs: {yarn: '*'}}"), stack=("never",)) == []


def test_another_application_is_not_meant() -> None:
    assert check_noop("composable_stack", app("type: php:8.4"), stack=("needed", "api")) == []


@pytest.mark.parametrize(
    ("kind", "help"),
    [
        ("php:8.4", "run `python -m workerlib.migrate {folder} --write --mounts storage --stack 'my shop'`"),
        ("php:7.4", "not possible yet: channel 26.05 has no php 7.4"),
    ],
)
def test_advice_says_how_to_follow_it(tmp_path: Path, kind: str, help: str) -> None:
    (tmp_path / ".upsun").mkdir()
    (tmp_path / ".upsun/config.yaml").write_text(f"applications: {{my shop: {{type: '{kind}', hooks: {{build: npm ci}}}}}}\n")
    found = plan(tmp_path, Options(mounts="storage")).diagnostics
    assert [note.help for note in found if note.name == "composable-stack"] == [help.format(folder=tmp_path)]


def test_what_is_advised_can_be_done(tmp_path: Path) -> None:
    text = ".php: &php {type: 'php:8.4'}\napplications:\n  shop:\n    <<: *php\n    hooks: {build: npm ci}\n"
    (tmp_path / ".upsun").mkdir()
    (tmp_path / ".upsun/config.yaml").write_text(text)
    (note,) = (note for note in plan(tmp_path).diagnostics if note.name == "composable-stack")
    assert note.help == "not possible yet: `type` is merged from `.upsun/config.yaml:1:13`"


def test_advice_can_be_pasted_where_the_project_is_and_keeps_the_stacks_that_were_asked_for(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / ".upsun").mkdir()
    one = "{type: 'php:8.4', hooks: {build: npm ci}}"
    (tmp_path / ".upsun/config.yaml").write_text(f"applications: {{api: {one}, shop: {one}}}\n")
    monkeypatch.chdir(tmp_path)
    found = plan(".", Options(stack=("api",))).diagnostics
    advised = [note.help for note in found if "serve it better" in note.message]
    assert advised == ["run `python -m workerlib.migrate --write --stack api,shop`"]


def test_advice_is_reported_and_not_followed() -> None:
    text = app("""\
type: php:8.4
dependencies: {nodejs: {gulp: '*'}}
hooks: {build: "nvm install 24 && npm ci"}
workers: {queue: {commands: {start: exec node queue.js}}}""")
    (note,) = check_noop("composable_stack", text)
    assert note.startswith("info: applications.shop.type: a composable image would serve it better: ")
    assert note.partition("better: ")[2].split("; ") == [
        "`dependencies.nodejs` installs tools of another language",
        "hook `build` runs `npm`",
        "worker `queue` runs `node`",
        "hook `build` installs a runtime by hand (`nvm`)",
    ]


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("type: php:8.1", "channel 26.05 has no php 8.1"),
        ("type: java:17", "channel 26.05 has no java 17"),
        ("type: dotnet:8.0", "there is no composable runtime `dotnet`"),
        ("type: rust:1", "there is no composable runtime `rust`"),
        ("type: hhvm:3.7", "there is no composable runtime `hhvm`"),
        ("type: cobol:85", "`cobol:85` is no type of an application"),
        ("type: php", "`type` states no version"),
        ("toolstack: php:drupal", "`type` states no version"),
        ("toolstack: php:drupal", "`build.flavor: drupal` is not documented"),
        ("type: [php]", "`nothing` is no type of an application"),
        ("type: php:8.4\nbuild: {flavor: drupal}", "`build.flavor: drupal` is not documented"),
        ("type: php:8.4\nbuild: {caches: {npm: {watch: [package.json]}}}", "of `build` only `flavor` can be carried over"),
        (
            "type: php:8.4\nruntime: {extensions: [{name: facedetect, configuration: {a: b}}]}",
            "`facedetect` becomes a package, which has no configuration",
        ),
        ("type: php:8.4\nruntime: {extensions: [newrelic]}", "extension `newrelic` would be missing"),
        ("type: php:8.4\nruntime: {extensions: redis}", "`runtime` is not understood"),
        ("type: nodejs:24\nruntime: {quicklisp: {}}", "`runtime.quicklisp` has no successor"),
        ("type: nodejs:24\nruntime: {extensions: [redis]}", "`runtime` is for PHP"),
        ("type: python:3.14\ndependencies: {python2: {fabric: '*'}}", "`dependencies.python2` has no runtime"),
        ("type: php:8.4\ndependencies: {php: {require: {drush/drush: '8'}}}", "`dependencies.php` is a whole composer.json"),
        ("type: php:8.4\ndependencies: {nodejs: {yarn: [1]}}", "`dependencies.nodejs`: expected versions"),
        ("type: php:8.4\nworkers: {queue: {runtime: {extensions: [redis]}}}", "`workers.queue.runtime` is not available there"),
        ("type: php:8.4\nweb: {stack: [php@8.4]}", "`web.stack` is not available there"),
    ],
)
def test_an_application_that_would_lose_something_is_refused(text: str, reason: str) -> None:
    assert reason in refusals(text)


def test_all_reasons_are_given_at_once() -> None:
    assert len(refusals("type: php:8.4\nbuild: {flavor: symfony}\nruntime: {extensions: [geoip, oauth]}")) == 3


def test_a_channel_that_cannot_be_had_is_refused() -> None:
    assert refusals("type: php:8.4", channel="25.11") == ["channel 25.11 is retired"]


def test_a_hook_that_is_a_file_is_refused() -> None:
    files = {".upsun/config.yaml": app("type: php:8.4\nhooks: {build: !include {type: string, path: build.sh}}"), "build.sh": "./build\n"}
    notes = check_noop("composable_stack", files, stack=("all",))
    assert notes == ["warning: applications.shop.type: not converted: the build hook is a file, and needs another command"]
    assert refusals("type: php:8.4\nhooks: {build: !include {type: string, path: not-there.sh}}") == [
        "the build hook is not written out in the application, and needs another command"
    ]


def test_a_file_that_installs_all_by_itself_stays_the_build_hook() -> None:
    before = app("type: php:8.4\nhooks: {build: !include {type: string, path: build.sh}}")
    after = app("type: composable:26.05\nstack:\n  runtimes:\n    - 'php@8.4'\nhooks: {build: !include {type: string, path: build.sh}}")
    script = {"build.sh": "composer install\n"}
    config = ".upsun/config.yaml"
    check_rewritten("composable_stack", {config: before} | script, {config: after} | script, stack=("all",))


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("applications:\n  shop: &a\n    type: php:8.4\n  api:\n    <<: *a\n", "`type` has to do with an anchor, `&a`"),
        ("applications:\n  shop:\n    type: &b php:8.4\n  api:\n    type: *b\n", "`type` has to do with an anchor, `&b`"),
        (
            "applications:\n  shop: {type: 'php:8.4', runtime: &c {extensions: [redis]}}\n  api: {type: 'php:8.4', runtime: *c}\n",
            "`runtime` has to do with an anchor, `&c`",
        ),
        (
            ".base: &base\n  type: php:8.4\napplications:\n  shop:\n    <<: *base\n  api:\n    <<: *base\n",
            "`type` is merged from `.upsun/config.yaml:2:3`",
        ),
        (
            "applications:\n  shop: {<<: {build: {flavor: none}}, type: 'php:8.4', build: {}}\n  api: {type: 'cobol:85'}\n",
            "`build` is also merged from `.upsun/config.yaml:2:15`",
        ),
    ],
)
def test_what_applications_share_stays(text: str, reason: str) -> None:
    notes = check_noop("composable_stack", text, stack=("all",))
    assert len(notes) == 2
    assert f"warning: applications.shop.type: not converted: {reason}" in notes


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("type: php:8.4\nruntime: !include not-there.yaml", "`runtime` is not understood"),
        ("type: php:8.4\nhooks: !include not-there.yaml", "`hooks` is not written out in the application"),
        ("type: php:8.4\nhooks: !include {type: yaml, path: no.yaml}", "`hooks` is not written out in the application"),
    ],
)
def test_what_stands_elsewhere_is_refused(text: str, reason: str) -> None:
    assert refusals(text) == [reason]


# ---- what is converted


def test_a_runtime_that_only_composable_images_have_is_converted_unasked() -> None:
    check_rewritten(
        "composable_stack",
        app("type: bun:1  # fast\nweb: {commands: {start: bun x}}"),
        app("type: composable:26.05  # fast\nstack:\n  runtimes:\n    - 'bun@1'\nweb: {commands: {start: bun x}}"),
    )


@pytest.mark.parametrize("stack", ["advised", "shop", "all"])
def test_an_application_is_converted_if_asked_for(stack: str) -> None:
    check_rewritten(
        "composable_stack",
        app(f"type: 'php:8.4'\n{NONE}dependencies: {{nodejs: {{yarn: '*'}}}}"),
        app("type: 'composable:26.05'\nstack:\n  runtimes:\n    - 'php@8.4'\n    - 'nodejs@26'\n  packages:\n    - yarn"),
        stack=("needed", stack),
    )


def test_options_of_php_move_with_their_comments() -> None:
    notes = check_rewritten(
        "composable_stack",
        app("""\
# what it runs on
type: "php:8.4"  # newest
build: {flavor: none}
# what it needs
runtime:
  # sessions
  extensions:
    - redis  # in memory
    - json

    - ioncube
    - name: blackfire
      configuration: {server_id: x}
    - facedetect
  disabled_extensions: [gd, bz2, intl]
  xdebug:
    idekey: |
      shop

# files
mounts: {}
workers:
  queue:
    commands: {start: php queue.php}"""),
        app("""\
# what it runs on
type: "composable:26.05"  # newest
# what it needs
stack:
  runtimes:
    - "php@8.4":
        # sessions
        extensions:
          - redis  # in memory

          - ioncube-loader
          - name: blackfire
            configuration: {server_id: x}
        disabled_extensions: [gd, intl]
        xdebug:
          idekey: |
            shop
  packages:
    - facedetect

# files
mounts: {}
workers:
  queue:
    commands: {start: php queue.php}"""),
        stack=("all",),
    )
    assert [note.replace("applications.shop.type: ", "") for note in notes] == [
        "info: extension `json` left: it is always there",
        "info: extension `ioncube` became `ioncube-loader`",
        "info: `facedetect` became a package",
        "info: extension `bz2` is not enabled on composable images, so it is no longer disabled",
        "info: composable images may not enable dba, sysvmsg, sysvshm, xml",
    ]


def test_a_file_may_end_without_a_line_break() -> None:
    check_rewritten(
        "composable_stack",
        app(f"type: php:8.4\n{NONE}dependencies: {{nodejs: {{yarn: '1'}}}}\nruntime:\n  extensions:\n    - redis").rstrip(),
        app(
            "type: composable:26.05\nstack:\n  runtimes:\n    - 'php@8.4':\n        extensions:\n          - redis\n"
            "    - 'nodejs@26'\n  packages:\n    - yarn"
        ).rstrip(),
        stack=("all",),
    )


def test_a_list_of_extensions_that_are_always_there_leaves() -> None:
    check_rewritten(
        "composable_stack",
        app(f"type: php:8.4\n{NONE}runtime:\n  extensions: [json]"),
        app("type: composable:26.05\nstack:\n  runtimes:\n    - 'php@8.4'"),
        stack=("all",),
    )


def test_what_ran_by_itself_comes_into_the_build_hook() -> None:
    stack = "type: composable:26.05\nstack:\n  runtimes:\n    - 'php@8.4'\n"
    for before, after in (
        ("hooks: {build: ./build.sh}", f'hooks: {{build: "set -e\\n{COMPOSER}\\n./build.sh"}}'),
        ("hooks:\n  build: ./build.sh  # all", f"hooks:\n  build: |-  # all\n    set -e\n    {COMPOSER}\n    ./build.sh"),
        ("hooks:\n  build: |\n    ./a\n    ./b", f"hooks:\n  build: |\n    {STOPPING}\n    ./a\n    ./b"),
        ("hooks:\n  build: >-\n    ./a\n    ./b", f"hooks:\n  build: |-\n    set -e\n    {COMPOSER}\n    ./a ./b"),
        ("hooks:\n  build: >  # all\n    ./a\n\n    ./b", f"hooks:\n  build: |  # all\n    {STOPPING}\n    ./a\n    ./b"),
        ("hooks:\n  build: |2\n      ./a\n    ./b", f"hooks:\n  build: |\n    {STOPPING}\n      ./a\n    ./b"),
        ('hooks:\n  build: "./a; ./b"', f"hooks:\n  build: |-\n    {STOPPING}\n    ./a; ./b"),
        ("hooks:\n  build: 'set -e; ./a'", f"hooks:\n  build: |-\n    {STOPPING}\n    set -e; ./a"),
        (
            "hooks:\n  build: |\n    set -euo pipefail  # stop\n    ./a",
            f"hooks:\n  build: |\n    set -euo pipefail  # stop\n    {COMPOSER}\n    ./a",
        ),
        (
            "hooks:\n  build: |\n    # composer install runs by itself\n    ./a",
            f"hooks:\n  build: |\n    {STOPPING}\n    # composer install runs by itself\n    ./a",
        ),
        (
            "hooks:\n  build: |\n    # all\n    set -x -e\n\n    ./a",
            f"hooks:\n  build: |\n    # all\n    set -x -e\n    {COMPOSER}\n\n    ./a",
        ),
        ("hooks:\n  build: |\n    set -e\n  deploy: x", f"hooks:\n  build: |\n    set -e\n    {COMPOSER}\n  deploy: x"),
        ("hooks:\n  deploy: x", f"hooks:\n  build: |\n    set -e\n    {COMPOSER}\n  deploy: x"),
        ("hooks:", f"hooks:\n  build: |\n    set -e\n    {COMPOSER}"),
        ("hooks: {}", f'hooks: {{build: "set -e\\n{COMPOSER}\\n"}}'),
        ("hooks:\n  build: composer install", "hooks:\n  build: composer install"),
    ):
        check_rewritten("composable_stack", app(f"type: php:8.4\n{before}"), app(stack + after), stack=("all",))


def test_node_installs_its_packages() -> None:
    check_rewritten(
        "composable_stack",
        app('type: "nodejs:24"\nhooks:\n  build: |\n    set -eu\n    ./build\nweb: {commands: {start: node .}}'),
        app(f"""\
type: "composable:26.05"
stack:
  runtimes:
    - "nodejs@24"
hooks:
  build: |
    set -eu
    {NPM[0]}
    {NPM[1]}
    ./build
web: {{commands: {{start: node .}}}}"""),
        stack=("all",),
    )


def test_dependencies_become_packages_and_commands() -> None:
    notes = check_rewritten(
        "composable_stack",
        app("""\
type: python:3.13
dependencies:
  python3: {yq: '*', pipenv: "2022.1", supervisor: ">=4"}
  nodejs: {gulp-cli: 2.3, npm: '10'}
  ruby: {sass: "3.7"}
  php: {composer/composer: '^2', drush/drush: 8.*}
hooks:
  build: |
    set -e
    ./build"""),
        app("""\
type: composable:26.05
stack:
  runtimes:
    - 'python@3.13'
    - 'nodejs@26'
    - 'ruby@4.0'
    - 'php@8.5'
  packages:
    - python313Packages.yq
    - pipenv
hooks:
  build: |
    set -e
    pip install --target "$PLATFORM_APP_DIR/.deps/python" 'supervisor>=4'
    export PATH="$PLATFORM_APP_DIR/.deps/python/bin:$PATH" PYTHONPATH="$PLATFORM_APP_DIR/.deps/python"
    npm install --global --prefix "$PLATFORM_APP_DIR/.deps" gulp-cli@2.3
    export PATH="$PLATFORM_APP_DIR/.deps/bin:$PATH"
    gem install --install-dir "$PLATFORM_APP_DIR/.deps/ruby" sass -v 3.7
    export PATH="$PLATFORM_APP_DIR/.deps/ruby/bin:$PATH" GEM_PATH="$PLATFORM_APP_DIR/.deps/ruby"
    COMPOSER_HOME="$PLATFORM_APP_DIR/.deps/composer" composer global require 'drush/drush:8.*'
    export PATH="$PLATFORM_APP_DIR/.deps/composer/vendor/bin:$PATH"
    ./build"""),
        stack=("all",),
    )
    assert "warning: applications.shop.type: `yq` became a package, in the channel's version instead of `*`" in notes
    assert "info: applications.shop.type: `npm` left with its version `10`: it comes with nodejs" in notes
    assert "warning: applications.shop.type: an image with several runtimes needs more resources than it starts with" in notes


def test_an_included_file_that_is_not_needed_any_more_keeps_its_comments(tmp_path: Path) -> None:
    (tmp_path / ".platform.app.yaml").write_text("name: shop\ntype: php:8.4\ndependencies: !include php.yaml\n")
    (tmp_path / "php.yaml").write_text("php: {composer/composer: '^2'}  # of old\n")
    assert sorted(plan(tmp_path, Options(stack=("all",))).files) == [".platform.app.yaml", ".upsun/config.yaml"]


def test_java_keeps_its_memory() -> None:
    stack = "stack:\n  runtimes:\n    - 'java@21'"
    check_rewritten(
        "composable_stack",
        app("type: java:21"),
        app(f"type: composable:26.05\ncontainer_profile: HIGH_MEMORY\n{stack}"),
        stack=("all",),
    )
    check_rewritten(
        "composable_stack",
        app("type: java:21\ncontainer_profile: BALANCED"),
        app(f"type: composable:26.05\n{stack}\ncontainer_profile: BALANCED"),
        stack=("all",),
    )


def test_instance_mounts_and_hooks_that_know_the_old_image_are_reported() -> None:
    text = app(f"type: php:8.4\n{NONE}mounts: {{cache: {{source: local}}}}\nhooks:\n  deploy: apt-get install jq")
    stack = "stack:\n  runtimes:\n    - 'php@8.4'\n"
    after = app(f"type: composable:26.05\n{stack}mounts: {{cache: {{source: local}}}}\nhooks:\n  deploy: apt-get install jq")
    notes = check_rewritten("composable_stack", text, after, stack=("all",))
    assert "warning: applications.shop.type: `mounts`: `cache`: `instance` mounts may not be available on composable images" in notes
    assert any("review hook `deploy`, which uses `apt-get`" in note for note in notes)


def test_an_application_inside_braces_stays_inside_braces() -> None:
    before = "type: 'php:8.4', build: {flavor: none}, runtime: {extensions: [json, redis]}, dependencies: {nodejs: {yarn: '1'}}"
    after = "type: 'composable:26.05', stack: {runtimes: [{'php@8.4': {extensions: [redis]}}, 'nodejs@26'], packages: [yarn]}"
    check_rewritten("composable_stack", f"applications: {{shop: {{{before}}}}}\n", f"applications: {{shop: {{{after}}}}}\n", stack=("all",))


def test_an_included_application_is_converted_in_its_file() -> None:
    before = {
        ".upsun/config.yaml": "applications:\n  shop: !include ../shop.yaml\n",
        "shop.yaml": f"type: php:8.4\n{NONE}runtime:\n    extensions: [redis]\n",
    }
    after = "type: composable:26.05\nstack:\n    runtimes:\n        - 'php@8.4':\n              extensions: [redis]\n"
    check_rewritten("composable_stack", before, before | {"shop.yaml": after}, stack=("all",))


def test_a_list_is_written_if_asked_for() -> None:
    check_rewritten(
        "composable_stack",
        app(f"type: php:8.4\n{NONE}runtime:\n  extensions: [redis]\ndependencies: {{nodejs: {{yarn: '1'}}}}"),
        app("type: composable:26.05\nstack:\n  - 'php@8.4':\n      extensions: [redis]\n  - 'nodejs@26'\n  - yarn"),
        stack=("all",),
        stack_form="list",
    )


# ---- runtimes of other languages


def test_what_scripts_run_comes_into_the_stack() -> None:
    notes = check_rewritten(
        "composable_stack",
        app(f"""\
type: php:8.4
{NONE}hooks:
  build: |
    npm ci
    composer install
  deploy: if true; then bundle exec x; fi
workers:
  mail: {{commands: {{start: exec python3 mail.py}}}}"""),
        app("""\
type: composable:26.05
stack:
  runtimes:
    - 'php@8.4'
    - 'nodejs@26'
    - 'ruby@4.0'
    - 'python@3.14'
hooks:
  build: |
    npm ci
    composer install
  deploy: if true; then bundle exec x; fi
workers:
  mail: {commands: {start: exec python3 mail.py}}"""),
        stack=("all",),
    )
    assert "info: applications.shop.type: `nodejs@26` was added since hook `build` runs `npm`" in notes
    assert "info: applications.shop.type: `python@3.14` was added since worker `mail` runs `python3`" in notes


def test_a_runtime_that_was_installed_by_hand_comes_into_the_stack() -> None:
    text = f"type: ruby:3.4\n{NONE}hooks: {{build: 'nvm install 24'}}\nweb: {{commands: {{start: ./x}}}}"
    after = "type: composable:26.05\nstack:\n  runtimes:\n    - 'ruby@3.4'\n    - 'nodejs@26'\nhooks: {build: 'nvm install 24'}"
    notes = check_rewritten("composable_stack", app(text), app(f"{after}\nweb: {{commands: {{start: ./x}}}}"), stack=("all",))
    assert "info: applications.shop.type: `nodejs@26` was added since hook `build` installs it with `nvm`" in notes
    assert any("review hook `build`, which uses `nvm`" in note for note in notes)


def test_a_package_manager_that_came_as_a_dependency_is_there() -> None:
    rest = "hooks: {build: 'yarn install && pnpm x'}\nweb: {commands: {start: node x}}"
    stack = "type: composable:26.05\nstack:\n  runtimes:\n    - 'nodejs@24'\n  packages:\n    - yarn"
    before = app(f"type: nodejs:24\ndependencies: {{nodejs: {{yarn: '1'}}}}\n{rest}")
    notes = check_rewritten("composable_stack", before, app(f"{stack}\n{rest}"), stack=("all",))
    assert [note for note in notes if "review" in note] == [
        "info: applications.shop.type: review hook `build`, which runs `pnpm`: it may not come with its runtime"
    ]


def test_maven_is_a_package_of_its_own() -> None:
    text = app("type: java:21\ncontainer_profile: BALANCED\nhooks: {build: mvn package}\nweb: {commands: {start: java -jar x}}")
    after = text.replace("type: java:21", "type: composable:26.05\n    stack:\n      runtimes:\n        - 'java@21'")
    assert check_rewritten("composable_stack", text, after, stack=("all",)) == [
        "info: applications.shop.type: review hook `build`, which runs `mvn`: it may not come with its runtime"
    ]


def test_a_profile_that_was_written_is_enough_for_several_runtimes() -> None:
    rest = "hooks: {build: npm ci}\nweb: {commands: {start: java -jar x}}"
    stack = "container_profile: HIGH_MEMORY\nstack:\n  runtimes:\n    - 'java@21'\n    - 'nodejs@26'"
    after = app(f"type: composable:26.05\n{stack}\n{rest}")
    notes = check_rewritten("composable_stack", app(f"type: java:21\n{rest}"), after, stack=("all",))
    assert not any("several runtimes" in note for note in notes)


# ---- where it is written


def test_a_list_of_which_nothing_is_left_leaves() -> None:
    before = f"type: php:8.4\n{NONE}runtime:\n  extensions:\n    - json  # of old\n  disabled_extensions: [gd]"
    after = "type: composable:26.05\nstack:\n  runtimes:\n    - 'php@8.4':\n        disabled_extensions: [gd]"
    check_rewritten("composable_stack", app(before), app(after), loses=["# of old"], stack=("all",))


def test_a_runtime_in_a_file_of_its_own_is_refused() -> None:
    files = {".upsun/config.yaml": app(f"type: php:8.4\n{NONE}runtime: !include r.yaml"), "r.yaml": "extensions: [redis]\n"}
    assert check_noop("composable_stack", files, stack=("all",))[-1] == (
        "warning: applications.shop.type: not converted: `runtime` is not written as a mapping of lists in the application"
    )


def test_a_tool_without_a_version_is_installed_without_one() -> None:
    before = "type: ruby:3.4\ndependencies: {ruby: {sass: '*', bundler: '2'}}\nhooks: {build: ''}\nweb: {commands: {start: x}}"
    install = 'gem install --install-dir "$PLATFORM_APP_DIR/.deps/ruby" sass'
    path = 'export PATH="$PLATFORM_APP_DIR/.deps/ruby/bin:$PATH" GEM_PATH="$PLATFORM_APP_DIR/.deps/ruby"'
    quoted = f"set -e\n{install}\n{path}\n".replace('"', '\\"').replace("\n", "\\n")
    after = "type: composable:26.05\nstack:\n  runtimes:\n    - 'ruby@3.4'\n"
    check_rewritten(
        "composable_stack", app(before), app(f'{after}hooks: {{build: "{quoted}"}}\nweb: {{commands: {{start: x}}}}'), stack=("all",)
    )
