"""What is said of values and spellings while a project is read, as :func:`check` passes it on."""

from __future__ import annotations

import pytest
from tests.checks.cases import Case, everything, said

from workerlib import loads
from workerlib.errors import ConfigurationError

SHOP = "applications.shop"
TOP = "applications: {shop: {type: 'python:3.14'}}\n"


def fixed(text: str) -> dict[str, str]:
    return {".platform.app.yaml": f"name: shop\ntype: 'php:8.4'\ndisk: 512\n{text}\n"}


def queue(text: str) -> str:
    return f"workers: {{queue: {{commands: {{start: ./q}}, {text}}}}}"


CASES = (
    Case(
        "include-missing",
        "hooks: {build: !include {type: string, path: build.sh}}",
        "expected a file `build.sh`, found none",
        "!include {type: string, path: build.sh}",
        {".upsun/config.yaml": TOP.replace("}}", ", hooks: {build: !include {type: string, path: build.sh}}}}"), "build.sh": ""},
    ),
    Case(
        "include-missing",
        {
            ".upsun/config.yaml": TOP.replace("}}", ", web: !include web.yaml}}"),
            "web.yaml": "commands: !include commands.yaml\n",
        },
        "expected a file `commands.yaml`, found none, included by .upsun/config.yaml > web.yaml",
        "!include commands.yaml",
        TOP,
    ),
    Case(
        "include-elsewhere",
        {".upsun/config.yaml": TOP.replace("}}", ", web: !include web.yaml}}"), ".upsun/web.yaml": "commands: {start: x}\n"},
        "expected `web.yaml` at `web.yaml`, found it at `.upsun/web.yaml`",
        "!include web.yaml",
        {".upsun/config.yaml": TOP.replace("}}", ", web: !include web.yaml}}"), "web.yaml": "commands: {start: x}\n"},
        "warning",
    ),
    Case("unknown-key", TOP + "service: {}\n", "`service` is not a known key here", "service", TOP + "services: {}\n", "warning"),
    Case("unknown-key", "propertys: {}", f"{SHOP}: `propertys` is not a known key here", "propertys", "operations: {}", "warning"),
    Case(
        "unknown-key",
        "tasks: {}",
        f"{SHOP}: `tasks` is known to the platform's API, and to no documentation",
        "tasks",
        "operations: {}",
        "info",
    ),
    Case(
        "unknown-key",
        TOP + "tasks: {clean: {type: 'python:3.14', run: {command: ./clean}}}\n",
        "`tasks` is known to the platform's API, and to no documentation",
        "tasks",
        TOP,
        "info",
    ),
    *(
        Case(
            "unknown-key",
            text.format("authorizations: [{type: env, action: view}]"),
            f"{SHOP}.{path}: `authorizations` is known to the platform's API, and to no documentation",
            "authorizations",
            text.format("variables: {}"),
            "info",
        )
        for path, text in (("web", "web: {{{}}}"), ("workers.queue", "workers: {{queue: {{commands: {{start: ./q}}, {}}}}}"))
    ),
    Case(
        "unknown-key",
        "web: {commands: {stop: ./s}}",
        f"{SHOP}.web.commands: `stop` is not a known key here",
        "stop",
        "web: {commands: {pre_start: ./p, start: ./s, post_start: ./t}}",
        "warning",
    ),
    Case(
        "unknown-key",
        "workers: {queue: {commands: {start: ./s, stop: ./t}}}",
        f"{SHOP}.workers.queue.commands: `stop` is not a known key here",
        "stop",
        "workers: {queue: {commands: {start: ./s}}}",
    ),
    Case(
        "unknown-key",
        "crons: {c: {spec: '0 1 * * *', commands: {start: ./s, post_start: ./t}}}",
        f"{SHOP}.crons.c.commands: `post_start` is not a known key here",
        "post_start",
        "crons: {c: {spec: '0 1 * * *', commands: {start: ./s, stop: ./t}}}",
    ),
    Case(
        "unknown-key",
        "stack: {paketes: []}",
        f"{SHOP}.stack: `paketes` is not a known key here",
        "paketes",
        "stack: {packages: [{package: yq, channel: unstable, of_its_own: 1}]}",
        "warning",
    ),
    Case(
        "dot-key-ignored",
        TOP + ".base: {a: b}\n",
        "`.base` begins with a dot, so the platform ignores it",
        ".base",
        TOP,
        "warning",
    ),
    Case(
        "dot-key-ignored",
        {".upsun/config.yaml": ".types: {a: &type 'php:8.4'}\napplications: {shop: {type: *type}}\n"},
        "`.types` begins with a dot, so the platform ignores it",
        ".types",
        TOP,
        "info",
    ),
    Case(
        "dot-key-ignored",
        "applications: {.base: &base {type: 'php:8.4'}, shop: *base}\n",
        "`.base` begins with a dot, so the platform ignores it",
        ".base",
        TOP,
        "info",
    ),
    Case(
        "key-not-text",
        "workers: {on: {commands: {start: ./q}}}",
        f"{SHOP}.workers: `on` is read as text, which other readers of YAML do not",
        "on",
        "workers: {'on': {commands: {start: ./q}}, one: {commands: {start: ./q}}}",
        "warning",
    ),
    Case(
        "key-not-text",
        TOP + "services: {1: {type: 'redis:8.0'}}",
        "services: `1` is read as text, which other readers of YAML do not",
        "1",
        TOP + "services: {'1': {type: 'redis:8.0'}, r2: {type: 'redis:8.0'}}",
        "warning",
    ),
    Case(
        "workers-not-mapping",
        "workers: [queue]",
        f"{SHOP}.workers: expected a mapping, found a list",
        "[queue]",
        queue(""),
    ),
    Case("workers-not-mapping", "workers: {queue: }", f"{SHOP}.workers.queue: expected a mapping, found nothing", "", queue("")),
    Case(
        "wrong-type",
        "relationships: {db: mysql}",
        f"{SHOP}.relationships.db: expected `service` and `endpoint`, or `service:endpoint`, found text `mysql`",
        "mysql",
        "relationships: {db: 'mysql:mysql', cache: }",
    ),
    Case(
        "wrong-type",
        "variables: {A: b}",
        f"{SHOP}.variables: expected a mapping below `A`, found text `b`",
        "{A: b}",
        "variables: {env: {A: b}}",
    ),
    Case(
        "wrong-type",
        "variables: {env: !include gone.yaml, A: b}",
        f"{SHOP}.variables: expected a mapping below `A`, found text `b`",
        "{env: !include gone.yaml, A: b}",
        "variables: {env: !include gone.yaml, php: !include gone.yaml}",
    ),
    Case(
        "wrong-type",
        "firewall: {outbound: [{ports: [80, 0443]}]}",
        f"{SHOP}.firewall.outbound[0].ports: expected a list of items that are each a whole number, found `0443`",
        "[80, 0443]",
        "firewall: {outbound: [{ports: [80, 443]}]}",
    ),
    Case(
        "wrong-type",
        "stack: {runtimes: [3.10]}",
        f"{SHOP}.stack.runtimes[0]: expected `name@version`, with options below it or without, found `3.10`",
        "3.10",
        "stack: {runtimes: [python@3.14]}",
    ),
    Case(
        "relationship-implied",
        "relationships: {db: {endpoint: ro}}",
        f"{SHOP}.relationships.db: expected `service` beside `endpoint`, found none: `db` is taken for it",
        "endpoint",
        "relationships: {db: {service: db, endpoint: ro}, cache: {}}",
        "warning",
    ),
    Case(
        "mount-source",
        fixed("mounts: {a: {source: instance}}"),
        f"{SHOP}.mounts.a: `source`: expected `local`, `tmp` or `service`, found `instance`",
        "instance",
        fixed("mounts: {a: {source: local}}"),
    ),
    Case(
        "source-path-string",
        fixed("mounts: {a: {source: local, source_path: 'shared:files/a'}}"),
        f"{SHOP}.mounts.a: `source_path` is taken for the folder of this name, not for a source and a path",
        "'shared:files/a'",
        fixed("mounts: {a: {source: local, source_path: shared/files}, b: 'shared:files/b'}"),
        "warning",
    ),
    Case(
        "toolstack-wrong",
        {".platform.app.yaml": "name: shop\ntoolstack: 'php:drupal'\ntype: 'php:8.4'\n"},
        f"{SHOP}: `toolstack`: expected a language and a flavor (`php:composer`), and no `type`; found `type` beside it",
        "toolstack",
        {".platform.app.yaml": "name: shop\ntoolstack: 'php:drupal'\n"},
    ),
    Case(
        "toolstack-wrong",
        {".platform.app.yaml": "name: shop\ntoolstack: php\n"},
        f"{SHOP}: `toolstack`: expected a language and a flavor (`php:composer`), and no `type`; found another value",
        "toolstack",
        {".platform.app.yaml": "name: shop\ntype: php\n"},
    ),
    Case(
        "web-keys-mixed",
        fixed("web: {document_root: /web, locations: {/: {root: web}}}"),
        f"{SHOP}.web: `document_root` has no meaning beside `locations`, which replaced it",
        "document_root",
        fixed("web: {document_root: /web}"),
    ),
    Case(
        "key-without-effect",
        fixed("web: {document_root: /web, move_to_root: true}"),
        f"{SHOP}.web: `move_to_root` has no effect any more",
        "move_to_root",
        fixed("web: {document_root: /web}"),
        "warning",
    ),
    Case(
        "key-without-effect",
        "runtime: {quicklisp: {}}",
        f"{SHOP}.runtime: `quicklisp` has no effect any more",
        "quicklisp",
        "runtime: {xdebug: {idekey: a}}",
        "warning",
    ),
)


@pytest.mark.parametrize("case", CASES, ids=str)
def test_what_reading_says(case: Case) -> None:
    case.test()


@pytest.mark.parametrize(
    "text",
    [
        "crons: {c: {spec: '0 1 * * *', cmd: a, commands: {start: b}}}",
        "toolstack: php:drupal",
        "web: {passthru: /index.php, locations: {/: {root: web}}}",
        "web: {move_to_root: true}",
    ],
)
def test_a_key_of_which_more_is_known_is_not_called_unknown(text: str) -> None:
    assert said("unknown-key", text) == []


@pytest.mark.parametrize(
    ("more", "advice"),
    [
        ("db: {type: 'mariadb:11.8'}", "write it below `services`"),
        ("db: &a\n  type: &t 'mariadb:11.8'\n  configuration: {}", "write it below `services`"),
        ("api: {type: 'nodejs:24'}", "write it below `applications`"),
        ("'https://{default}/': {type: upstream}", "write it below `routes`"),
        ("relationships: {db: }", "write it in an application, below its name"),
        ("db: {type: 'nothing:1'}", "delete it, or correct its name"),
        ("db: mariadb:11.8", "delete it, or correct its name"),
        ("rotes: {type: upstream}", "did you mean `routes`?"),
    ],
)
def test_a_key_that_belongs_elsewhere_is_sent_there(more: str, advice: str) -> None:
    (found,) = [one for one in loads(TOP + more + "\n").diagnostics if one.name == "unknown-key"]
    assert found.help == advice


@pytest.mark.parametrize("section", ["services", "routes", "applications"])
def test_a_section_inside_an_application_belongs_outside(section: str) -> None:
    (found,) = list(loads(f"applications:\n  shop:\n    type: php:8.4\n    {section}: {{}}\n").diagnostics)
    assert (found.name, found.help) == ("unknown-key", "it belongs to the project: write it outside of the application")


@pytest.mark.parametrize(
    ("text", "advice"),
    [
        ("build: {dependencies: {php: {}}}", "it belongs to the application: write it outside of `build`"),
        ("hooks: {crons: {}}", "it belongs to the application: write it outside of `hooks`"),
        ("web: {locations: {/: {mounts: {}}}}", "it belongs to the application: write it outside of `web`"),
        ("build: {type: php:8.4}", "delete it, or correct its name"),
    ],
)
def test_a_section_of_an_application_inside_another_belongs_outside(text: str, advice: str) -> None:
    (found,) = said("unknown-key", text)
    assert found.help == advice


@pytest.mark.parametrize(
    ("text", "advice"),
    [
        ("var: {}", "did you mean `variables`?"),
        ("CRONS: {}", "did you mean `crons`?"),
        ("va: {}", "delete it, or correct its name"),
        ("rel: {}", "did you mean `relationships`?"),
    ],
)
def test_the_beginning_of_a_key_and_capitals_tell_what_is_meant(text: str, advice: str) -> None:
    (found,) = said("unknown-key", text)
    assert found.help == advice


def test_a_service_inside_an_application_belongs_outside() -> None:
    (found,) = said("unknown-key", fixed("db:\n  type: mariadb:11.8\n  disk: 512"))
    assert found.help == "it is a service: write it outside of the application"


def test_a_value_that_needs_quotes_is_told_so() -> None:
    (found,) = said("wrong-type", "hooks: {build: 5}")
    assert found.help == "put it in quotes"


@pytest.mark.parametrize(
    ("value", "advice"),
    [
        ("access: {ssh: x}, web: {locations: {/: {allow: 'false'}}}", "take it out of its quotes"),
        ('web: {locations: {/: {allow: "yes"}}}', "write `true` or `false`"),
        ("crons: {c: {spec: '5 * * * *', commands: {start: x}, timeout: '60'}}", "take it out of its quotes"),
        ("crons: {c: {spec: '5 * * * *', commands: {start: x}, timeout: '1h'}}", "write a whole number"),
    ],
)
def test_a_value_that_needs_no_quotes_is_told_so(value: str, advice: str) -> None:
    (found,) = [one for one in loads(f"applications: {{shop: {{type: 'php:8.4', {value}}}}}\n").diagnostics if one.name == "wrong-type"]
    assert found.help == advice


@pytest.mark.parametrize(
    "text",
    [
        "web:\n  locations:\n    /:\n      allow: true,",
        "crons:\n  c:\n    spec: 5 * * * *\n    commands: {start: x}\n    timeout: 60,",
    ],
)
def test_a_comma_at_the_end_of_a_line_is_told_to_be_too_much(text: str) -> None:
    (found,) = said("wrong-type", text)
    assert found.help == "leave out the comma: it is part of the text"


def test_a_tab_is_told_from_other_signs() -> None:
    with pytest.raises(ConfigurationError) as caught:
        everything({".platform.app.yaml": "name: shop\nhooks:\n\tbuild: make\n"})
    assert caught.value.diagnostics[0].help == "indent with spaces, not with tabs"


def test_an_application_file_with_a_wrapper_is_told_where_that_belongs() -> None:
    with pytest.raises(ConfigurationError) as caught:
        everything({".platform.app.yaml": "applications:\n  shop: {type: 'php:8.4'}\n"})
    assert caught.value.diagnostics[0].help == (
        "write the application alone, with its `name`, or move the file to `.platform/applications.yaml`"
    )
