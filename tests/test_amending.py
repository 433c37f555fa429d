"""Changes by key path: what they do to the text, what they refuse, and that they are proved and written as a migration is."""

from __future__ import annotations

import subprocess
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from workerlib.amending import Amendment, edit, step
from workerlib.editing import Editor
from workerlib.errors import ConfigurationError, RefusedError, UsageError, WorkerlibError, WriteError
from workerlib.keypath import KeyPath
from workerlib.layout import CONFIG
from workerlib.loading import load
from workerlib.model import ABSENT, Commands, Mount, Number, Project, Tagged, Worker

TEXT = """\
# of the whole file
applications:
  shop:  # the shop
    type: php:8.3
    variables:
      env: {MODE: base, LEVEL: 1}  # environment
    relationships:
      db: 'mariadb:mysql'  # the old way
    crons:
      nightly:
        spec: H 2 * * *
        cmd: ./nightly
    mounts:
      uploads: {source: storage}
    workers:
      # consumes jobs
      queue:
        commands:
          start: |
            ./q
      mail:
"""
SHARED = """\
applications:
  shop:
    workers:
      fast: &w
        commands: {start: ./fast}
        variables: {env: {QUEUE: fast}}
      slow:
        <<: *w
        commands: {start: ./slow}
      same: *w
"""
WORKERS = "applications.shop.workers"
OLD = {
    "shop/.platform.app.yaml": "name: shop  # its name\ntype: php:8.3\nworkers:\n  queue: !include q.yaml\n"
    "hooks:\n  build: !include {type: string, path: b.sh}\n",
    "shop/q.yaml": "commands:\n  start: ./q  # run\n",
    "shop/b.sh": "make\n",
    ".platform/services.yaml": "db:\n  type: mariadb:10.6\n",
}


def begun(text: str = TEXT) -> Amendment:
    return edit({CONFIG: text.encode()})


def old() -> Amendment:
    return edit({path: text.encode() for path, text in OLD.items()})


def after(amendment: Amendment, path: str = CONFIG) -> str:
    data = amendment.files[path]
    assert data is not None
    return data.decode()


def refused(error: pytest.ExceptionInfo[RefusedError]) -> str:
    return error.value.diagnostics[0].name


# ---- set ----------------------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("path", "value", "before", "now"),
    [
        ("type", "php:8.4", "type: php:8.3", "type: php:8.4"),
        ("variables.env.MODE", "a # b", "MODE: base", "MODE: 'a # b'"),
        ("variables.env.LEVEL", Number("1.10"), "LEVEL: 1", "LEVEL: 1.10"),
        ("variables.env.NEW", True, "LEVEL: 1}", "LEVEL: 1, NEW: true}"),
        ("variables.env.F", 1.5, "LEVEL: 1}", "LEVEL: 1, F: 1.5}"),
        (
            "relationships.db",
            {"service": "mariadb"},
            "db: 'mariadb:mysql'  # the old way\n",
            "db:  # the old way\n        service: mariadb\n",
        ),
        ("crons.nightly.cmd", "./other", "cmd: ./nightly", "cmd: ./other"),
        ("mounts.uploads.source_path", "files", "{source: storage}", "{source: storage, source_path: files}"),
        ("workers.queue.commands.start", "./r", "start: |\n            ./q\n", "start: ./r\n"),
        ("workers.mail.commands.start", "./m", "mail:\n", "mail:\n        commands:\n          start: ./m\n"),
        ("web.commands.start", "./w", "mail:\n", "mail:\n    web:\n      commands:\n        start: ./w\n"),
    ],
    ids=lambda value: value if isinstance(value, str) and "." in value and " " not in value and "\n" not in value else "",
)
def test_a_value_is_written_and_nothing_else_is(path: str, value: str, before: str, now: str) -> None:
    assert before in TEXT
    amendment = begun().set(f"applications.shop.{path}", value)
    assert after(amendment) == TEXT.replace(before, now)
    assert amendment


def test_a_value_that_is_there_already_changes_nothing() -> None:
    amendment = begun()
    assert amendment.set("applications.shop.type", "php:8.3").set("applications.shop.variables.env.LEVEL", 1) is amendment
    assert not amendment
    assert amendment.diff() == ""


def test_twice_is_once() -> None:
    once = begun().set(f"{WORKERS}.queue.commands.start", "./r")
    assert once.set(f"{WORKERS}.queue.commands.start", "./r") is once


def test_line_endings_stay() -> None:
    amendment = begun(TEXT.replace("\n", "\r\n")).set("applications.shop.web.commands.start", "./w")
    assert after(amendment) == after(begun().set("applications.shop.web.commands.start", "./w")).replace("\n", "\r\n")


INDEX = "applications.a.web.locations./.index"


def listed(*lines: str) -> str:
    """A project with a list: its lines, below or behind the key."""
    head = "applications:\n  a:\n    type: t\n    web:\n      locations:\n        /:\n          index:"
    return head + "\n".join(lines) + "\n    timezone: UTC  # last\n"


FLOW = listed(" [a.html, b.html]  # x")
BLOCK = listed("", "            # first", "            - a.html  # a", "            # second", "            - b.html  # b")


def test_an_item_of_a_list_is_set() -> None:
    assert after(begun(FLOW).set(f"{INDEX}[1]", "c.html")) == listed(" [a.html, c.html]  # x")
    assert after(begun(BLOCK).set(f"{INDEX}[1]", "c.html")) == BLOCK.replace("- b.html", "- c.html")


@pytest.mark.parametrize("change", ["set", "add"])
def test_an_item_is_added_behind_the_last(change: str) -> None:
    assert after(getattr(begun(FLOW), change)(f"{INDEX}[2]", "c.html")) == listed(" [a.html, b.html, c.html]  # x")
    below = BLOCK.replace("# b\n", "# b\n            - c.html\n")
    assert after(getattr(begun(BLOCK), change)(f"{INDEX}[2]", "c.html")) == below
    assert after(getattr(begun(listed(" []  # x")), change)(f"{INDEX}[0]", "c.html")) == listed("  # x", "            - c.html")
    assert after(getattr(begun(listed("  # x")), change)(f"{INDEX}[0]", "c.html")) == listed("  # x", "            - c.html")


def test_an_item_is_added_before_another() -> None:
    assert after(begun(FLOW).add(f"{INDEX}[0]", "c.html")) == listed(" [c.html, a.html, b.html]  # x")
    assert after(begun(FLOW).add(f"{INDEX}[1]", "c.html")) == listed(" [a.html, c.html, b.html]  # x")
    first = BLOCK.replace("            # first", "            - c.html\n            # first")
    assert after(begun(BLOCK).add(f"{INDEX}[0]", "c.html")) == first
    assert after(begun(BLOCK).add(f"{INDEX}[1]", "c.html")) == BLOCK.replace("# a\n", "# a\n            - c.html\n")


def test_an_item_is_removed() -> None:
    assert after(begun(FLOW).remove(f"{INDEX}[0]")) == listed(" [b.html]  # x")
    assert after(begun(FLOW).remove(f"{INDEX}[1]")) == listed(" [a.html]  # x")
    assert after(begun(listed(" [a.html, ]")).remove(f"{INDEX}[0]")) == listed(" []")
    assert after(begun(FLOW).remove(f"{INDEX}[1]").remove(f"{INDEX}[0]")) == listed(" []  # x")
    assert after(begun(BLOCK).remove(f"{INDEX}[0]")) == BLOCK.replace("            - a.html  # a\n", "")
    assert after(begun(BLOCK).remove(f"{INDEX}[1]")) == BLOCK.replace("            - b.html  # b\n", "")
    one = listed("", "            # first", "            - a.html  # a")
    assert after(begun(one).remove(f"{INDEX}[0]")) == listed(" []", "            # first")


def test_an_item_that_is_a_mapping_is_added_and_removed() -> None:
    text = "applications:\n  a:\n    type: t\n    firewall:\n      outbound:\n      - ports: [443]\n    timezone: UTC\n"
    path = "applications.a.firewall.outbound"
    added = begun(text).add(f"{path}[1]", {"ports": [80], "domains": ["example.org"]})
    assert after(added) == text.replace("[443]\n", "[443]\n      - ports:\n          - 80\n        domains:\n          - example.org\n")
    assert after(added.remove(f"{path}[0].ports").set(f"{path}[0].ips[0]", "192.0.2.0/24")).count("192.0.2.0/24") == 1
    assert not added.remove(f"{path}[1]").files
    assert "domain: " not in after(added.rename(f"{path}[1].domains", "ips"))


def test_an_item_between_blocks_of_text() -> None:
    head = "applications:\n  a:\n    type: t\n    variables:\n      x:\n        a:\n"
    text = head + "          - |\n            one\n\n          - two\n          # end\n"
    path = "applications.a.variables.x.a"
    assert after(begun(text).remove(f"{path}[1]")) == text.replace("          - two\n", "")
    assert after(begun(text).add(f"{path}[1]", "1\n2\n")) == text.replace("one\n", "one\n          - |\n            1\n            2\n")


@pytest.mark.parametrize(
    ("change", "path", "message"),
    [
        ("set", "[3]", r"expected `\[2\]`, behind the last item, found `\[3\]`"),
        ("add", "[3]", r"expected `\[2\]`, behind the last item, found `\[3\]`"),
        ("remove", "[2]", "expected something there, found nothing"),
        ("rename", "[0]", "expected a key with its value, found an item of a list"),
    ],
)
def test_an_item_that_is_not_there(change: str, path: str, message: str) -> None:
    arguments = () if change == "remove" else ("c.html",)
    with pytest.raises(UsageError, match=message):
        getattr(begun(FLOW), change)(INDEX + path, *arguments)


def test_a_comment_among_items_in_brackets_stands_in_the_way() -> None:
    text = listed(" [a.html,  # a", "            b.html]")
    with pytest.raises(UsageError, match="set the list as a whole"):
        begun(text).remove(f"{INDEX}[0]")


def test_an_item_of_a_list_that_several_share_is_refused() -> None:
    text = "applications:\n  a: &a {type: t, variables: {x: {y: [1]}}}\n  b: *a\n"
    with pytest.raises(RefusedError) as caught:
        begun(text).add("applications.b.variables.x.y[1]", 2)
    assert refused(caught) == "shared-value"


def test_a_mapping_that_is_replaced_keeps_the_comments_of_what_stays() -> None:
    text = "applications:\n  a:\n    variables:\n      env:\n        # why\n        A: 1  # one\n        B: 2  # two\n      php: {}\n"
    amendment = begun(text).set("applications.a.variables", {"env": {"A": 1, "C": "3"}})
    assert after(amendment) == "applications:\n  a:\n    variables:\n      env:\n        # why\n        A: 1  # one\n        C: '3'\n"


def test_a_root_that_is_none_leaves_that_of_the_layout() -> None:
    amendment = edit({"api/.platform.app.yaml": b"name: api\ntype: t\nsource: {root: x}\n"}).set("applications.api.source.root", [])
    assert amendment.project.applications["api"].root == "api"


# ---- add, remove, rename ------------------------------------------------------------------------------------------------------------


def test_a_worker_is_added_from_the_model() -> None:
    worker = Worker(name="third", commands=Commands(start="./a\n./b\n"), mounts={"tmp": Mount(source="tmp", source_path="tmp")})
    amendment = begun().add(f"{WORKERS}.third", worker)
    assert after(amendment).startswith(TEXT)
    assert "      third:\n" in after(amendment)
    assert amendment.project.applications["shop"].workers["third"] == worker


def test_parts_of_the_model_may_stand_in_a_mapping() -> None:
    worker = Worker(name="third", commands=Commands(start="./c"))
    amendment = begun().set(WORKERS, {"third": worker, "queue": None})
    assert amendment.project.applications["shop"].workers["third"] == worker
    assert "      third:\n        commands:\n          start: ./c\n" in after(amendment)


def test_what_is_there_is_not_added() -> None:
    with pytest.raises(UsageError, match=r"expected nothing, found \.upsun/config\.yaml:4:5: change it with `set`"):
        begun().add("applications.shop.type", "x")


@pytest.mark.parametrize(
    ("path", "value", "added"),
    [
        ("services.db", {"type": "redis:7.0"}, "services:\n  db:\n    type: redis:7.0\n"),
        ("services.db.type", "redis:7.0", "services:\n  db:\n    type: redis:7.0\n"),
        ("routes.https://{default}/.upstream", "shop:http", "routes:\n  'https://{default}/':\n    upstream: shop:http\n"),
        ("applications.other", {"type": "php:8.4"}, "  other:\n    type: php:8.4\n"),
    ],
    ids=["service", "property", "route", "application"],
)
def test_definitions_are_added_where_those_of_their_kind_stand(path: str, value: str, added: str) -> None:
    assert after(begun().add(path, value)) == TEXT + added


def test_a_key_is_removed_with_its_value_and_the_comment_on_its_line() -> None:
    amendment = (
        begun().remove("applications.shop.variables.env.LEVEL").remove("applications.shop.relationships.db").remove(f"{WORKERS}.queue")
    )
    text = TEXT.replace(", LEVEL: 1", "").replace("relationships:\n      db: 'mariadb:mysql'  # the old way\n", "relationships: {}\n")
    assert after(amendment) == text.replace("      queue:\n        commands:\n          start: |\n            ./q\n", "")


def test_a_relationship_is_renamed() -> None:
    amendment = begun().rename("applications.shop.relationships.db", "database")
    assert after(amendment) == TEXT.replace("db: 'maria", "database: 'maria")
    assert amendment.rename("applications.shop.relationships.database", "database") is amendment


def test_a_name_that_is_taken_is_none_to_rename_to() -> None:
    with pytest.raises(UsageError, match="expected a new name, found `mail`"):
        begun().rename(f"{WORKERS}.queue", "mail")


@pytest.mark.parametrize(
    ("path", "message"),
    [
        ("type", "expected `applications`, `services` or `routes`"),
        ("applications", "expected `applications`, `services` or `routes`"),
        ("applications.[x", "is not a key path"),
        ("applications.other.type", "expected one of `shop`, found `other`"),
        ("applications.shop.type.x", "expected a mapping, found `php:8.3` at .upsun/config.yaml:4:11"),
        ("applications.shop.relationships.db.service", "set `applications.shop.relationships.db` as a whole"),
    ],
)
def test_a_path_that_leads_nowhere_is_explained(path: str, message: str) -> None:
    with pytest.raises(UsageError) as caught:
        begun().set(path, "x")
    assert message in str(caught.value)


def test_what_is_not_there_is_neither_removed_nor_renamed() -> None:
    with pytest.raises(UsageError, match="expected something there, found nothing"):
        begun().remove(f"{WORKERS}.none")
    with pytest.raises(UsageError, match="expected something there, found nothing"):
        begun().rename(f"{WORKERS}.none", "some")


def test_a_new_spelling_is_not_written_beside_an_old_one() -> None:
    with pytest.raises(RefusedError) as caught:
        begun().set("applications.shop.crons.nightly.commands.start", "./x")
    assert refused(caught) == "old-spelling"
    assert "as `cmd`" in str(caught.value)


def test_the_last_application_stays() -> None:
    with pytest.raises(RefusedError) as caught:
        begun().remove("applications.shop")
    assert refused(caught) == "no-applications"


def test_what_does_not_load_any_more_is_refused() -> None:
    with pytest.raises(RefusedError) as caught:
        begun().rename("applications.shop", "a--b")
    assert refused(caught) == "bad-name"


# ---- aliases and merge keys ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "path", ["fast.variables.env.QUEUE", "slow.variables.env.QUEUE", "same.commands.start"], ids=["anchor", "merged", "alias"]
)
def test_what_others_share_does_not_change_for_them_unasked(path: str) -> None:
    with pytest.raises(RefusedError) as caught:
        begun(SHARED).set(f"{WORKERS}.{path}", "x")
    assert refused(caught) == "shared-value"
    assert "shares `&w` at .upsun/config.yaml:4:13 with others" in str(caught.value)
    assert caught.value.diagnostics[0].help


@pytest.mark.parametrize("name", ["fast", "slow", "same"])
def test_expanded_it_changes_alone(name: str) -> None:
    path = f"{WORKERS}.{name}.variables.env.QUEUE"
    workers = begun(SHARED).expand(path).set(path, "x").project.applications["shop"].workers
    found = {key: worker.variables for key, worker in workers.items()}
    assert found == {key: {"env": {"QUEUE": "x" if key == name else "fast"}} for key in ("fast", "slow", "same")}


def test_expanding_what_is_not_shared_changes_nothing() -> None:
    amendment = begun()
    assert amendment.expand(f"{WORKERS}.queue.commands.start") is amendment


def test_what_only_one_place_has_changes_where_it_stands() -> None:
    assert after(begun(SHARED).set(f"{WORKERS}.slow.commands.start", "./s")) == SHARED.replace("./slow", "./s")


def test_a_merged_property_is_overridden_by_an_own_one() -> None:
    amendment = begun(SHARED).set(f"{WORKERS}.slow.variables", {"env": {"QUEUE": "slow"}})
    added = "        variables:\n          env:\n            QUEUE: slow\n"
    assert after(amendment) == SHARED.replace("./slow}\n", "./slow}\n" + added)


def test_an_alias_is_replaced_as_a_whole() -> None:
    amendment = begun(SHARED).set(f"{WORKERS}.same", {"commands": {"start": "./same"}})
    assert after(amendment) == SHARED.replace("same: *w", "same:\n        commands:\n          start: ./same")


def test_an_anchor_that_is_removed_moves_to_who_needs_it() -> None:
    workers = begun(SHARED).remove(f"{WORKERS}.fast").project.applications["shop"].workers
    assert {name: worker.variables for name, worker in workers.items()} == {name: {"env": {"QUEUE": "fast"}} for name in ("slow", "same")}


def test_what_a_merge_key_would_bring_back_is_not_gone_when_it_is_removed() -> None:
    path = f"{WORKERS}.slow.commands"
    with pytest.raises(RefusedError, match=r"the merge key at \.upsun/config\.yaml:8:9 brings it"):
        begun(SHARED).remove(path)
    slow = begun(SHARED).expand(path).remove(path).project.applications["shop"].workers["slow"]
    assert (slow.commands, slow.variables) == (ABSENT, {"env": {"QUEUE": "fast"}})


# ---- old layouts and includes -------------------------------------------------------------------------------------------------------


def test_the_files_of_an_old_layout_change_where_they_are() -> None:
    amendment = old().set("applications.shop.type", "php:8.4").set("services.db.type", "mariadb:11.4")
    assert set(amendment.files) == {"shop/.platform.app.yaml", ".platform/services.yaml"}
    assert amendment.project.applications["shop"].root == "shop"


def test_an_application_is_renamed_where_its_name_is() -> None:
    amendment = old().rename("applications.shop", "store")
    assert after(amendment, "shop/.platform.app.yaml").startswith("name: store  # its name\n")
    assert "data-destroyed" in {one.name for one in amendment.diagnostics}


def test_a_value_in_an_included_file_changes_there() -> None:
    amendment = old().set(f"{WORKERS}.queue.commands.start", "./r")
    assert {path: after(amendment, path) for path in amendment.files} == {"shop/q.yaml": "commands:\n  start: ./r  # run\n"}


def test_a_text_that_is_included_changes_in_its_file() -> None:
    amendment = old().set("applications.shop.hooks.build", "make all\n")
    assert {path: after(amendment, path) for path in amendment.files} == {"shop/b.sh": "make all\n"}


def test_an_include_can_be_replaced() -> None:
    amendment = old().set(f"{WORKERS}.queue", {"commands": {"start": "./r"}})
    assert "  queue:\n    commands:\n      start: ./r\n" in after(amendment, "shop/.platform.app.yaml")


def test_a_file_that_several_include_does_not_change_for_one() -> None:
    files = {**OLD, "shop/.platform.app.yaml": OLD["shop/.platform.app.yaml"].replace("hooks:", "  mail: !include q.yaml\nhooks:")}
    with pytest.raises(RefusedError) as caught:
        edit({path: text.encode() for path, text in files.items()}).set(f"{WORKERS}.queue.commands.start", "./r")
    assert "a file that is included 2 times" in str(caught.value)


def test_a_whole_file_is_not_taken_away() -> None:
    with pytest.raises(UsageError, match="a whole file"):
        old().remove("applications.shop")
    with pytest.raises(UsageError, match="a whole file"):
        old().set("applications.shop", {"type": "x"})


def test_definitions_are_not_added_where_no_file_lists_them() -> None:
    with pytest.raises(UsageError, match="migrate the project first"):
        old().add("routes.x", {"type": "upstream"})


# ---- the proof ----------------------------------------------------------------------------------------------------------------------


def test_an_editor_that_does_something_else_is_found_out(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Editor, "replace", lambda self, node, _value: self.cut(node.source, node.start, node.end))
    with pytest.raises(RefusedError) as caught:
        begun().set("applications.shop.type", "php:8.4")
    assert refused(caught) == "proof-failed"


def test_an_editor_that_loses_a_comment_is_found_out(monkeypatch: pytest.MonkeyPatch) -> None:
    def replace(self: Editor, node: object, _value: object) -> None:
        source = node.source  # type: ignore[attr-defined]
        self.cut(source, 0, len("# of the whole file"))
        self.insert(source, node.end, "9")  # type: ignore[attr-defined]

    monkeypatch.setattr(Editor, "replace", replace)
    with pytest.raises(RefusedError, match="# of the whole file") as caught:
        begun().set("applications.shop.type", "php:8.39")
    assert refused(caught) == "comment-lost"


def test_a_plan_says_what_the_changes_mean_and_what_they_destroy() -> None:
    amendment = begun().rename("applications.shop.mounts.uploads", "files")
    assert amendment.comparison.destructive
    assert {one.name for one in amendment.diagnostics} == {"data-destroyed"}


# ---- on the disk --------------------------------------------------------------------------------------------------------------------


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / ".upsun").mkdir()
    (tmp_path / CONFIG).write_text(TEXT)
    return tmp_path


def test_changes_are_written_when_they_are_applied(folder: Path) -> None:
    amendment = edit(folder).set("applications.shop.type", "php:8.4")
    assert (folder / CONFIG).read_text() == TEXT
    amendment.apply()
    assert (folder / CONFIG).read_text() == TEXT.replace("8.3", "8.4")


def test_the_diff_is_one_that_git_applies(folder: Path) -> None:
    amendment = edit(folder).set("applications.shop.type", "php:8.4").remove(f"{WORKERS}.mail")
    subprocess.run(("git", "apply", "-"), input=amendment.diff().encode(), cwd=folder, check=True)  # noqa: S607
    assert (folder / CONFIG).read_text() == after(amendment)


def test_a_loaded_project_can_be_edited(folder: Path) -> None:
    project = load(folder)
    edit(project).set("applications.shop.type", "php:8.4").apply()
    with pytest.raises(UsageError, match="load it again"):
        edit(project)


def test_a_project_that_was_made_has_no_files_to_edit() -> None:
    with pytest.raises(UsageError, match="found one that was made or loaded from one file"):
        edit(Project())


def test_a_file_alone_is_not_edited(tmp_path: Path) -> None:
    file = tmp_path / ".platform.app.yaml"
    file.write_text("name: a\ntype: t\n")
    with pytest.raises(UsageError, match="expected the folder of a project, found a file"):
        edit(file)
    with pytest.raises(UsageError, match="found one that was made or loaded from one file"):
        edit(load(file))


def test_files_that_changed_meanwhile_are_not_overwritten(folder: Path) -> None:
    amendment = edit(folder).set("applications.shop.type", "php:8.4")
    (folder / CONFIG).write_text(TEXT + "# new\n")
    with pytest.raises(WriteError):
        amendment.apply()
    assert (folder / CONFIG).read_text() == TEXT + "# new\n"


def test_files_in_memory_cannot_be_written() -> None:
    with pytest.raises(UsageError, match="found one in memory"):
        begun().set("applications.shop.type", "x").apply()


def test_a_folder_without_configuration_is_said_to_be_one(tmp_path: Path) -> None:
    with pytest.raises(WorkerlibError, match="expected at least one application"):
        edit(tmp_path)


@pytest.mark.parametrize(("value", "text"), [(float("nan"), ".nan"), (float("inf"), ".inf"), (float("-inf"), "-.inf"), (1e16, "1e+16")])
def test_numbers_are_written_as_yaml_has_them(value: float, text: str) -> None:
    amendment = edit({".upsun/config.yaml": b"applications:\n  shop:\n    type: php:8.4\n"}).set("applications.shop.variables.env.X", value)
    assert f"        X: {text}\n" in after(amendment)


def test_an_alias_at_the_path_itself_is_expanded_so_that_what_is_below_changes_alone() -> None:
    path = f"{WORKERS}.same"
    amendment = begun(SHARED).expand(path).set(f"{path}.timezone", "UTC")
    workers = amendment.project.applications["shop"].workers
    assert {name: worker.timezone for name, worker in workers.items()} == {"fast": ABSENT, "slow": ABSENT, "same": "UTC"}


@pytest.mark.parametrize("act", ["set", "add", "remove"])
def test_items_are_not_counted_from_the_end(act: str) -> None:
    path = KeyPath(("applications", "shop", "stack", "runtimes", -1))
    with pytest.raises(UsageError, match="expected the numbers of items from 0 on"):
        getattr(begun(TEXT), act)(path, *([] if act == "remove" else ["x"]))


def test_what_is_wrong_with_files_in_memory_has_no_empty_place() -> None:
    with pytest.raises(ConfigurationError, match=r"^error: expected at least one application, found none"):
        edit({".upsun/config.yaml": b""})


class TestValuesThatYamlDoesNotHave:
    @pytest.mark.parametrize(
        ("value", "said"),
        [
            (b"x", "variables.env.X: expected text, .*, a mapping or a part of the model, found a value of type `bytes`"),
            ({1, 2}, "variables.env.X: expected .*, found a value of type `set`"),
            (ABSENT, "variables.env.X: expected .*, found a value of type `_Absence`"),
            ([1, {"a": Path("x")}], r"variables.env.X\[1\].a: expected .*, found a value of type `PosixPath`"),
            ({"a": {2: 3}}, "variables.env.X.a: expected keys that are text, found `2`"),
            ({None: 1}, "variables.env.X: expected keys that are text, found `None`"),
        ],
    )
    @pytest.mark.parametrize("method", ["set", "add"])
    def test_they_are_refused_with_their_place(self, method: str, value: object, said: str) -> None:
        begun = edit({CONFIG: TEXT.encode()})
        with pytest.raises(UsageError, match=f"^applications.shop.{said}$"):
            getattr(begun, method)("applications.shop.variables.env.X", value)

    def test_so_they_are_in_a_list(self) -> None:
        begun = edit({CONFIG: b"applications: {shop: {dependencies: {php: {x: [1]}}}}\n"})
        with pytest.raises(UsageError, match=r"^applications.shop.dependencies.php.x\[0\]: expected .*, found a value of type `bytes`$"):
            begun.add("applications.shop.dependencies.php.x[0]", b"x")

    def test_a_part_with_a_tag_of_its_own_is_refused(self) -> None:
        with pytest.raises(UsageError, match=r"^applications.shop.workers.new.variables.env.A: expected .* type `Tagged`$"):
            edit({CONFIG: TEXT.encode()}).set(
                "applications.shop.workers.new", Worker(name="new", variables={"env": {"A": Tagged("!own", "x")}})
            )


class TestBelowATag:
    TEXT = b"applications: {shop: {type: 'php:8.4', hooks: {deploy: !include {type: string, path: d.sh}, build: !own {a: 1}}}}\n"

    @pytest.mark.parametrize("path", ["deploy.x", "deploy.path", "build.a", "build.a.b", "build[0]"])
    @pytest.mark.parametrize("there", [True, False], ids=["included", "missing"])
    def test_nothing_can_be_set(self, path: str, there: bool) -> None:
        files = {CONFIG: self.TEXT} | ({"d.sh": b"x"} if there else {})
        with pytest.raises(UsageError, match=r"^applications\.shop\.hooks\.(deploy|build): expected a mapping, found `.*` at .*: set"):
            edit(files).set(f"applications.shop.hooks.{path}", 1)

    @pytest.mark.parametrize("path", ["deploy.path", "build.a"])
    def test_nothing_can_be_taken_out_or_renamed(self, path: str) -> None:
        begun = edit({CONFIG: self.TEXT, "d.sh": b"x"})
        for change in (begun.remove, lambda path: begun.rename(path, "y")):
            with pytest.raises(UsageError, match=r": expected something there, found nothing$"):
                change(f"applications.shop.hooks.{path}")

    def test_it_is_set_as_a_whole(self) -> None:
        found = edit({CONFIG: self.TEXT}).set("applications.shop.hooks.build", "make")
        assert b"build: make}" in bytes(found.files[CONFIG] or b"")


IN_OLD_LAYOUT = {".platform.app.yaml": b"name: shop\ntype: 'php:8.4'\n", ".platform/services.yaml": b"db: {type: 'mariadb:11.4'}\n"}


class TestNames:
    @pytest.mark.parametrize("path", ["applications.shop", "services.db"])
    def test_none_may_begin_with_a_dot(self, path: str) -> None:
        with pytest.raises(
            UsageError, match=rf"^{path}: expected a name that does not begin with a dot, found `\.x`, which the platform ignores$"
        ):
            edit(IN_OLD_LAYOUT).rename(path, ".x")

    def test_nor_may_that_of_a_new_one(self) -> None:
        with pytest.raises(UsageError, match=r"^services\.\"\.x\": expected a name that does not begin with a dot, found `\.x`"):
            edit(IN_OLD_LAYOUT).set('services.".x"', {"type": "redis:8.0"})

    def test_that_of_an_application_is_changed_by_renaming_it(self) -> None:
        begun = edit(IN_OLD_LAYOUT)
        assert begun.set("applications.shop.name", "shop") is begun
        with pytest.raises(UsageError, match=r"^applications\.shop\.name: expected another key, found the name of the application: change"):
            begun.set("applications.shop.name", "store")
        assert begun.rename("applications.shop", "store").files[".platform.app.yaml"] == b"name: store\ntype: 'php:8.4'\n"


def test_the_wanted_model_is_made_before_the_new_files_are_read(monkeypatch: pytest.MonkeyPatch) -> None:
    """Of a file of hundreds of thousands of keys, two trees are in memory at a time, not three: what it is made of is gone by then."""
    happened: list[str] = []

    def noted(name: str, act: Callable[..., Any], *given: Any, **options: Any) -> Any:
        happened.append(name)
        return act(*given, **options)

    begun = edit({CONFIG: b"applications: {shop: {type: 'php:8.4', variables: {env: {A: b}}}}\n"})
    for name in ("from_data", "load_tree"):
        monkeypatch.setattr(step, name, partial(noted, name, vars(step)[name]))
    begun.set("applications.shop.timezone", "UTC")
    assert happened == ["from_data", "load_tree"]
