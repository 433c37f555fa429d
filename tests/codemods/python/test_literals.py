from __future__ import annotations

from functools import partial

import pytest
from tests.sources import ALONE, check_noop, check_rewritten, notes, planned, source

rewritten = partial(check_rewritten, "python-literals", project=ALONE)
HEAD = 'import yaml\nwith open(".platform.app.yaml", "w") as f:\n    yaml.dump(%s, f)\n'
NEW = 'import yaml\nwith open(".upsun/config.yaml", "w") as f:\n    yaml.dump({"applications": {"shop": %s}}, f)\n'

# A definition, and what becomes of it.
REWRITTEN: dict[str, tuple[str, str]] = {
    "the name": ('{"name": "shop", "type": "php:8.4"}', '{"type": "php:8.4"}'),
    "the last key": ('{"type": "php:8.4", "name": "shop"}', '{"type": "php:8.4"}'),
    "the last keys and a comma": ('{"type": "php:8.4", "disk": 5, "name": "shop",}', '{"type": "php:8.4",}'),
    "nothing that stays": ('{"name": "shop"}', "{}"),
    "keys on lines, with comments": (
        """{
        # The shop
        "name": "shop",  # never change it
        "type": "php:8.4",  # the newest
        "disk": 2048,  # MB
    }""",
        """{
        # The shop
        "type": "php:8.4",  # the newest
    }""",
    ),
    "a call of dict": ('dict(name="shop", type="php:8.4", disk=5)', 'dict(type="php:8.4")'),
    "resources of workers": (
        '{"name": "shop", "workers": {"a": {"size": "S", "commands": {"start": "./a"}}, "b": dict(disk=1, commands={})}}',
        '{"workers": {"a": {"commands": {"start": "./a"}}, "b": dict(commands={})}}',
    ),
    "mounts": (
        """{"name": "shop", "mounts": {"/a": "shared:files/b", '/c': {'source': 'local', 'source_path': 'c'}}}""",
        """{"mounts": {"/a": {"source": "instance", "source_path": "b"}, '/c': {'source': "instance", 'source_path': 'c'}}}""",
    ),
    "crons, with the command as it is written": (
        r"""{"name": "shop", "crons": {"a": {"spec": "H * * * *", "cmd": "echo \"a\" \\ b"}}}""",
        r"""{"crons": {"a": {"spec": "H * * * *", "commands": {"start": "echo \"a\" \\ b"}}}}""",
    ),
    "what is no literal stays where it is": (
        '{"name": "shop", "type": TYPE, "size": SIZE, "crons": {n: {"spec": spec(), "cmd": f"run {n}"} , "b": {"cmd": CMD}}}',
        '{"type": TYPE, "crons": {n: {"spec": spec(), "commands": {"start": f"run {n}"}} , "b": {"commands": {"start": CMD}}}}',
    ),
    "keys of the same names that are data": (
        '{"name": "shop", "variables": {"env": {"size": "S", "disk": 5, "name": "x"}}}',
        '{"variables": {"env": {"size": "S", "disk": 5, "name": "x"}}}',
    ),
    "one worker under two names": (
        '{"name": "shop", "workers": {"a": WORKER, "b": WORKER}}',
        '{"workers": {"a": WORKER, "b": WORKER}}',
    ),
    "values in parentheses and lists": (
        """{"name": ("shop"), "access": [{"ssh": "admin"}], "hooks": {"build": ("a\\n"
        "b")}}""",
        """{"access": [{"ssh": "admin"}], "hooks": {"build": ("a\\n"
        "b")}}""",
    ),
}


@pytest.mark.parametrize("case", REWRITTEN)
def test_rewritten(case: str) -> None:
    before, after = REWRITTEN[case]
    worker = 'WORKER = {"size": "S", "commands": {}}\n' if "WORKER" in before else ""
    rewritten(worker + HEAD % before, worker.replace('"size": "S", ', "") + NEW % after)


# What is set in a definition before it is written, and what becomes of that.
SET: dict[str, tuple[str, str]] = {
    "a worker": (
        'app["workers"]["q"] = {"size": "S", "commands": {"start": "./q"}}',
        'app["workers"]["q"] = {"commands": {"start": "./q"}}',
    ),
    "a mount": (
        """app["mounts"]['/x'] = 'shared:files/x'  # kept""",
        """app["mounts"]['/x'] = {'source': 'instance', 'source_path': 'x'}  # kept""",
    ),
    "under a name that is not known": (
        'app["crons"][n] = {"spec": s, "cmd": f"./{n}"}',
        'app["crons"][n] = {"spec": s, "commands": {"start": f"./{n}"}}',
    ),
    "update": (
        'app["mounts"].update({"/a": "shared:files/a", "/b": {"source": "local", "source_path": "b"}})',
        'app["mounts"].update({"/a": {"source": "instance", "source_path": "a"}, "/b": {"source": "instance", "source_path": "b"}})',
    ),
    "setdefault": (
        'app.setdefault("workers", {"q": {"disk": 5}}).setdefault("r", {"disk": 5, "commands": {}})',
        'app.setdefault("workers", {"q": {}}).setdefault("r", {"commands": {}})',
    ),
    "an operator": ('app["workers"] |= {"q": dict(size="S", commands={})}', 'app["workers"] |= {"q": dict(commands={})}'),
    "a name for what is set": (
        'q = {"size": "S", "commands": {}}\napp["workers"]["q"] = q',
        'q = {"commands": {}}\napp["workers"]["q"] = q',
    ),
    "nothing that changes": ('app["type"] = "php:8.5"', 'app["type"] = "php:8.5"'),
    "deleted": ('del app["workers"]["a"]', 'del app["workers"]["a"]'),
}


@pytest.mark.parametrize("case", SET)
def test_what_is_set_in_a_definition_that_is_written(case: str) -> None:
    before, after = SET[case]
    program = 'import yaml\napp = %s\n%s\nwith open("%s", "w") as f:\n    yaml.dump(%s, f)\n'
    rewritten(
        program % ('{"name": "shop", "mounts": {}, "workers": {"a": {}}}', before, ".platform.app.yaml", "app"),
        program % ('{"mounts": {}, "workers": {"a": {}}}', after, ".upsun/config.yaml", '{"applications": {"shop": app}}'),
    )


@pytest.mark.parametrize("case", SET)
def test_what_is_set_in_a_definition_that_was_loaded(case: str) -> None:
    before, after = SET[case]
    program = (
        'import yaml\nwith open("{0}") as f:\n    app = yaml.safe_load(f){1}\n{2}\nwith open("{0}", "w") as f:\n    yaml.dump({3}, f)\n'
    )
    check_rewritten(
        "python-reads",
        program.format(".platform.app.yaml", "", before, "app"),
        program.format(".upsun/config.yaml", '["applications"]["shop"]', after, '{"applications": {"shop": app}}'),
        project=ALONE,
    )


DOUBTS: dict[str, tuple[str, str]] = {
    "a key": ('{"name": "shop", KEY: 5}', "`KEY` may be a key that left"),
    "workers": ('{"name": "shop", "workers": workers()}', "what `workers()` holds is not known"),
    "a worker": ('{"name": "shop", "workers": {"a": base | {}}}', "what `base | {}` holds is not known"),
    "a mount": ('{"name": "shop", "mounts": {n: f"shared:files/{n}" for n in names}}', 'what `f"shared:files/{n}"` holds is not known'),
    "crons": ('{"name": "shop", "crons": {"a": cron}}', "what `cron` holds is not known"),
}


@pytest.mark.parametrize("case", DOUBTS)
def test_what_is_no_literal_where_forms_changed_is_told(case: str) -> None:
    text, doubt = DOUBTS[case]
    said = rewritten(HEAD % text, NEW % text.replace('"name": "shop", ', ""))
    assert [one for one in said if one.startswith("WL622")] == [f"WL622 3: {doubt}"]


def test_the_name_may_be_no_literal_where_it_is_written() -> None:
    said = rewritten(
        """
        import os, yaml
        for name in ("a", "b"):
            with open(f"/{name}/.platform.app.yaml", "w") as f:
                yaml.dump({"name": name, "type": "php:8.4"}, f)
        """,
        """
        import os, yaml
        for name in ("a", "b"):
            os.makedirs(os.path.dirname(f"/{name}/.upsun/config.yaml"), exist_ok=True)
            with open(f"/{name}/.upsun/config.yaml", "w") as f:
                yaml.dump({"applications": {name: {"type": "php:8.4"}}}, f)
        """,
    )
    assert said == []


def test_another_function_called_dict_makes_no_display() -> None:
    function = "def dict(**keys):\n    return list(keys)\n"
    said = check_rewritten("python-writes", function + HEAD % 'dict(name="shop")', function + NEW % 'dict(name="shop")', project=ALONE)
    assert 'WL624 5: what `dict(name="shop")` holds is not known' in said


def test_a_definition_with_a_name_of_its_own() -> None:
    said = rewritten(
        """
        import yaml
        WORKERS = {"queue": {"size": "S", "commands": {"start": "./queue"}}}
        app: dict = {
            "name": "shop",
            "type": "php:8.4",
            "workers": WORKERS,
        }
        print(app["name"], app["type"])
        with open(".platform.app.yaml", "w") as f:
            yaml.dump(app, f)
        """,
        """
        import yaml
        WORKERS = {"queue": {"commands": {"start": "./queue"}}}
        app: dict = {
            "type": "php:8.4",
            "workers": WORKERS,
        }
        print("shop", app["type"])
        with open(".upsun/config.yaml", "w") as f:
            yaml.dump({"applications": {"shop": app}}, f)
        """,
    )
    assert "WL622 9: resources left this definition" in said


def test_what_a_migration_warns_of_is_told() -> None:
    crons = '"crons": {"a": {"spec": "H * * * *", "cmd": "./a", "commands": {"start": "./b"}}}'
    said = rewritten(HEAD % f'{{"name": "shop", {crons}}}', NEW % f"{{{crons}}}")
    assert "WL622 3: applications.shop.crons.a: expected `commands` or `cmd`, found both" in said


def test_a_name_that_looks_like_ours_hides_no_warning() -> None:
    crons = '"crons": {"a": {"spec": "H * * * *", "cmd": "./a", "commands": {"start": "./b"}}}'
    found = planned({"tool.py": HEAD % f'{{"name": "workerlib-shop", {crons}}}'})
    assert "WL622 5: applications.workerlib-shop.crons.a: expected `commands` or `cmd`, found both" in notes(found, "tool.py")


def test_a_value_that_leaves_and_is_no_literal_is_told() -> None:
    said = rewritten(
        'import yaml\nwith open("/a/.platform.app.yaml", "w") as f:\n    yaml.dump({"name": "shop", "disk": DISK, "type": "php:5.4"}, f)\n',
        'import yaml\nimport os\nos.makedirs("/a/.upsun", exist_ok=True)\nwith open("/a/.upsun/config.yaml", "w") as f:\n'
        '    yaml.dump({"applications": {"shop": {"type": "php:5.4"}}}, f)\n',
    )
    assert said[0] == "WL622 5: `DISK` is not written any more: it was the value of a key that left"


def test_services_lose_their_disks() -> None:
    rewritten(
        """
        import yaml
        def save(tmp_path):
            (tmp_path / ".platform").mkdir()
            (tmp_path / ".platform" / "services.yaml").write_text(yaml.dump({"db": {"type": "mariadb:11.4", "disk": 1024}}))
        """,
        """
        import yaml
        def save(tmp_path):
            (tmp_path / ".upsun").mkdir()
            (tmp_path / ".upsun" / "services.yaml").write_text(yaml.dump({"services": {"db": {"type": "mariadb:11.4"}}}))
        """,
    )


LEFT: dict[str, tuple[str, str]] = {
    "keys from elsewhere": ('{"name": "shop", **BASE}', "`**BASE` may hold any key"),
    "keys of a dict call from elsewhere": ('dict(BASE, name="shop")', '`dict(BASE, name="shop")` may hold any key'),
    "a key that stands twice": ('{"name": "shop", "name": "x"}', "its key `name` stands twice"),
    "a call at a key that leaves": ('{"name": "shop", "disk": size()}', "`size()` stands at a key that changes"),
    "no name": ('{"type": "php:8.4"}', "as `.platform.app.yaml` it could not be migrated: expected `name`"),
    "a name with a slash": ('{"name": "a/b"}', "as `.platform.app.yaml` it could not be migrated: "),
}


@pytest.mark.parametrize("case", LEFT)
def test_left_and_said(case: str) -> None:
    text, reason = LEFT[case]
    said = check_noop(HEAD % text, project=ALONE)
    assert f"is left as it is: {reason}" in said[0]


OTHER_USES: dict[str, str] = {
    "compared": "assert app == {}",
    "passed on": "check(app)",
    "looked up with a key that leaves": 'print(app["disk"])',
    "set": 'app["disk"] = 5',
    "set under a key that is not known": 'app[key] = "shared:files/x"',
    "web, which also moves": 'app["web"] = {"document_root": "/x"}',
    "gone through": "for key in app:\n    print(key)",
    "a key that is not known": "print(app[key])",
    "matched": 'match app:\n    case {"name": name}:\n        print(name)',
    "taken apart": "(a, b) = app",
    "a worker's size": 'print(app["workers"]["a"]["size"])',
}


@pytest.mark.parametrize("case", OTHER_USES)
def test_a_definition_that_is_used_in_another_way_is_left(case: str) -> None:
    program = (
        'import yaml\napp = {"name": "shop", "disk": 5, "web": {"document_root": "/y"}}\n'
        + OTHER_USES[case]
        + '\nwith open(".platform.app.yaml", "w") as f:\n    yaml.dump(app, f)\n'
    )
    (said,) = check_noop(program, project=ALONE)
    assert said.startswith("WL610 ")


def test_a_dictionary_that_is_written_nowhere_stays() -> None:
    assert check_noop('app = {"name": "shop", "disk": 2048, "mounts": {"/x": "shared:files/x"}}\n') == []


def test_a_definition_that_a_helper_also_saves_elsewhere_is_left() -> None:
    program = source(
        """
        import yaml
        def save(path, value):
            with open(path, "w") as f:
                yaml.dump(value, f)
        app = {"name": "shop", "disk": 5}
        save(".platform.app.yaml", app)
        save("backup.yaml", app)
        """
    )
    (said,) = check_noop(program, project=ALONE)
    assert "`value` depends on keys that leave" in said


def test_a_name_that_another_module_uses_stays() -> None:
    program = source(
        """
        import yaml
        APP = {"name": "shop", "disk": 5}
        with open(".platform.app.yaml", "w") as f:
            yaml.dump(APP, f)
        """
    )
    said = check_noop(program, project={**ALONE, "other.py": "from tool import APP\n"})
    assert "`APP` is used in `other.py`, too" in said[0]
