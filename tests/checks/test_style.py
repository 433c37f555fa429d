from __future__ import annotations

import pytest
from tests.checks.cases import Case, said

SHOP = "applications.shop"


def old(text: str) -> dict[str, str]:
    return {".platform.app.yaml": f"name: shop\ntype: 'php:8.4'\n{text}\n"}


CASES = (
    Case(
        "fixed-key-in-flex", "size: L", f"{SHOP}: `size` is a key of Upsun Fixed, without a meaning here", "size", old("size: L\ndisk: 128")
    ),
    Case(
        "fixed-key-in-flex",
        "workers: {queue: {commands: {start: ./run}, size: S}}",
        f"{SHOP}.workers.queue: `size` is a key of Upsun Fixed, without a meaning here",
        "size",
        old("workers: {queue: {commands: {start: ./run}, size: S}}"),
        "warning",
    ),
    Case(
        "fixed-key-in-flex",
        "resources: {base_memory: 64}",
        f"{SHOP}: `resources` is a key of Upsun Fixed, without a meaning here",
        "resources",
        old("resources: {base_memory: 64}"),
        "warning",
    ),
    Case(
        "fixed-key-in-flex",
        "applications: {shop: {type: 'php:8.4'}}\nservices: {db: {type: 'redis:8.0', access: {}}}",
        "services.db: `access` is a key of Upsun Fixed, without a meaning here",
        "access",
        "applications: {shop: {type: 'php:8.4', access: {ssh: admin}}}",
        "warning",
    ),
    Case("name-in-flex", "name: shop", f"{SHOP}: `name` is a key of Upsun Fixed, without a meaning here", "name", old("")),
    Case(
        "profile-in-fixed",
        old("container_profile: BALANCED"),
        f"{SHOP}: `container_profile` is a key of Upsun Flex, without a meaning here",
        "container_profile",
        "container_profile: BALANCED",
        "warning",
    ),
    Case(
        "size-value",
        old("size: XXL"),
        f"{SHOP}: `size`: expected `AUTO`, `XS`, `S`, `M`, `L`, `XL`, `2XL` or `4XL`, found `XXL`",
        "size",
        old("size: 2XL"),
        "warning",
    ),
    Case(
        "old-cli",
        "crons: {c: {spec: '0 1 * * *', commands: {start: 'cd x && platform backup:create'}}}",
        f"{SHOP}.crons.c.commands: `start` calls `platform`: the command-line tool of Upsun Flex is `upsun`",
        "start",
        "crons: {c: {spec: '0 1 * * *', commands: {start: 'upsun backup:create; ./platform x:y; echo platform is here'}}}",
        "info",
    ),
    Case(
        "old-cli",
        'hooks: {deploy: "set -e\\nplatform ssh"}',
        f"{SHOP}.hooks: `deploy` calls `platform`: the command-line tool of Upsun Flex is `upsun`",
        "deploy",
        old("hooks: {deploy: platform ssh}"),
        "info",
    ),
)


@pytest.mark.parametrize("case", CASES, ids=str)
def test_a_check_of_style(case: Case) -> None:
    case.test()


@pytest.mark.parametrize("place", ["disk: 512", "web: {disk: 512}", "workers: {queue: {commands: {start: ./run}, disk: 512}}", "disk: "])
def test_a_disk_has_no_place_in_the_current_layout(place: str) -> None:
    (found,) = said("fixed-key-in-flex", place)
    assert found.severity.value == "error"
