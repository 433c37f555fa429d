from __future__ import annotations

from functools import partial

import pytest
from tests.sources import FLEET, SHOP, check_left, check_noop, check_rewritten, sides

rewritten = partial(check_rewritten, "python-reads")
RELATIVE = "the path is relative, so that it depends on the working directory"

REWRITTEN: dict[str, tuple[str, str]] = {
    "open in one expression": (
        """
        import yaml
        cfg = yaml.safe_load(open(".platform.app.yaml"))
        """,
        """
        import yaml
        cfg = yaml.safe_load(open(".upsun/config.yaml"))["applications"]["shop"]
        """,
    ),
    "with, and a loader that is named": (
        """
        from yaml import SafeLoader, load
        with open('.platform/services.yaml', encoding="utf-8") as stream:
            services = load(stream, Loader=SafeLoader)  # all of them
        """,
        """
        from yaml import SafeLoader, load
        with open('.upsun/config.yaml', encoding="utf-8") as stream:
            services = load(stream, Loader=SafeLoader)['services']  # all of them
        """,
    ),
    "read_text, routes, an alias of the import": (
        """
        import yaml as y
        from pathlib import Path
        routes = y.safe_load(Path(".platform/routes.yaml").read_text())
        """,
        """
        import yaml as y
        from pathlib import Path
        routes = y.safe_load(Path(".upsun/config.yaml").read_text())["routes"]
        """,
    ),
    "a path joined from parts": (
        """
        import os, yaml
        def read(root):
            with open(os.path.join(root, ".platform", "services.yaml")) as f:
                return yaml.safe_load(f)["db"]["type"]
        """,
        """
        import os, yaml
        def read(root):
            with open(os.path.join(root, ".upsun", "config.yaml")) as f:
                return yaml.safe_load(f)["services"]["db"]["type"]
        """,
    ),
    "pathlib parts, and the file's own place": (
        """
        import yaml
        from pathlib import Path
        HERE = Path(__file__).resolve().parent
        cfg = yaml.safe_load((HERE / ".platform.app.yaml").read_bytes())
        """,
        """
        import yaml
        from pathlib import Path
        HERE = Path(__file__).resolve().parent
        cfg = yaml.safe_load((HERE / ".upsun/config.yaml").read_bytes())["applications"]["shop"]
        """,
    ),
    "both interfaces of ruamel.yaml": (
        """
        from pathlib import Path
        import ruamel.yaml
        from ruamel.yaml import YAML
        yaml = YAML(typ="safe")
        path = Path(".platform.app.yaml")
        a = yaml.load(path)
        b = ruamel.yaml.safe_load(path.open())
        """,
        """
        from pathlib import Path
        import ruamel.yaml
        from ruamel.yaml import YAML
        yaml = YAML(typ="safe")
        path = Path(".upsun/config.yaml")
        a = yaml.load(path)["applications"]["shop"]
        b = ruamel.yaml.safe_load(path.open())["applications"]["shop"]
        """,
    ),
    "a helper that takes the path": (
        """
        import yaml

        def load(path, *, strict=False):
            with open(path) as f:
                data = yaml.safe_load(f)
            return data

        print(load(".platform.app.yaml", strict=True)["type"], load(path=".platform/services.yaml"))
        """,
        """
        import yaml

        def load(path, *, strict=False):
            with open(path) as f:
                data = yaml.safe_load(f)
            return data

        print(load(".upsun/config.yaml", strict=True)["applications"]["shop"]["type"], load(path=".upsun/config.yaml")["services"])
        """,
    ),
    "a helper with the path as its default": (
        """
        import yaml
        def load(path=".platform.app.yaml"):
            return yaml.safe_load(open(path)) or {}
        print(load().get("type"))
        """,
        """
        import yaml
        def load(path=".upsun/config.yaml"):
            return yaml.safe_load(open(path)) or {}
        print(load()["applications"]["shop"].get("type"))
        """,
    ),
    "a conditional import": (
        """
        try:
            import yaml
        except ImportError:
            yaml = None
        if yaml:
            print(yaml.safe_load(open(".platform.app.yaml"))["type"])
        """,
        """
        try:
            import yaml
        except ImportError:
            yaml = None
        if yaml:
            print(yaml.safe_load(open(".upsun/config.yaml"))["applications"]["shop"]["type"])
        """,
    ),
    "walrus and comprehension": (
        """
        import yaml
        if services := yaml.safe_load(open(".platform/services.yaml")):
            print([s["type"] for s in services.values()])
        """,
        """
        import yaml
        if services := yaml.safe_load(open(".upsun/config.yaml"))["services"]:
            print([s["type"] for s in services.values()])
        """,
    ),
    "annotated and multi-target assignment": (
        """
        import yaml
        path: str = ".platform.app.yaml"
        with open(path) as f:
            cfg: dict = yaml.safe_load(f)
        with open(path) as f:
            a = b = yaml.safe_load(f)
        print(cfg["type"], a["type"], b["type"])
        """,
        """
        import yaml
        path: str = ".upsun/config.yaml"
        with open(path) as f:
            cfg: dict = yaml.safe_load(f)["applications"]["shop"]
        with open(path) as f:
            a = b = yaml.safe_load(f)["applications"]["shop"]
        print(cfg["type"], a["type"], b["type"])
        """,
    ),
    "a function inside of a function, and the text in between": (
        """
        import yaml
        def outer():
            path = f"./.platform.app.yaml"
            def inner():
                with open(path) as f:
                    text = f.read()
                return yaml.safe_load(text)
            return inner()["type"]
        """,
        """
        import yaml
        def outer():
            path = f"./.upsun/config.yaml"
            def inner():
                with open(path) as f:
                    text = f.read()
                return yaml.safe_load(text)["applications"]["shop"]
            return inner()["type"]
        """,
    ),
    "one name for several files in turn": (
        """
        import yaml
        with open(".platform.app.yaml") as f:
            app = yaml.safe_load(f)
        with open(".platform/routes.yaml") as f:
            routes = yaml.safe_load(f)
        """,
        """
        import yaml
        with open(".upsun/config.yaml") as f:
            app = yaml.safe_load(f)["applications"]["shop"]
        with open(".upsun/config.yaml") as f:
            routes = yaml.safe_load(f)["routes"]
        """,
    ),
}


@pytest.mark.parametrize("case", REWRITTEN)
def test_rewritten(case: str) -> None:
    rewritten(*REWRITTEN[case])


LEFT: dict[str, tuple[str, str]] = {
    "yaml is something else": (
        """
        import json as yaml
        cfg = yaml.load(open(".platform.app.yaml"))
        """,
        "the open file is passed on by `yaml.load`, which is not known to be a YAML library",
    ),
    "yaml is a module of the package": (
        """
        from . import yaml
        cfg = yaml.safe_load(open(".platform.app.yaml"))
        """,
        "the open file is passed on by `yaml.safe_load`, which is not known to be a YAML library",
    ),
    "open is a function of the file": (
        """
        import yaml
        def open(path):
            return {}.get(path)
        cfg = yaml.safe_load(open(".platform.app.yaml"))
        """,
        "it is passed to `{}.get`, which is not followed",
    ),
    "a parameter hides the import": (
        """
        import yaml
        def read(yaml):
            return yaml.safe_load(open(".platform.app.yaml"))
        """,
        "the open file is passed on by `yaml.safe_load`, which is not known to be a YAML library",
    ),
    "the loader may be one of two": (
        """
        import sys
        if sys.argv[1:]:
            from yaml import safe_load
        else:
            def safe_load(stream):
                return {}
        cfg = safe_load(open(".platform.app.yaml"))
        """,
        "the open file is passed on by `safe_load`, which is not known to be a YAML library",
    ),
    "the name holds another path as well": (
        """
        import sys, yaml
        path = ".platform.app.yaml"
        if sys.argv[1:]:
            path = sys.argv[1]
        cfg = yaml.safe_load(open(path))
        """,
        "`path` is bound in more than one place",
    ),
    "a choice of paths": (
        """
        import yaml
        for path in (".platform.app.yaml",):
            cfg = yaml.safe_load(open(path))
        """,
        "it is part of a list",
    ),
    "a key that is not known": (
        """
        import sys, yaml
        cfg = yaml.safe_load(open(".platform.app.yaml"))
        print(cfg[sys.argv[1]])
        """,
        "`cfg[sys.argv[1]]` looks up a key that is not known, and `name` is no key any more",
    ),
    "the environment may name the file": (
        """
        import os, yaml
        cfg = yaml.safe_load(open(os.environ.get("CONFIG", ".platform.app.yaml")))
        """,
        "it is passed to `os.environ.get`, which is not followed",
    ),
    "an attribute": (
        """
        import yaml
        class Tool:
            path = ".platform.app.yaml"
            def read(self):
                return yaml.safe_load(open(self.path))
        """,
        "it is kept in the class attribute `path`",
    ),
    "text that is searched": (
        """
        import re
        name = re.search("name: (.*)", open(".platform.app.yaml").read())
        """,
        "its text is read by `re.search`, which is not known to be a YAML library",
    ),
    "match on the path": (
        """
        def kind(path):
            match path:
                case ".platform.app.yaml":
                    return "application"
        """,
        "it is matched",
    ),
    "a use before the name is bound, in a loop": (
        """
        import yaml
        for turn in range(2):
            if turn:
                send(path)
            path = ".platform.app.yaml"
            print(yaml.safe_load(open(path)))
        """,
        "it is passed to `send`, which is not followed",
    ),
    "a name that a pattern binds, too": (
        """
        import yaml
        path = ".platform.app.yaml"
        match settings:
            case {"path": path}:
                pass
        print(yaml.safe_load(open(path)))
        """,
        "`path` is bound in more than one place",
    ),
    "read and written": (
        """
        import yaml
        with open(".platform.app.yaml", "r+") as f:
            cfg = yaml.safe_load(f)
        """,
        "it is opened in a mode that is not followed",
    ),
    "all documents": (
        """
        import yaml
        print(list(yaml.safe_load_all(open(".platform.app.yaml"))))
        """,
        "the open file is passed on by `yaml.safe_load_all`, which is not known to be a YAML library",
    ),
}


@pytest.mark.parametrize("case", LEFT)
def test_left_and_said(case: str) -> None:
    check_left(*LEFT[case])


def test_the_name_becomes_that_of_the_application() -> None:
    said = rewritten(
        """
        import yaml
        with open(".platform.app.yaml") as f:
            cfg = yaml.safe_load(f)
        print(cfg['name'], cfg.get("name", "?"), f"{cfg['name']}--queue")
        """,
        """
        import yaml
        with open(".upsun/config.yaml") as f:
            cfg = yaml.safe_load(f)["applications"]["shop"]
        print('shop', "shop", f"{'shop'}--queue")
        """,
    )
    assert said == [f"WL612 2: {RELATIVE}"]


def test_nothing_is_loaded_for_the_name_alone() -> None:
    said = rewritten(
        """
        import yaml
        name = yaml.safe_load(open(".platform.app.yaml"))["name"]
        with open("/app/.platform.app.yaml") as f:
            other = yaml.safe_load(f).get('name')
        def load(path):
            with open(path) as f:
                return yaml.safe_load(f)
        print(load("/a/.platform.app.yaml")["name"])
        """,
        """
        import yaml
        name = "shop"
        with open("/app/.upsun/config.yaml") as f:
            other = 'shop'
        def load(path):
            with open(path) as f:
                return yaml.safe_load(f)
        print("shop")
        """,
    )
    assert said == [f"WL612 2: {RELATIVE}"]


@pytest.mark.parametrize(
    "text",
    [
        "print((cfg := yaml.safe_load(open('/a/.platform.app.yaml')))['name'], cfg['type'])",
        "print(yaml.safe_load(f := open('/a/.platform.app.yaml'))['name'], f)",
        "def load(path):\n    print(path)\n    return yaml.safe_load(open(path))\nprint(load('/a/.platform.app.yaml')['name'])",
    ],
    ids=["a walrus around", "a walrus inside", "a helper"],
)
def test_an_expression_that_does_more_than_to_look_up_the_name_stays(text: str) -> None:
    (said,) = check_noop(f"import yaml\n{text}\n")
    assert said.startswith("WL610 ")


def test_values_that_are_assigned_side_by_side() -> None:
    said = rewritten(
        """
        import yaml
        with open("/a/.platform.app.yaml") as a, open("/a/.platform/services.yaml") as s:
            app, services = yaml.safe_load(a), yaml.safe_load(s)
        print(app["name"], "workers" in app, services["db"]["type"])
        """,
        """
        import yaml
        with open("/a/.upsun/config.yaml") as a, open("/a/.upsun/config.yaml") as s:
            app, services = yaml.safe_load(a)["applications"]["shop"], yaml.safe_load(s)["services"]
        print("shop", "workers" in app, services["db"]["type"])
        """,
    )
    assert said == []


def test_keys_that_left_are_reported_with_their_lines() -> None:
    said = rewritten(
        """
        import yaml
        cfg = yaml.safe_load(open("/app/.platform.app.yaml"))
        print(cfg["disk"])
        for worker in cfg["workers"].values():
            print(worker["size"])
        print(cfg["workers"]["queue"].get("size"), "disk" in cfg)
        cfg["disk"] = 1024
        """,
        """
        import yaml
        cfg = yaml.safe_load(open("/app/.upsun/config.yaml"))["applications"]["shop"]
        print(cfg["disk"])
        for worker in cfg["workers"].values():
            print(worker["size"])
        print(cfg["workers"]["queue"].get("size"), "disk" in cfg)
        cfg["disk"] = 1024
        """,
    )
    assert sorted(said) == [
        'WL620 3: `cfg["disk"]`: `disk` is not in the new file',
        'WL620 5: `worker["size"]`: `size` is not in the new file',
        'WL620 6: `"disk" in cfg`: `disk` is not in the new file',
        'WL620 6: `cfg["workers"]["queue"].get("size")`: `size` is not in the new file',
        'WL620 7: `cfg["disk"]`: `disk` is not in the new file',
    ]


@pytest.mark.parametrize(
    ("statement", "said"),
    [
        ('cfg["name"] = "blog"', '`cfg["name"]` changes the name'),
        ('cfg["name"], x = "blog", 1', '`cfg["name"]` changes the name'),
        ('del cfg["name"]', '`cfg["name"]` changes the name'),
        ('cfg.setdefault("name", "blog")', '`cfg.setdefault("name", "blog")` changes the name'),
    ],
)
def test_a_name_that_is_changed_and_written_leaves_all(statement: str, said: str) -> None:
    program = 'import yaml\nwith open("/a/.platform.app.yaml") as f:\n    cfg = yaml.safe_load(f)\n%s\n'
    program += 'with open("/a/.platform.app.yaml", "w") as f:\n    yaml.dump(cfg, f)\n'
    assert said in check_noop(program % statement)[0]


def test_a_key_that_is_not_known_may_be_one_that_left() -> None:
    before, after = sides(
        """
          import sys, yaml
        - cfg = yaml.safe_load(open("/a/.platform.app.yaml"))
        + cfg = yaml.safe_load(open("/a/.upsun/config.yaml"))["applications"]["shop"]
          cfg[sys.argv[1]] = 5
          cfg["workers"]["queue"][sys.argv[1]] = 5
          cfg["variables"]["env"][sys.argv[1]] = 5
        """
    )
    assert rewritten(before, after) == [
        "WL620 3: `cfg[sys.argv[1]]` may be a key that left",
        'WL620 4: `cfg["workers"]["queue"][sys.argv[1]]` may be a key that left',
    ]


def test_what_is_set_and_written_nowhere_is_reported() -> None:
    said = rewritten(
        """
        import yaml
        cfg = yaml.safe_load(open("/a/.platform.app.yaml"))
        cfg["mounts"]["/x"] = "shared:files/x"
        cfg["mounts"]["/y"] = {"source": "instance", "source_path": "y"}
        cfg["workers"]["a"] = {"size": "S", "commands": size()}
        """,
        """
        import yaml
        cfg = yaml.safe_load(open("/a/.upsun/config.yaml"))["applications"]["shop"]
        cfg["mounts"]["/x"] = "shared:files/x"
        cfg["mounts"]["/y"] = {"source": "instance", "source_path": "y"}
        cfg["workers"]["a"] = {"size": "S", "commands": size()}
        """,
    )
    assert said == [
        'WL620 3: `cfg["mounts"]["/x"]` is set to what old files held',
        'WL620 5: `cfg["workers"]["a"]` is set to what old files held',
    ]


def test_a_pattern_with_a_key_that_left_is_reported() -> None:
    said = rewritten(
        """
        import yaml
        match yaml.safe_load(open("/a/.platform.app.yaml")):
            case {"type": kind, "workers": {"queue": {"size": size}}} | {"disk": size, "type": kind}:
                print(kind)
            case {"type": kind, **rest}:
                print(rest)
        """,
        """
        import yaml
        match yaml.safe_load(open("/a/.upsun/config.yaml"))["applications"]["shop"]:
            case {"type": kind, "workers": {"queue": {"size": size}}} | {"disk": size, "type": kind}:
                print(kind)
            case {"type": kind, **rest}:
                print(rest)
        """,
    )
    gone = "`name`, `size`, `disk`, `resources`, `toolstack` may be missed"
    assert said == [
        'WL620 3: `"size"`: `size` is not in the new file',
        'WL620 3: `"disk"`: `disk` is not in the new file',
        f'WL620 2: `yaml.safe_load(open("/a/.platform.app.yaml"))` goes on with all its keys; {gone}',
    ]


def test_a_value_that_changed_is_reported() -> None:
    project = {".platform.app.yaml": "name: shop\ntype: php:8.4\nmounts:\n  /tmp: shared:files/tmp\n  /var: {source: tmp}\n"}
    said = rewritten(
        """
        import yaml
        mounts = yaml.safe_load(open("/app/.platform.app.yaml"))["mounts"]
        print(mounts["/tmp"], mounts["/var"])
        """,
        """
        import yaml
        mounts = yaml.safe_load(open("/app/.upsun/config.yaml"))["applications"]["shop"]["mounts"]
        print(mounts["/tmp"], mounts["/var"])
        """,
        project=project,
    )
    assert said == ['WL620 3: `mounts["/tmp"]` has another value than it had']


@pytest.mark.parametrize("name", ["CONFIG", "load"])
def test_a_value_that_another_file_uses_is_reported(name: str) -> None:
    said = rewritten(
        """
        import yaml
        def load():
            return yaml.safe_load(open("/app/.platform.app.yaml"))
        CONFIG = load()
        """,
        """
        import yaml
        def load():
            return yaml.safe_load(open("/app/.upsun/config.yaml"))["applications"]["shop"]
        CONFIG = load()
        """,
        project={**SHOP, "other.py": f"import tool\nprint(tool.{name})\n"},
    )
    assert said == [f"WL620 3: `{name}` is used in `other.py`, too, where `name`, `size`, `disk`, `resources`, `toolstack` may be missed"]


def test_a_value_that_an_object_keeps() -> None:
    said = rewritten(
        """
        import yaml
        class Tool:
            def __init__(self):
                self.cfg = dict(yaml.safe_load(open("/app/.platform.app.yaml")))
            def show(self):
                print(self.cfg["name"], self.cfg["type"], self.cfg["disk"])
        """,
        """
        import yaml
        class Tool:
            def __init__(self):
                self.cfg = dict(yaml.safe_load(open("/app/.upsun/config.yaml"))["applications"]["shop"])
            def show(self):
                print(self.cfg["name"], self.cfg["type"], self.cfg["disk"])
        """,
    )
    assert said == [
        "WL620 4: `self.cfg` goes on with all its keys; `name`, `size`, `disk`, `resources`, `toolstack` may be missed",
        'WL620 6: `self.cfg["name"]`: `name` is not in the new file',
        'WL620 6: `self.cfg["disk"]`: `disk` is not in the new file',
    ]


def test_yaml_may_be_a_module_of_the_project() -> None:
    said = check_noop("import yaml\ncfg = yaml.safe_load(open('.platform.app.yaml'))\n", project={**SHOP, "yaml.py": ""})
    assert "`yaml.safe_load`, which is not known to be a YAML library" in said[0]


def test_a_name_that_needs_other_quotes() -> None:
    rewritten(
        "import yaml\nprint(yaml.safe_load(open('/a/.platform.app.yaml'))['type'])\n",
        "import yaml\nprint(yaml.safe_load(open('/a/.upsun/config.yaml'))['applications'][\"it's\"]['type'])\n",
        project={".platform.app.yaml": "name: it's\ntype: php:8.4\n"},
    )


def test_columns_are_those_of_characters() -> None:
    rewritten(
        "import yaml\nx = 'é😀\u2028'; cfg = yaml.safe_load(open('/a/.platform.app.yaml'))\n\x0cy = 1\n",
        "import yaml\nx = 'é😀\u2028'; cfg = yaml.safe_load(open('/a/.upsun/config.yaml'))['applications']['shop']\n\x0cy = 1\n",
    )


def test_a_definition_that_goes_on_as_a_whole_is_reported() -> None:
    said = rewritten(
        """
        import json, yaml
        cfg = yaml.safe_load(open("/app/.platform.app.yaml"))
        print(json.dumps(cfg))
        """,
        """
        import json, yaml
        cfg = yaml.safe_load(open("/app/.upsun/config.yaml"))["applications"]["shop"]
        print(json.dumps(cfg))
        """,
    )
    assert said == ["WL620 3: `cfg` goes on with all its keys; `name`, `size`, `disk`, `resources`, `toolstack` may be missed"]


def test_the_application_of_a_folder() -> None:
    said = rewritten(
        """
        import yaml
        api = yaml.safe_load(open("/app/api/.platform.app.yaml"))
        """,
        """
        import yaml
        api = yaml.safe_load(open("/app/.upsun/config.yaml"))["applications"]["api"]
        """,
        project=FLEET,
    )
    assert said == []


def test_the_application_of_the_program_s_own_folder() -> None:
    said = rewritten(
        """
        import yaml
        from pathlib import Path
        cfg = yaml.safe_load((Path(__file__).parent / ".platform.app.yaml").read_text())
        """,
        """
        import yaml
        from pathlib import Path
        cfg = yaml.safe_load((Path(__file__).parent / "../.upsun/config.yaml").read_text())["applications"]["web"]
        """,
        project=FLEET,
        path="web/tool.py",
    )
    assert said == ["WL613 3: this is code of `web`, whose root is `web/`: `.upsun/` is not in its container"]


def test_several_applications_and_no_way_to_tell() -> None:
    said = check_noop("import yaml\ncfg = yaml.safe_load(open('.platform.app.yaml'))\n", project=FLEET)
    assert said == ["WL610 2: `'.platform.app.yaml'` is left as it is: the project has several applications (api, web)"]


def test_an_application_that_there_is_not() -> None:
    said = check_noop("import yaml\ncfg = yaml.safe_load(open('.platform.app.yaml'))\n", app="nope")
    assert said == ["WL610 2: `'.platform.app.yaml'` is left as it is: there is no application `nope`"]


def test_the_application_that_is_named() -> None:
    applications = {".platform.app.yaml": "name: a\ntype: php:8.4\n", "b/.platform.app.yaml": "name: b\ntype: php:8.4\n"}
    rewritten(
        "import yaml\ncfg = yaml.safe_load(open('/app/.platform.app.yaml'))\n",
        "import yaml\ncfg = yaml.safe_load(open('/app/.upsun/config.yaml'))['applications']['a']\n",
        project=applications,
        app="a",
    )


def test_a_file_of_another_place_is_none_of_the_project_s() -> None:
    said = check_noop(
        """
        import os, yaml
        cfg = yaml.safe_load(open(os.path.join(os.path.dirname(__file__), ".platform", "services.yaml")))
        """,
        path="tests/tool.py",
    )
    assert said == ['WL610 2: `".platform"` is left as it is: `tests/.platform/services.yaml` is no file of this project\'s configuration']


def test_a_tag_that_comes_from_another_file_stops_a_loader() -> None:
    project = {**SHOP, ".platform/services.yaml": "solr:\n  type: solr:9.1\n  configuration: {conf: !archive solr}\n"}
    said = check_noop("import yaml\ncfg = yaml.safe_load(open('/app/.platform.app.yaml'))\n", project=project)
    assert said == [
        "WL610 2: `'/app/.platform.app.yaml'` is left as it is: `.upsun/config.yaml` holds the tag `!archive`, which the old file did not"
    ]


def test_a_list_of_applications_is_a_mapping_now() -> None:
    project = {".platform/applications.yaml": "- name: a\n  type: php:8.4\n"}
    said = check_noop("import yaml\napps = yaml.safe_load(open('/app/.platform/applications.yaml'))\n", project=project)
    assert said == ["WL610 2: `'/app/.platform/applications.yaml'` is left as it is: the applications were a list and are a mapping now"]


def test_a_mapping_of_applications() -> None:
    said = rewritten(
        "import yaml\napps = yaml.safe_load(open('/app/.platform/applications.yaml'))\nprint(apps['a']['type'])\n",
        "import yaml\napps = yaml.safe_load(open('/app/.upsun/config.yaml'))['applications']\nprint(apps['a']['type'])\n",
        project={".platform/applications.yaml": "a:\n  type: php:8.4\n"},
    )
    assert said == []
