"""Broken codemods are planted, and every one of them is caught before anything is written."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from tests.support import steps

from workerlib.editing import Edit, Editor
from workerlib.errors import RefusedError
from workerlib.keypath import KeyPath
from workerlib.layout import CONFIG, MemoryFiles
from workerlib.loading import load_tree, loads
from workerlib.migrate import plan, planning, registry
from workerlib.migrate.verify import faults, gone_comments, lost_comments
from workerlib.rewrite import Changed, Example, Handler, Match, Rewrite, matches
from workerlib.text import Entry, Source, parse

OLD = """\
name: shop
type: php:8.4
variables:
  env:  # of all instances
    MODE: '0755'
    REGION: eu
web:
  locations:
    /:
      root: public
      rules:
        \\.jpg$: {allow: true}
        \\.png$: {allow: false}
mounts:
  tmp: {source: local, source_path: tmp}
workers:
  queue:
    commands: {start: ./q}
"""


def lose_a_variable(env: Match, edit: Editor) -> None:
    if entry := env.get("REGION"):
        edit.remove(entry)


def retype_a_variable(env: Match, edit: Editor) -> None:
    entry = env.get("MODE")
    if entry and entry.value.text == "'0755'":
        edit.replace(entry.value, 755)


def unquote_a_variable(env: Match, edit: Editor) -> None:
    entry = env.get("MODE")
    if entry and entry.value.text == "'0755'":
        edit.cut(entry.value.source, entry.value.start, entry.value.start + 1)
        edit.cut(entry.value.source, entry.value.end - 1, entry.value.end)


def lose_a_comment(env: Match, edit: Editor) -> None:
    source = env.entry.key.source
    for start, end in source.comments():
        edit.cut(source, start, end)


def never_finish(env: Match, edit: Editor) -> None:
    edit.insert(env.entry.key.source, len(env.entry.key.source.text), "# again\n")


def reorder_rules(rules: Match, edit: Editor) -> None:
    first, second = rules.tree.definitions.entries(rules.value).values()  # type: ignore[arg-type]
    if first.name == "\\.jpg$":
        for here, there in ((first, second), (second, first)):
            edit.cut(here.key.source, here.key.start, here.end)
            edit.insert(here.key.source, here.key.start, there.key.source.text[there.key.start : there.end])


def take_from_a_worker(worker: Match, edit: Editor) -> None:
    if worker.get("mounts") is None:
        edit.add(worker.value, "mounts", {})  # type: ignore[arg-type]


def break_the_syntax(env: Match, edit: Editor) -> None:
    edit.insert(env.entry.key.source, 0, "{")


ENV, RULES, WORKER = "applications.*.variables.env", "applications.*.web.locations.*.rules", "applications.*.workers.*"
BROKEN: tuple[tuple[str, Handler, str], ...] = (
    (ENV, lose_a_variable, "applications.shop.variables.env.REGION: expected 'eu', found nothing"),
    (ENV, retype_a_variable, "applications.shop.variables.env.MODE: expected '0755'"),
    (ENV, unquote_a_variable, "applications.shop.variables.env.MODE: expected '0755'"),
    (ENV, lose_a_comment, "error: the comment `# of all instances` would be lost"),
    (ENV, never_finish, "error: a second run of `planted` would change this again"),
    (RULES, reorder_rules, "applications.shop.web.locations./: expected Location("),
    (WORKER, take_from_a_worker, "applications.shop.workers.queue.mounts: expected nothing, found {}"),
    (ENV, break_the_syntax, "[not-yaml]"),
)


@pytest.mark.parametrize(("pattern", "handler", "message"), BROKEN, ids=[handler.__name__ for _, handler, _ in BROKEN])
def test_broken_codemod_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, pattern: str, handler: Handler, message: str) -> None:
    (tmp_path / ".platform.app.yaml").write_text(OLD)
    plan(tmp_path)  # nothing speaks against it without the planted one
    plant(monkeypatch, pattern, handler)
    with pytest.raises(RefusedError) as caught:
        plan(tmp_path)
    assert message in str(caught.value)
    assert (tmp_path / ".platform.app.yaml").read_text() == OLD


def test_intended_change_is_no_fault(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from attrs import evolve

    (tmp_path / ".platform.app.yaml").write_text(OLD)
    planted = plant(monkeypatch, ENV, lose_a_variable)
    planted.intended = lambda project, _paths, _options: evolve(
        project,
        applications={
            name: evolve(app, variables={**app.variables, "env": {"MODE": app.variables["env"]["MODE"]}}) if app.variables else app
            for name, app in project.applications.items()
        },
    )
    assert "REGION" not in plan(tmp_path).files[".upsun/config.yaml"].decode()  # type: ignore[union-attr]


@pytest.mark.parametrize("last", [False, True])
def test_codemod_that_does_not_concern_a_project_is_not_asked(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, last: bool) -> None:
    (tmp_path / ".platform.app.yaml").write_text(OLD)
    planted = plant(monkeypatch, ENV, lose_a_variable)
    planted.last = last
    planted.concerns = lambda tree, _options: "other" in tree.definitions.applications
    assert "REGION" in plan(tmp_path).files[".upsun/config.yaml"].decode()  # type: ignore[union-attr]
    planted.concerns = lambda tree, _options: "shop" in tree.definitions.applications
    with pytest.raises(RefusedError, match="REGION"):
        plan(tmp_path)


def test_codemod_may_take_out_a_whole_service(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from attrs import evolve

    def leave_out(kind: Match, edit: Editor) -> None:
        parent = kind.entry.key.source.parents[id(kind.mapping)]
        assert isinstance(parent, Entry)
        if kind.name == "old":
            edit.remove(parent)

    (tmp_path / ".platform.app.yaml").write_text(OLD)
    (tmp_path / ".platform").mkdir()
    (tmp_path / ".platform/services.yaml").write_text("old:\n  type: redis:6.2\nnew:\n  type: valkey:8.0\n")
    planted = plant(monkeypatch, "services.*.type", leave_out)
    planted.intended = lambda project, _paths, _options: evolve(project, services={"new": project.services["new"]})
    found = plan(tmp_path)
    assert list(found.project.services) == ["new"]
    monkeypatch.setattr(planning, "codemods", lambda: (*registry.codemods(), planted))
    assert Changed("planted", ".upsun/config.yaml", 1) in plan(tmp_path).outcomes


def plant(monkeypatch: pytest.MonkeyPatch, pattern: str, handler: Handler) -> Rewrite:
    planted = Rewrite("planted", "Break something.", safe=True, code="WL599", example=Example("", ""))
    planted.yaml(pattern)(handler)
    real: Callable[..., tuple[Rewrite, ...]] = registry.chosen
    monkeypatch.setattr(planning, "chosen", lambda options: (*real(options), planted))
    return planted


# ---- the parts of the proof


def source(text: str) -> Source:
    return parse(Source("f.yaml", text))


def lost(before: str, after: str, *edits: Edit) -> list[str]:
    return [f"{one.origin}: {one.message}" for one in lost_comments([source(before)], {"f.yaml": list(edits)}, [source(after)])]


def test_a_comment_that_stands_twice_is_to_stand_twice() -> None:
    assert lost("a: 1  # x\nb: 2  # x\n", "a: 1  # x\nb: 2\n") == ["f.yaml:2:7: the comment `# x` would be lost"]
    assert lost("a: 1  # x\nb: 2  # x\nc: 3  # x\n", "a: 1  # x\n") == [f"f.yaml:{n}:7: the comment `# x` would be lost" for n in (2, 3)]
    assert lost("a: 1  # x\nb: 2  # x\n", "c: 1  # x\nd: 2  # x\n") == []


def test_a_comment_may_leave_together_with_a_key_only() -> None:
    text = "a: 1  # x\nb: 2  # y\n"
    assert lost(text, "b: 2  # y\n", Edit("f.yaml", 0, 10, "", "c")) == []
    assert lost(text, "b: 2  # y\n", Edit("f.yaml", 6, 9, "", "c")) == ["f.yaml:1:7: the comment `# x` would be lost"]
    assert lost(text, "a: 1  # x\n", Edit("f.yaml", 0, 10, "", "c")) == ["f.yaml:2:7: the comment `# y` would be lost"]
    assert lost(text, "b: 2  # y\n", Edit("f.yaml", 10, 10, "c: 3\n", "c")) == ["f.yaml:1:7: the comment `# x` would be lost"]


def test_comments_that_leave_are_counted_and_those_that_are_lost_are_not() -> None:
    before, edits = source("a: 1  # x\nb: 2  # x\n"), {"f.yaml": [Edit("f.yaml", 0, 10, "", "c")]}
    told, left = gone_comments([before], edits, [source("b: 2\n")])
    assert ([str(one.origin) for one in told], left) == (["f.yaml:2:7"], 1)


def test_a_cut_that_ends_where_a_comment_begins_does_not_take_it_along() -> None:
    assert lost("a:\n  b: 1\n# x\nc: 2\n", "c: 2\n", Edit("f.yaml", 0, 10, "", "c")) == ["f.yaml:3:1: the comment `# x` would be lost"]


def test_comments_leave_with_each_of_several_keys() -> None:
    edits = (Edit("f.yaml", 0, 10, "", "c"), Edit("f.yaml", 15, 25, "", "c"))
    assert lost("a: 1  # x\nb: 2\nc: 3  # y\n", "b: 2\n", *edits) == []


def test_what_is_inserted_where_a_cut_begins_does_not_hide_it() -> None:
    edits = (Edit("f.yaml", 0, 10, "", "c"), Edit("f.yaml", 0, 0, "z: 0\n", "c"))
    assert lost("a: 1  # x\nb: 2\n", "z: 0\nb: 2\n", *edits) == []


def test_a_difference_that_cannot_be_told_is_a_fault_as_well(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("workerlib.comparing.differences", lambda *_: ())
    one, other = (loads(f"applications: {{shop: {{timezone: {name}}}}}\n") for name in ("A", "B"))
    assert [(fault.name, fault.message, fault.help) for fault in faults(one, other)] == [
        ("proof-failed", "the new model is not the intended one", "nothing was changed; please report this")
    ]


def test_what_differs_is_said_with_the_place_of_the_key_or_else_of_the_application() -> None:
    wanted = loads("applications:\n  shop: {type: 'php:8.4', timezone: UTC, variables: {env: {A: b}}}\n")
    new = loads("applications:\n  shop:\n    type: 'php:8.4'\n    timezone: Europe/Paris\n")
    assert [f"{one.code} {one.origin}: {one.message}" for one in faults(wanted, new)] == [
        "WL190 .upsun/config.yaml:2:3: applications.shop.variables: expected {'env': {'A': 'b'}}, found nothing",
        "WL190 .upsun/config.yaml:4:5: applications.shop.timezone: expected 'UTC', found 'Europe/Paris'",
    ]


@pytest.mark.parametrize(("length", "shown"), [(78, "'" + "x" * 78 + "'"), (79, "'" + "x" * 76 + "...")])
def test_long_values_are_cut(length: int, shown: str) -> None:
    one, other = (loads(f"applications: {{shop: {{type: 'php:8.4', timezone: {text}}}}}\n") for text in ("x" * length, "UTC"))
    assert faults(one, other)[0].message == f"applications.shop.timezone: expected {shown}, found 'UTC'"


def test_keys_below_one_name_are_found_without_a_look_at_the_others() -> None:
    def taken(count: int) -> int:
        text = "applications:\n" + "".join(f"  a{n}: {{type: x}}\n" for n in range(count))
        tree = load_tree(MemoryFiles({CONFIG: text.encode()}))
        return steps(lambda: list(matches(tree, KeyPath.parse("applications.a5.type"))))

    assert taken(100) < 1.5 * taken(10)
