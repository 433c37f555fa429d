from __future__ import annotations

import pytest
from tests.checks.cases import Case, everything, said
from tests.support import steps

from workerlib.checking import check
from workerlib.checks.files import unreferenced_file
from workerlib.checks.rules import Scope
from workerlib.convert import structure
from workerlib.layout import MemoryFiles
from workerlib.loading import load_tree
from workerlib.model import Application, Project, Worker

APP = "applications: {shop: {type: 'python:3.14'}}\n"
CONFIG = {".upsun/config.yaml": APP}
OLD = {".platform.app.yaml": "name: shop\ntype: 'php:8.4'\n"}


def rooted(text: str, **others: str) -> dict[str, str]:
    return {".upsun/config.yaml": f"applications: {{shop: {{type: 'python:3.14', source: {{root: {text}}}}}}}", **others}


CASES = (
    Case(
        "wrong-extension",
        CONFIG | {".upsun/services.yml": "services: {}"},
        "`.upsun/services.yml` is not read: expected a name in `.yaml`",
        ".upsun/services.yml",
        {".upsun/config.yaml": APP + "services: {db: {type: 'postgresql:18', configuration: !include db.yml}}", ".upsun/db.yml": "{}"},
        "warning",
    ),
    Case(
        "wrong-extension",
        {".platform/routes.yml": "{}", ".platform/other.yml": "{}"} | OLD,
        "`.platform/routes.yml` is not read: expected a name in `.yaml`",
        ".platform/routes.yml",
        OLD | {".platform/routes.yaml": "{}", "docker-compose.yml": "{}"},
        "warning",
    ),
    Case(
        "unreferenced-file",
        CONFIG | {".upsun/apps/api.yaml": "type: 'python:3.14'\n"},
        "`.upsun/apps/api.yaml` is not read: nothing includes it",
        ".upsun/apps/api.yaml",
        {".upsun/config.yaml": "applications: {shop: !include apps/shop.yaml}", ".upsun/apps/shop.yaml": "type: 'python:3.14'\n"},
        "info",
    ),
    Case(
        "no-config",
        {".upsun/config.txt": APP},
        "`.upsun`: expected a file in `.yaml`, found none",
        ".upsun",
        CONFIG,
    ),
    Case(
        "root-unstated",
        {"api/.platform.app.yaml": "name: shop\ntype: 'composable:26.05'\nstack: {runtimes: [php@8.4]}\n"},
        "applications.shop: expected `source.root`, since the vendor's pages disagree on where composable code is: "
        "in `api`, or at the top; found none",
        "shop",
        {
            ".platform.app.yaml": "name: shop\nstack: [php@8.4]\n",
            "a/.platform.app.yaml": "name: a\nstack: [php@8.4]\nsource: {root: a}\n",
            "b/.platform.app.yaml": "name: b\ntype: 'php:8.4'\n",
            ".platform/applications.yaml": "c: {stack: [php@8.4], source: {root: a}}\n",
        },
        "warning",
    ),
    Case(
        "config-in-submodule",
        {".gitmodules": '[submodule "x"]\n\tpath = apps/x\n\turl = y\n', "apps/x/.platform.app.yaml": "name: shop\ntype: 'php:8.4'\n"},
        "`apps/x/.platform.app.yaml` lies in the submodule `apps/x`, whose configuration is not read",
        "apps/x/.platform.app.yaml",
        {".gitmodules": '[submodule "x"]\n\tpath = apps/y\n', "apps/x/.platform.app.yaml": "name: shop\ntype: 'php:8.4'\n"},
        "warning",
    ),
    Case(
        "root-missing",
        rooted("ap1", README="", **{"api/main.py": ""}),
        "applications.shop.source.root: expected a folder of the repository, found none of the name `ap1`",
        "root",
        rooted("/api/", README="", **{"api/main.py": ""}),
        "warning",
    ),
    Case("root-missing", rooted(""), "applications.shop.source.root: expected a folder, found nothing", "root", rooted("api"), "warning"),
    Case(
        "root-missing",
        "source: ",
        "applications.shop.source: expected a folder, found nothing",
        "source",
        "source: {operations: {a: {command: b}}}",
        "warning",
    ),
    Case(
        "both-layouts",
        {".upsun/config.yaml": "applications: {api: {type: 'python:3.14'}}"} | OLD,
        "applications.shop: expected one layout, found applications in `.platform.app.yaml` and in `.upsun/config.yaml`",
        "shop",
        {".upsun/config.yaml": "services: {db: {type: 'postgresql:18'}}"} | OLD,
    ),
    Case(
        "no-applications",
        "services: {db: {type: 'postgresql:18'}}",
        "applications: expected at least one application, found none",
        "",
        CONFIG,
    ),
    Case(
        "bad-name",
        "applications: {Shop: {type: 'python:3.14'}}",
        "applications.Shop: expected a name of lower-case letters, digits, `-` and `_`, found `Shop`",
        "Shop",
        "applications: {my-shop_2: {type: 'python:3.14', relationships: {a-b_c: db}}}",
        "warning",
    ),
    Case(
        "bad-name",
        {".platform.app.yaml": "name: my-shop\ntype: 'php:8.4'\n"},
        "applications.my-shop: expected a name of lower-case letters and digits, found `my-shop`",
        "my-shop",
        OLD,
        "warning",
    ),
    Case(
        "bad-name",
        "workers: {a--b: {commands: {start: ./run}}}",
        "applications.shop: expected a name of no `--`, found `a--b`",
        "a--b",
        "workers: {messenger-2: {commands: {start: ./run}}, python_queue: {commands: {start: ./run}}}",
    ),
    Case(
        "bad-name",
        APP + "services: {my_files: {type: 'network-storage:1.0'}}",
        "services.my_files: expected a name of at most 63 lower-case letters, digits and `-`, found `my_files`",
        "my_files",
        APP + "services: {my-files: {type: 'network-storage:1.0'}, my_db: {type: 'postgresql:18'}}",
    ),
    Case(
        "duplicate-name",
        APP + "services: {shop: {type: 'postgresql:18'}}",
        "services.shop: expected a name of its own, found one that application and service share",
        "shop",
        APP + "services: {db: {type: 'postgresql:18'}}",
    ),
)


@pytest.mark.parametrize("case", CASES, ids=str)
def test_a_check_of_files_and_names(case: Case) -> None:
    case.test()


def test_where_only_configuration_is_at_hand_no_code_is_missed() -> None:
    assert everything(rooted("api")) == ()


def test_a_folder_that_is_an_archive_is_referred_to() -> None:
    files = {
        ".upsun/config.yaml": APP + "services: {s: {type: 'solr:9.9', configuration: {conf_dir: !archive solr}}}",
        ".upsun/solr/schema.yaml": "{}",
    }
    assert said("unreferenced-file", files) == []


def test_a_project_that_was_not_read_from_files_is_checked_as_well() -> None:
    project = Project(applications={"shop": Application(name="shop", type="python:3.14", workers={"q": Worker(name="q")})})
    (found,) = check(project)
    assert found.message == "applications.shop.workers.q: expected `commands.start`, found nothing"
    assert found.origin is None


def test_null_is_said_once_of_a_project_that_was_not_read_from_files() -> None:
    project = Project(applications={"shop": Application(name="shop", type="python:3.14", additional_hosts=None)})
    assert [one.name for one in check(project)] == ["null-override"]


def test_definitions_without_files_are_checked_as_well() -> None:
    tree = load_tree(MemoryFiles({path: text.encode() for path, text in CONFIG.items()}))
    tree.definitions.files = None
    assert check(structure(tree.definitions)) == ()


def test_an_application_whose_file_is_missing_is_not_judged() -> None:
    files = {".upsun/config.yaml": "applications: {shop: !include {type: yaml, path: gone.yaml}}"}
    assert [one for one in everything(files) if one.name != "include-missing"] == []


def test_files_in_many_archives_take_a_time_in_proportion_to_their_number() -> None:
    def taken(count: int) -> int:
        text = "".join(f"  s{n}: {{type: 'solr:9.9', configuration: {{conf: !archive solr{n}}}}}\n" for n in range(count))
        files = {f".upsun/solr{n}/x.yaml": b"" for n in range(count)}
        apps = "applications: {a: {type: 'php:8.4'}}\nservices:\n"
        definitions = load_tree(MemoryFiles({".upsun/config.yaml": f"{apps}{text}".encode(), **files})).definitions
        return steps(lambda: [*unreferenced_file.look(definitions, Scope(Project()))])

    assert taken(100) < 4.5 * taken(25)
