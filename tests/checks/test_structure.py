from __future__ import annotations

import pytest
from tests.checks.cases import Case, everything

SHOP = "applications.shop"
RULES = f"{SHOP}.web.locations./"


def firewall(text: str) -> str:
    return f"firewall: {{outbound: [{text}]}}"


def rules(text: str) -> str:
    return f"web: {{locations: {{/: {{rules: {{{text}}}}}}}}}"


GOOD_RULES = rules(r"""'\.(css|js)$': {allow: true}, '[](]x': {}, '^/\Q(\E$': {}, '(?i)a{2}': {}, '[[:alpha:](]': {}""")
CASES = (
    Case("null-value", "crons: ", f"{SHOP}: `crons`: expected a value, found nothing", "crons", "crons: {}", "warning"),
    Case(
        "null-value",
        "hooks: {build: }",
        f"{SHOP}.hooks: `build`: expected a value, found nothing",
        "build",
        "hooks: {build: ''}",
        "warning",
    ),
    Case(
        "null-value",
        "mounts: {a: {source: tmp, source_path: }}",
        f"{SHOP}.mounts.a: `source_path`: expected a value, found nothing",
        "source_path",
        "container_profile: \nrelationships: {db: }\nweb: {locations: {/: {index: }}}\nworkers: {q: {commands: }}",
        "warning",
    ),
    Case(
        "access-role",
        "access: {ssh: owner}",
        f"{SHOP}.access: `ssh`: expected `viewer`, `contributor` or `admin`, found `owner`",
        "ssh",
        "access: {ssh: viewer}",
    ),
    Case(
        "key-missing",
        "runtime: {extensions: [gd, {configuration: {a: b}}]}",
        f"{SHOP}.runtime.extensions[1]: expected `name`, found nothing",
        "{configuration: {a: b}}",
        "runtime: {extensions: [gd, {name: redis, configuration: {a: b}}]}",
    ),
    Case(
        "key-missing",
        "stack: {packages: [{channel: unstable}]}",
        f"{SHOP}.stack.packages[0]: expected `package`, found nothing",
        "{channel: unstable}",
        "stack: {packages: [yarn, {package: yq, channel: unstable}]}",
    ),
    Case(
        "key-missing",
        "preflight: {ignored_rules: [a]}",
        f"{SHOP}.preflight: expected `enabled`, found nothing",
        "preflight",
        "preflight: {enabled: false}",
    ),
    Case(
        "number-changes",
        "variables: {env: {RELEASE: 1.10}}",
        f"{SHOP}: `RELEASE`: `1.10` is no text to readers of YAML, and may come out as `1.1`",
        "RELEASE",
        "variables: {env: {RELEASE: '1.10', A: 1.5, B: 20, C: on}}",
        "warning",
    ),
    Case(
        "number-changes",
        "workers: {q: {commands: {start: ./q}, variables: {env: {AT: 12:30}}}}",
        f"{SHOP}.workers.q: `AT`: `12:30` is no text to readers of YAML, and may come out as another number",
        "AT",
        "workers: {q: {commands: {start: ./q}, variables: {env: {AT: '12:30'}}}}",
        "warning",
    ),
    Case(
        "number-changes",
        "dependencies: {nodejs: {n: 0755}}",
        f"{SHOP}: `n`: `0755` is no text to readers of YAML, and may come out as `755`",
        "n",
        "dependencies: {nodejs: {n: 1, sass: '1.10'}}",
        "warning",
    ),
    Case("access-role", "access: {sftp: admin}", f"{SHOP}.access: expected `ssh`, found `sftp`", "sftp", "access: {}"),
    Case(
        "access-role",
        "operations: {a: {role: owner, commands: {start: a}}}",
        f"{SHOP}.operations.a: `role`: expected `viewer`, `contributor` or `admin`, found `owner`",
        "role",
        "operations: {a: {role: admin, commands: {start: a}}}",
    ),
    Case(
        "firewall-rule",
        firewall("{}"),
        f"{SHOP}.firewall: expected `ips`, `domains` or `ports`, found none of them",
        "{}",
        firewall("{ips: [198.51.100.0/24], ports: [443]}, {domains: [a.example.org]}, {ports: [1, 65535]}"),
    ),
    Case("firewall-rule", "firewall: {}", f"{SHOP}.firewall: expected `outbound`, found nothing", "firewall", "firewall: {outbound: []}"),
    Case(
        "firewall-rule",
        firewall("{ips: [192.0.2.1/32], domains: [a.b]}"),
        f"{SHOP}.firewall: expected `ips` or `domains`, found both in one rule",
        "domains",
        firewall("{ips: [2.3.4.5]}"),
    ),
    Case(
        "firewall-rule",
        firewall("{ports: [443, 65536]}"),
        f"{SHOP}.firewall: `ports`: expected a number from 1 to 65535, found `65536`",
        "65536",
        firewall("{ports: [65535]}"),
    ),
    Case(
        "firewall-rule",
        firewall("{ports: [25]}"),
        f"{SHOP}.firewall: port 25 is always blocked",
        "25",
        firewall("{ports: [465]}"),
        "warning",
    ),
    Case(
        "location-path",
        "web: {locations: {admin: {root: public}}}",
        f"{SHOP}.web: `locations`: expected a path that begins with `/`, found `admin`",
        "admin",
        "web: {locations: {/: {root: public}, /admin: {}}}",
    ),
    Case("location-rule", rules("a: {root: public}"), f"{RULES}: `rules`: `root` is not available in a rule", "root", GOOD_RULES),
    Case("location-rule", rules(r"'\.(css$': {}"), rf"{RULES}: `rules`: expected `)` behind `(` in `\.(css$`", r"'\.(css$'", GOOD_RULES),
    Case("location-rule", rules("'css)$': {}"), f"{RULES}: `rules`: expected `(` before `)` in `css)$`", "'css)$'", GOOD_RULES),
    Case("location-rule", rules("'[a-z': {}"), f"{RULES}: `rules`: expected `]` behind `[` in `[a-z`", "'[a-z'", GOOD_RULES),
    Case(
        "location-rule",
        rules("'*.php': {}"),
        f"{RULES}: `rules`: expected something to repeat before the first character in `*.php`",
        "'*.php'",
        GOOD_RULES,
    ),
    Case(
        "mount-source",
        "mounts: {a: {source: shared}}",
        f"{SHOP}.mounts.a: `source`: expected `storage`, `instance`, `tmp` or `service`, found `shared`",
        "source",
        "mounts: {a: {source: storage}, b: {source: instance}, c: {source: tmp}, d: {source: temporary}, e: {source: local}}",
    ),
    Case("mount-source", "mounts: {a: {}}", f"{SHOP}.mounts.a: expected `source`, found nothing", "a", "mounts: {a: 'shared:files/a'}"),
    Case(
        "mount-source",
        {".platform.app.yaml": "name: shop\ntype: 'php:8.4'\nmounts: {a: {source: storage}}\n"},
        f"{SHOP}.mounts.a: `source`: expected `local`, `tmp` or `service`, found `storage`",
        "source",
        {".platform.app.yaml": "name: shop\ntype: 'php:8.4'\nmounts: {a: {source: local}, b: {source: tmp}}\n"},
    ),
    Case(
        "operation-command",
        "operations: {a: {role: admin}}",
        f"{SHOP}.operations.a: expected `commands.start`, found nothing",
        "a",
        "operations: {a: {commands: {start: ./flush}}}",
    ),
    Case(
        "operation-command",
        "source: {operations: {bump: {}}}",
        f"{SHOP}.source.operations.bump: expected `command`, found nothing",
        "bump",
        "source: {root: /, operations: {bump: {command: git commit}}}",
    ),
    Case("source-key", "source: {path: api}", f"{SHOP}.source: `path` is not available in `source`", "path", "source: {root: api}"),
    Case(
        "value-not-text",
        "web: {locations: {/: {headers: {X-Age: 5}}}}",
        f"{SHOP}.web.locations./: `headers`: expected text for `X-Age`, found another kind of value",
        "X-Age",
        "web: {locations: {/: {headers: {X-Age: '5'}}}}\nadditional_hosts: {a.b: 192.0.2.1}",
        "warning",
    ),
)


@pytest.mark.parametrize("case", CASES, ids=str)
def test_a_check_of_values(case: Case) -> None:
    case.test()


@pytest.mark.parametrize(
    "text",
    [
        "mounts: {a: 5}",
        "firewall: 5",
        "firewall: {outbound: 5}",
        "firewall: {outbound: [5]}",
        "access: 5",
        "access: {ssh: 5}",
        "mounts: {a: {source: 5}}",
        "operations: {a: 5, b: {commands: 5}}",
        "crons: {a: 5}",
        "crons: {a: {spec: 5, commands: 5}}",
        "workers: {b: {commands: 5}}",
        "relationships: {a: 5}",
        "web: {locations: {/: 5}}",
        "source: {operations: {a: {command: 5}}}",
    ],
)
def test_what_has_the_wrong_type_is_said_once(text: str) -> None:
    assert {one.name for one in everything(text)} == {"wrong-type"}
