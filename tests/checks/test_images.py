from __future__ import annotations

import pytest
from tests.checks.cases import Case, said

SHOP = "applications.shop"
STACK = "type: 'composable:26.05'\nstack: {runtimes: [python@3.14]}\n"


def stack(text: str, channel: str = "26.05") -> str:
    return f"type: 'composable:{channel}'\ncontainer_profile: BALANCED\nstack: {{{text}}}"


def service(text: str) -> str:
    return f"applications: {{shop: {{type: 'python:3.14'}}}}\nservices: {{db: {{{text}}}}}"


CASES = (
    Case(
        "type-format",
        "type: nodejs@24",
        f"{SHOP}: `type`: expected a name and a version (`nodejs:24`), found `nodejs@24`",
        "type",
        "type: 'nodejs:24'",
    ),
    Case(
        "type-format",
        "type: 'php:8.4:1'",
        f"{SHOP}: `type`: expected a name and a version (`php:8.4`), found `php:8.4:1`",
        "type",
        "type: 'php:8.4'",
    ),
    Case("type-format", "type: php", f"{SHOP}: `type`: expected a name and a version (`php:8.5`), found `php`", "type", STACK),
    Case(
        "type-format",
        service("type: mysql"),
        "services.db: `type`: expected a name and a version (`mysql:12.3`), found `mysql`",
        "type",
        service("type: 'redis-persistent:8.0'"),
    ),
    Case("type-missing", "name: shop", f"{SHOP}: expected `type`, found nothing", "shop", "type: 'python:3.14'"),
    Case("type-missing", service("configuration: {}"), "services.db: expected `type`, found nothing", "db", service("type: 'redis:8.0'")),
    Case("type-missing", "stack: ['python@3.14']", f"{SHOP}: expected `type` beside `stack`, found nothing", "stack", STACK, "info"),
    Case("type-unknown", "type: 'phyton:3.14'", f"{SHOP}: `type`: expected a runtime, found `phyton`", "type", "type: 'python:3.14'"),
    Case("type-unknown", "type: 'php:99'", f"{SHOP}: `type`: `php` is not offered in version `99`", "type", "type: 'php:8.5'"),
    Case("type-unknown", stack("packages: []", "27.99"), f"{SHOP}: `type`: `composable` is not offered in version `27.99`", "type", STACK),
    Case(
        "type-unknown",
        service("type: 'php:8.5'"),
        "services.db: `type`: expected a service, found `php`",
        "type",
        service("type: 'network-storage:1.0'"),
    ),
    Case("type-retired", "type: 'python:3.9'", f"{SHOP}: `type`: `python:3.9` is retired", "type", "type: 'python:3.14'", "warning"),
    Case("type-retired", "type: 'php:8.2'", f"{SHOP}: `type`: `php:8.2` is deprecated", "type", "type: 'php:8.4'", "warning"),
    Case(
        "type-retired",
        stack("packages: []", "25.11"),
        f"{SHOP}: `type`: `composable:25.11` is retired",
        "type",
        stack("packages: []"),
        "warning",
    ),
    Case(
        "composable-keys",
        STACK + "dependencies: {}",
        f"{SHOP}: `dependencies` is not available in composable images",
        "dependencies",
        STACK + "hooks: {build: make}",
    ),
    Case(
        "composable-keys",
        "type: 'php:8.4'\nstack: {runtimes: [php@8.4]}",
        f"{SHOP}: `type`: expected `composable:26.05`, since there is a `stack`, found `php:8.4`",
        "type",
        "type: 'php:8.4'\nbuild: {flavor: none}\ndependencies: {php: {a/b: '1'}}\nruntime: {extensions: [redis]}",
    ),
    Case(
        "stack-missing",
        "type: 'composable:26.05'",
        f"{SHOP}: expected `stack`, since the image is composable, found none",
        "type",
        stack("packages: [hugo]"),
        "warning",
    ),
    Case(
        "stack-runtime",
        stack("runtimes: ['nodejs']"),
        f"{SHOP}.stack.runtimes[0]: expected a version of runtime `nodejs`, found none",
        "'nodejs'",
        stack("runtimes: ['php@8.4': {extensions: [redis]}, 'nodejs@24']"),
        "warning",
    ),
    Case(
        "stack-runtime",
        stack("runtimes: ['nodejs:24']"),
        f"{SHOP}.stack.runtimes[0]: expected a runtime as `name@version`, found `nodejs:24`",
        "'nodejs:24'",
        stack("runtimes: ['nodejs@24']"),
    ),
    Case(
        "stack-runtime",
        stack("runtimes: ['dotnet@10.0']"),
        f"{SHOP}.stack.runtimes[0]: expected a runtime, found `dotnet`",
        "'dotnet@10.0'",
        stack("runtimes: ['bun@1']"),
    ),
    Case(
        "stack-runtime",
        stack("runtimes: ['python@3.11']"),
        f"{SHOP}.stack.runtimes[0]: channel `26.05` does not offer `python` in version `3.11`",
        "'python@3.11'",
        stack("runtimes: ['python@3.11']", "25.11"),
        "warning",
    ),
    Case(
        "package-runtime",
        stack("runtimes: ['python@3.13'], packages: [python312Packages.yq]"),
        f"{SHOP}.stack: package `python312Packages.yq` is for version 312 of `python`, found `3.13`",
        "python312Packages.yq",
        stack("runtimes: ['python@3.13'], packages: [python313Packages.yq, php84Extensions.apcu, ffmpeg]"),
        "warning",
    ),
    Case(
        "multi-runtime-resources",
        "type: 'composable:26.05'\nstack: {runtimes: [php@8.4, nodejs@24]}",
        f"{SHOP}: expected `container_profile`, since `stack` has several runtimes, found none",
        "stack",
        stack("runtimes: [php@8.4, nodejs@24]"),
        "warning",
    ),
    Case(
        "composable-instance-mount",
        STACK + "mounts: {a: {source: instance}}",
        f"{SHOP}.mounts.a: `instance` may not be available in composable images: the vendor's pages disagree",
        "source",
        "mounts: {a: {source: instance}}",
        "warning",
    ),
    Case(
        "container-profile",
        "container_profile: LARGE",
        f"{SHOP}: `container_profile`: expected `HIGH_CPU`, `BALANCED`, `HIGH_MEMORY` or `HIGHER_MEMORY`, found `LARGE`",
        "container_profile",
        "container_profile: HIGHER_MEMORY\nweb: {container_profile: }",
    ),
    Case(
        "sizing-hints-minimum",
        "type: 'php:8.4'\nruntime: {sizing_hints: {request_memory: 9, reserved_memory: 70}}",
        f"{SHOP}.runtime.sizing_hints: `request_memory`: expected at least 10 MB, found `9`",
        "request_memory",
        "type: 'php:8.4'\nruntime: {sizing_hints: {request_memory: 10, reserved_memory: 70}}",
        "warning",
    ),
    Case(
        "dependency-manager",
        "dependencies: {node: {sass: '1'}}",
        f"{SHOP}: `dependencies`: expected `php`, `python`, `python2`, `python3`, `ruby` or `nodejs`, found `node`",
        "node",
        "dependencies: {nodejs: {sass: '1'}, python3: {uv: '*'}, python39: {uv: '*'}}",
    ),
    Case(
        "build-flavor",
        "build: {flavor: drupal}",
        f"{SHOP}.build: `flavor`: `drupal` is of an older time, and in no documentation any more",
        "flavor",
        "build: {flavor: composer}",
        "warning",
    ),
    Case(
        "package-is-runtime",
        stack("packages: [nodejs, yarn]"),
        f"{SHOP}.stack: `nodejs` is installed as a package, not as a runtime",
        "nodejs",
        stack("runtimes: [nodejs@24], packages: [nodePackages.npm, libyaml_0]"),
        "warning",
    ),
    Case(
        "package-is-runtime",
        stack("packages: [elixir_1_18]"),
        f"{SHOP}.stack: `elixir_1_18` is installed as a package, not as a runtime",
        "elixir_1_18",
        stack("runtimes: [elixir@1.18]"),
        "info",
    ),
    Case(
        "build-caches",
        "build: {flavor: none, caches: {npm: {watch: [package.json]}}}",
        f"{SHOP}.build: `caches` is not documented, and refused by the vendor's own validators",
        "caches",
        {".platform.app.yaml": "name: shop\ntype: 'php:8.4'\nbuild: {caches: {npm: {watch: [composer.json]}}}\n"},
        "warning",
    ),
)


@pytest.mark.parametrize("case", CASES, ids=str)
def test_a_check_of_images(case: Case) -> None:
    case.test()


def test_the_nearest_name_is_offered() -> None:
    (found,) = said("type-unknown", "type: 'phyton:3.14'")
    assert found.help == "did you mean `python`?"


def test_versions_to_upgrade_to_are_offered() -> None:
    (found,) = said("type-retired", "type: 'python:3.9'")
    assert found.help == "upgrade to `3.14` or `3.13`"


def test_a_version_above_all_that_are_supported_is_no_case_for_an_upgrade() -> None:
    (found,) = said("type-retired", "applications: {shop: {type: 'php:8.4'}}\nservices: {files: {type: 'network-storage:2.0'}}\n")
    assert found.help == "choose `1.0`"


def test_the_runtime_that_a_package_is_named_after_is_offered() -> None:
    assert [one.help for one in said("package-is-runtime", stack("packages: [python312, python99, bun]"))] == [
        "write `python@3.12` in `runtimes` if it is to be one",
        "write `python@<version>` in `runtimes` if it is to be one",
        "write `bun@<version>` in `runtimes` if it is to be one",
    ]


@pytest.mark.parametrize("text", ["type: 5", "stack: 5\n"])
def test_what_cannot_be_read_is_not_called_missing(text: str) -> None:
    assert said("type-missing", text) == []
