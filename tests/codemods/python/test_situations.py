"""Each rewrite in each situation of the language in which it must hold, or must hold back: shadowed names, walrus, `match`, and so on.

What is rewritten also runs, before and after, and prints the same; what it writes means what it meant.
"""

from __future__ import annotations

import itertools
import shutil
from pathlib import Path

import pytest
from tests.sources import ALONE, SHOP, check_noop, check_rewritten, execute, sides

from workerlib import load
from workerlib.migrate import Options, plan
from workerlib.migrate.registry import python_codemods

SITUATIONS = (
    "shadowed names",
    "yaml is something else",
    "conditional import",
    "walrus",
    "comprehension",
    "nested functions",
    "annotated assignment",
    "multi-target assignment",
    "match",
)
READING = ("python-reads", "python-paths")  # the others write

REWRITTEN: dict[tuple[str, str], str] = {
    ("python-reads", "shadowed names"): """
          import yaml
          def kind(yaml, open=None):
              return yaml["type"]
        - cfg = yaml.safe_load(open(".platform.app.yaml"))
        + cfg = yaml.safe_load(open(".upsun/config.yaml"))["applications"]["shop"]
          print(kind(cfg))
        """,
    ("python-reads", "yaml is something else"): """
          import ruamel.yaml
          yaml = ruamel.yaml.YAML(typ="safe", pure=True)
        - with open(".platform/services.yaml") as stream:
        -     print(yaml.load(stream)["db"]["type"])
        + with open(".upsun/config.yaml") as stream:
        +     print(yaml.load(stream)["services"]["db"]["type"])
        """,
    ("python-reads", "conditional import"): """
          import yaml
          try:
              from yaml import CSafeLoader as Loader
          except ImportError:
              from yaml import SafeLoader as Loader
        - cfg = yaml.load(open(".platform.app.yaml"), Loader=Loader)
        - print(cfg["name"])
        + cfg = yaml.load(open(".upsun/config.yaml"), Loader=Loader)["applications"]["shop"]
        + print("shop")
        """,
    ("python-reads", "walrus"): """
          import yaml
        - with open(path := ".platform.app.yaml") as stream:
        + with open(path := ".upsun/config.yaml") as stream:
        -     if (cfg := yaml.safe_load(stream)) and (name := cfg["name"]):
        +     if (cfg := yaml.safe_load(stream)["applications"]["shop"]) and (name := "shop"):
                  print(name, cfg["type"])
        """,
    ("python-reads", "comprehension"): """
          import yaml
        - routes = {url: r["upstream"] for url, r in yaml.safe_load(open(".platform/routes.yaml")).items()}
        + routes = {url: r["upstream"] for url, r in yaml.safe_load(open(".upsun/config.yaml"))["routes"].items()}
        - print(routes, [cfg["type"] for _ in "a" if (cfg := yaml.safe_load(open(".platform.app.yaml")))])
        + print(routes, [cfg["type"] for _ in "a" if (cfg := yaml.safe_load(open(".upsun/config.yaml"))["applications"]["shop"])])
        """,
    ("python-reads", "nested functions"): """
          import functools, yaml
          @functools.cache
          def outer():
        -     path = ".platform.app.yaml"
        +     path = ".upsun/config.yaml"
              def inner():
                  with open(path) as stream:
        -             return yaml.safe_load(stream)
        +             return yaml.safe_load(stream)["applications"]["shop"]
              return inner()
        - print(outer()["name"], outer()["type"])
        + print("shop", outer()["type"])
        """,
    ("python-reads", "annotated assignment"): """
          import yaml
          from typing import Any, Final
        - PATH: Final = ".platform.app.yaml"
        + PATH: Final = ".upsun/config.yaml"
          cfg: dict[str, Any]
        - cfg = yaml.safe_load(open(PATH))
        + cfg = yaml.safe_load(open(PATH))["applications"]["shop"]
        - name: str = cfg["name"]
        + name: str = "shop"
          print(name)
        """,
    ("python-reads", "multi-target assignment"): """
          import yaml
        - APP, SERVICES = ".platform.app.yaml", ".platform/services.yaml"
        + APP, SERVICES = ".upsun/config.yaml", ".upsun/config.yaml"
        - a = b = yaml.safe_load(open(APP))
        + a = b = yaml.safe_load(open(APP))["applications"]["shop"]
        - print(a["name"], b["type"], list(yaml.safe_load(open(SERVICES))))
        + print("shop", b["type"], list(yaml.safe_load(open(SERVICES))["services"]))
        """,
    ("python-reads", "match"): """
          import yaml
        - match yaml.safe_load(open(".platform.app.yaml")):
        + match yaml.safe_load(open(".upsun/config.yaml"))["applications"]["shop"]:
              case {"type": str(kind), "workers": {"queue": {"commands": commands}}}:
                  print(kind, commands)
        """,
    ("python-writes", "shadowed names"): """
          import json, yaml
          def show(yaml):
              print(yaml)
          app = json.loads('{"type": "php:8.4"}')
        - with open(".platform.app.yaml", "w") as f:
        + with open(".upsun/config.yaml", "w") as f:
        -     yaml.dump(app, f)
        +     yaml.dump({"applications": {"shop": app}}, f)
          show(app)
        """,
    ("python-writes", "yaml is something else"): """
          from pathlib import Path
          from ruamel.yaml import YAML as Yaml
          yaml = Yaml(typ="safe", pure=True)
          app = yaml.load("type: php:8.4")
        - yaml.dump(app, Path(".platform.app.yaml"))
        + yaml.dump({"applications": {"shop": app}}, Path(".upsun/config.yaml"))
        """,
    ("python-writes", "conditional import"): """
          import json, yaml
          try:
              from yaml import CSafeDumper as Dumper
          except ImportError:
              from yaml import SafeDumper as Dumper
          app = json.loads('{"type": "php:8.4"}')
        - with open(".platform.app.yaml", "w") as f:
        -     yaml.dump(app, f, Dumper=Dumper)
        + with open(".upsun/config.yaml", "w") as f:
        +     yaml.dump({"applications": {"shop": app}}, f, Dumper=Dumper)
        """,
    ("python-writes", "walrus"): """
          import json, yaml
        - with open(".platform.app.yaml", "w") as f:
        -     yaml.dump(app := json.loads('{"type": "php:8.4"}'), f)
        + with open(".upsun/config.yaml", "w") as f:
        +     yaml.dump({"applications": {"shop": (app := json.loads('{"type": "php:8.4"}'))}}, f)
          print(app)
        """,
    ("python-writes", "comprehension"): """
          import yaml
        - with open(".platform.app.yaml", "w") as f:
        -     yaml.dump({k: v for k, v in [("type", "php:8.4")]}, f)
        + with open(".upsun/config.yaml", "w") as f:
        +     yaml.dump({"applications": {"shop": {k: v for k, v in [("type", "php:8.4")]}}}, f)
        """,
    ("python-writes", "nested functions"): """
          import json, os, yaml
          def save(root):
        -     path = os.path.join(root, ".platform.app.yaml")
        +     path = os.path.join(root, ".upsun/config.yaml")
              def write(app):
        +         os.makedirs(os.path.dirname(path), exist_ok=True)
                  with open(path, "w") as f:
        -             yaml.dump(app, f)
        +             yaml.dump({"applications": {"shop": app}}, f)
              write(json.loads('{"type": "php:8.4"}'))
          save(os.getcwd())
        """,
    ("python-writes", "annotated assignment"): """
          import json, yaml
        - path: str = ".platform.app.yaml"
        + path: str = ".upsun/config.yaml"
          app: dict = json.loads('{"type": "php:8.4"}')
        - text: str = yaml.dump(app)
        + text: str = yaml.dump({"applications": {"shop": app}})
          with open(path, "w") as f:
              f.write(text)
        """,
    ("python-writes", "multi-target assignment"): """
          import json, yaml
          app = copy = json.loads('{"type": "php:8.4"}')
        - path, mode = ".platform.app.yaml", "utf-8"
        + path, mode = ".upsun/config.yaml", "utf-8"
          with open(path, "w", encoding=mode) as f:
        -     yaml.dump(app, f)
        +     yaml.dump({"applications": {"shop": app}}, f)
          print(copy)
        """,
    ("python-writes", "match"): """
          import json, yaml
          match json.loads('{"type": "php:8.4"}'):
              case {"type": _} as app:
        -         with open(".platform.app.yaml", "w") as f:
        -             yaml.dump(app, f)
        +         with open(".upsun/config.yaml", "w") as f:
        +             yaml.dump({"applications": {"shop": app}}, f)
        """,
    ("python-literals", "shadowed names"): """
          import yaml
        - app = {"name": "shop", "type": "php:8.4", "disk": 512}
        + app = {"type": "php:8.4"}
          def show(app):
              print(app["disk"])
        - with open(".platform.app.yaml", "w") as f:
        -     yaml.dump(app, f)
        + with open(".upsun/config.yaml", "w") as f:
        +     yaml.dump({"applications": {"shop": app}}, f)
          show({"disk": 5})
        """,
    ("python-literals", "yaml is something else"): """
          from pathlib import Path
          from ruamel.yaml import YAML
          yaml = YAML()
        - yaml.dump(dict(name="shop", type="php:8.4", disk=512), Path(".platform.app.yaml"))
        + yaml.dump({"applications": {"shop": dict(type="php:8.4")}}, Path(".upsun/config.yaml"))
        """,
    ("python-literals", "conditional import"): """
          try:
              import yaml
          except ImportError:
              yaml = None
          if yaml is not None:
        -     with open(".platform.app.yaml", "w") as f:
        -         yaml.dump({"name": "shop", "mounts": {"/x": "shared:files/x"}}, f)
        +     with open(".upsun/config.yaml", "w") as f:
        +         yaml.dump({"applications": {"shop": {"mounts": {"/x": {"source": "instance", "source_path": "x"}}}}}, f)
        """,
    ("python-literals", "walrus"): """
          import yaml
        - with open(".platform.app.yaml", "w") as f:
        -     yaml.dump(app := {"name": "shop", "type": "php:8.4"}, f)
        + with open(".upsun/config.yaml", "w") as f:
        +     yaml.dump({"applications": {"shop": (app := {"type": "php:8.4"})}}, f)
        - print(app["name"], app["type"])
        + print("shop", app["type"])
        """,
    ("python-literals", "comprehension"): """
          import yaml
          app = {
        -     "name": "shop",
              "type": "php:8.4",
        -     "workers": {n: {"size": "S", "commands": {"start": f"./{n}"}} for n in ("a", "b")},  # both
        +     "workers": {n: {"commands": {"start": f"./{n}"}} for n in ("a", "b")},  # both
          }
        - with open(".platform.app.yaml", "w") as f:
        -     yaml.dump(app, f)
        + with open(".upsun/config.yaml", "w") as f:
        +     yaml.dump({"applications": {"shop": app}}, f)
        """,
    ("python-literals", "nested functions"): """
          import yaml
          def build(version):
              def crons():
                  return {}
        -     return {"name": "shop", "type": f"php:{version}", "size": "S", "crons": crons()}
        +     return {"type": f"php:{version}", "crons": crons()}
        - with open(".platform.app.yaml", "w") as f:
        -     yaml.dump(build("8.4"), f)
        + with open(".upsun/config.yaml", "w") as f:
        +     yaml.dump({"applications": {"shop": build("8.4")}}, f)
        """,
    ("python-literals", "annotated assignment"): """
          import yaml
          app: dict[str, object]
        - app = {"name": "shop", "type": "php:8.4"}
        + app = {"type": "php:8.4"}
        - app["mounts"] = {"/x": "shared:files/x"}
        + app["mounts"] = {"/x": {"source": "instance", "source_path": "x"}}
        - with open(".platform.app.yaml", "w") as f:
        -     yaml.dump(app, f)
        + with open(".upsun/config.yaml", "w") as f:
        +     yaml.dump({"applications": {"shop": app}}, f)
        """,
    ("python-literals", "multi-target assignment"): """
          import yaml
        - first = app = {"name": "shop", "type": "php:8.4", "disk": 512}
        + first = app = {"type": "php:8.4"}
        - routes, queue = {}, {"size": "S", "commands": {"start": "./queue"}}
        + routes, queue = {}, {"commands": {"start": "./queue"}}
          app["workers"] = {"queue": queue}
        - with open(".platform.app.yaml", "w") as f:
        -     yaml.dump(app, f)
        + with open(".upsun/config.yaml", "w") as f:
        +     yaml.dump({"applications": {"shop": app}}, f)
          print(first["type"], routes)
        """,
    ("python-literals", "match"): """
          import sys, yaml
        - app = {"name": "shop", "type": "php:8.4", "resources": {"base_memory": 64}}
        + app = {"type": "php:8.4"}
          match app["type"].split(":"):
              case [kind, version]:
                  print(kind, version)
        - with open(".platform.app.yaml", "w") as f:
        -     yaml.dump(app, f)
        + with open(".upsun/config.yaml", "w") as f:
        +     yaml.dump({"applications": {"shop": app}}, f)
        """,
    ("python-strings", "shadowed names"): """
          from pathlib import Path
        - TEXT = "name: shop\\ntype: php:8.4\\n"
        + TEXT = "applications:\\n  shop:\\n    type: php:8.4\\n"
          def show(TEXT):
              print(TEXT)
        - Path(".platform.app.yaml").write_text(TEXT)
        + Path(".upsun/config.yaml").write_text(TEXT)
          show(5)
        """,
    ("python-strings", "yaml is something else"): """
          from pathlib import Path
        - yaml = "name: shop\\ntype: php:8.4\\ndisk: 512\\n"
        + yaml = "applications:\\n  shop:\\n    type: php:8.4\\n"
        - Path(".platform.app.yaml").write_text(yaml)
        + Path(".upsun/config.yaml").write_text(yaml)
        """,
    ("python-strings", "conditional import"): """
          from pathlib import Path
          try:
              from textwrap import dedent
          except ImportError:
              dedent = None
        - Path(".platform.app.yaml").write_text(dedent('''
        -     name: shop
        -     type: php:8.4
        + Path(".upsun/config.yaml").write_text(dedent('''
        +     applications:
        +       shop:
        +         type: php:8.4
          '''))
        """,
    ("python-strings", "walrus"): """
          from pathlib import Path
        - if not (path := Path(".platform.app.yaml")).is_dir():
        -     path.write_text("name: shop\\ntype: php:8.4\\n")
        + if not (path := Path(".upsun/config.yaml")).is_dir():
        +     path.write_text("applications:\\n  shop:\\n    type: php:8.4\\n")
        """,
    ("python-strings", "comprehension"): """
          from pathlib import Path
          names = [n for n in ("shop", "x") if n != "x"]
        - Path(".platform.app.yaml").write_text(f"name: {[n for n in names][0]}\\ntype: php:8.4\\nsize: S\\n")
        + Path(".upsun/config.yaml").write_text(f"applications:\\n  {[n for n in names][0]}:\\n    type: php:8.4\\n")
        """,
    ("python-strings", "nested functions"): """
          def save(name):
        -     template = "name: %s\\ntype: %s\\n"
        +     template = "applications:\\n  %s:\\n    type: %s\\n"
              def write(kind):
        -         with open(".platform.app.yaml", "w") as f:
        +         with open(".upsun/config.yaml", "w") as f:
                      f.write(template % (name, kind))
              write("php:8.4")
          save("shop")
        """,
    ("python-strings", "annotated assignment"): """
          from pathlib import Path
        - TEXT: str = '''\\
        - # The shop
        - name: shop
        - type: php:8.4
        - '''
        - Path(".platform.app.yaml").write_text(TEXT)
        + TEXT: str = '''\\
        + applications:
        +   # The shop
        +   shop:
        +     type: php:8.4
        + '''
        + Path(".upsun/config.yaml").write_text(TEXT)
        """,
    ("python-strings", "multi-target assignment"): """
          from pathlib import Path
        - text, path = "name: shop\\ntype: php:8.4\\n", Path(".platform.app.yaml")
        + text, path = "applications:\\n  shop:\\n    type: php:8.4\\n", Path(".upsun/config.yaml")
          print(path.write_text(text) > 20)
        """,
    ("python-strings", "match"): """
          from pathlib import Path
          match "shop":
              case str(name):
        -         Path(".platform.app.yaml").write_text("name: {}\\ntype: php:8.4\\n".format(name))
        +         Path(".upsun/config.yaml").write_text("applications:\\n  {}:\\n    type: php:8.4\\n".format(name))
        """,
    ("python-paths", "shadowed names"): """
          import os
          def print_all(os):
              return os
        - print(print_all(5), os.path.exists(".platform.app.yaml"))
        + print(print_all(5), os.path.exists(".upsun/config.yaml"))
        """,
    ("python-paths", "yaml is something else"): """
          import os
        - yaml = ".platform.app.yaml"
        + yaml = ".upsun/config.yaml"
          print(os.path.exists(yaml))
        """,
    ("python-paths", "conditional import"): """
          try:
              from pathlib import Path
          except ImportError:
              Path = None
        - print(Path and Path(".platform/services.yaml").is_file())
        + print(Path and Path(".upsun/config.yaml").is_file())
        """,
    ("python-paths", "walrus"): """
          from pathlib import Path
        - print((place := Path(".platform.app.yaml")).exists() and place.is_file())
        + print((place := Path(".upsun/config.yaml")).exists() and place.is_file())
        """,
    ("python-paths", "comprehension"): """
          import os
        - print([n for n in range(2) if os.path.exists(".platform")])
        + print([n for n in range(2) if os.path.exists(".upsun")])
        """,
    ("python-paths", "nested functions"): """
          import os
          def outer(root):
              def inner():
        -         return os.path.join(root, ".platform.app.yaml")
        +         return os.path.join(root, ".upsun/config.yaml")
              return os.path.isfile(inner())
          print(outer(os.getcwd()))
        """,
    ("python-paths", "annotated assignment"): """
          import os
          FILE: str
        - FILE = ".platform.app.yaml"
        + FILE = ".upsun/config.yaml"
          found: bool = os.path.exists(FILE)
          print(found)
        """,
    ("python-paths", "multi-target assignment"): """
          import os
        - FIRST = SECOND = ".platform.app.yaml"
        + FIRST = SECOND = ".upsun/config.yaml"
          print(os.path.exists(FIRST), os.path.isdir(SECOND))
        """,
    ("python-paths", "match"): """
          import os
        - match os.path.exists(".platform.app.yaml"):
        + match os.path.exists(".upsun/config.yaml"):
              case True:
                  print("found")
        """,
}

# A program that stays as it is, and why.
LEFT: dict[tuple[str, str], tuple[str, str]] = {
    ("python-reads", "shadowed names"): (
        """
        import yaml
        def read(open):
            return yaml.safe_load(open(".platform.app.yaml"))
        """,
        "it is passed to `open`, which is not followed",
    ),
    ("python-reads", "yaml is something else"): (
        """
        import toml as yaml
        print(yaml.load(open(".platform.app.yaml")))
        """,
        "the open file is passed on by `yaml.load`, which is not known to be a YAML library",
    ),
    ("python-reads", "conditional import"): (
        """
        try:
            from yaml import safe_load
        except ImportError:
            def safe_load(stream):
                return {}
        print(safe_load(open(".platform.app.yaml")))
        """,
        "the open file is passed on by `safe_load`, which is not known to be a YAML library",
    ),
    ("python-reads", "walrus"): (
        """
        import sys, yaml
        path = ".platform.app.yaml"
        if path := sys.argv[1]:
            print(yaml.safe_load(open(path)))
        """,
        "`path` is bound in more than one place",
    ),
    ("python-reads", "comprehension"): (
        """
        import yaml
        print([yaml.safe_load(open(path)) for path in (".platform.app.yaml", ".platform/services.yaml")])
        """,
        "it is part of a list",
    ),
    ("python-reads", "nested functions"): (
        """
        import yaml
        def outer():
            path = ".platform.app.yaml"
            def inner():
                nonlocal path
                path = "other.yaml"
            inner()
            return yaml.safe_load(open(path))
        """,
        "`path` is bound in more than one place",
    ),
    ("python-reads", "annotated assignment"): (
        """
        import yaml
        class Settings:
            path: str = ".platform.app.yaml"
        print(yaml.safe_load(open(Settings.path)))
        """,
        "it is kept in the class attribute `path`",
    ),
    ("python-reads", "multi-target assignment"): (
        """
        import yaml
        def read(self):
            path = self.path = ".platform.app.yaml"
            return yaml.safe_load(open(path))
        """,
        "it is kept in `self.path`",
    ),
    ("python-reads", "match"): (
        """
        import sys, yaml
        match sys.argv[1]:
            case ".platform.app.yaml" as path:
                print(yaml.safe_load(open(path)))
        """,
        "it is matched",
    ),
    ("python-writes", "shadowed names"): (
        """
        import yaml
        def save(yaml, app):
            with open(".platform.app.yaml", "w") as f:
                yaml.dump(app, f)
        """,
        "the open file is passed on by `yaml.dump`, which is not known to be a YAML library",
    ),
    ("python-writes", "yaml is something else"): (
        """
        import json as yaml
        with open(".platform.app.yaml", "w") as f:
            yaml.dump(app, f)
        """,
        "the open file is passed on by `yaml.dump`, which is not known to be a YAML library",
    ),
    ("python-writes", "conditional import"): (
        """
        try:
            from yaml import dump
        except ImportError:
            from json import dump
        with open(".platform.app.yaml", "w") as f:
            dump(app, f)
        """,
        "the open file is passed on by `dump`, which is not known to be a YAML library",
    ),
    ("python-writes", "walrus"): (
        """
        import yaml
        with open(path := ".platform.app.yaml", "w") as f:
            yaml.dump(app, f)
            send(path)
        """,
        "it is passed to `send`, which is not followed",
    ),
    ("python-writes", "comprehension"): (
        """
        import yaml
        [yaml.dump(app, open(f"/{name}/.platform.app.yaml", "w")) for name in names]
        """,
        "the folder `.upsun` would have to be made first",
    ),
    ("python-writes", "nested functions"): (
        """
        import yaml
        def outer(app):
            def save(path):
                app.update(path=path)
                with open(path, "w") as f:
                    yaml.dump(app, f)
            save(".platform.app.yaml")
        """,
        "it is passed to `app.update`, which is not followed",
    ),
    ("python-writes", "annotated assignment"): (
        """
        import yaml
        def save(app, mode: str = "w"):
            path: str = ".platform.app.yaml"
            with open(path, mode) as f:
                yaml.dump(app, f)
        """,
        "it is opened in a mode that is not followed",
    ),
    ("python-writes", "multi-target assignment"): (
        """
        import yaml
        paths[0], mode = ".platform.app.yaml", "w"
        with open(paths[0], mode) as f:
            yaml.dump(app, f)
        """,
        "it is kept in `paths[0]`",
    ),
    ("python-writes", "match"): (
        """
        import yaml
        match app:
            case {"path": path}:
                pass
            case _:
                path = ".platform.app.yaml"
        with open(path, "w") as f:
            yaml.dump(app, f)
        """,
        "`path` is bound in more than one place",
    ),
    ("python-literals", "shadowed names"): (
        """
        import yaml
        def save(yaml, app={"name": "shop", "disk": 512}):
            with open(".platform.app.yaml", "w") as f:
                yaml.dump(app, f)
        """,
        "the open file is passed on by `yaml.dump`, which is not known to be a YAML library",
    ),
    ("python-literals", "yaml is something else"): (
        """
        import toml as yaml
        with open(".platform.app.yaml", "w") as f:
            yaml.dump({"name": "shop", "disk": 512}, f)
        """,
        "the open file is passed on by `yaml.dump`, which is not known to be a YAML library",
    ),
    ("python-literals", "conditional import"): (
        """
        import yaml
        try:
            from site import BASE
        except ImportError:
            BASE = {}
        with open(".platform.app.yaml", "w") as f:
            yaml.dump({"name": "shop", "disk": 512, **BASE}, f)
        """,
        "`**BASE` may hold any key",
    ),
    ("python-literals", "walrus"): (
        """
        import yaml
        with open(".platform.app.yaml", "w") as f:
            yaml.dump(app := {"name": "shop", "disk": 512}, f)
        print(app["disk"])
        """,
        '`app["disk"]` depends on keys that leave',
    ),
    ("python-literals", "comprehension"): (
        """
        import yaml
        app = {"name": "shop", "disk": 512}
        with open(".platform.app.yaml", "w") as f:
            yaml.dump(app, f)
        print([key for key in app])
        """,
        "`app` depends on keys that leave",
    ),
    ("python-literals", "nested functions"): (
        """
        import yaml
        def build(name):
            return {"name": name, "disk": 512}
        with open(".platform.app.yaml", "w") as f:
            yaml.dump(build("shop"), f)
        """,
        "the name of its application is known only where it is made",
    ),
    ("python-literals", "annotated assignment"): (
        """
        import yaml
        app: dict = {"name": "shop", "type": "php:8.4"}
        app["disk"]: int = 512
        with open(".platform.app.yaml", "w") as f:
            yaml.dump(app, f)
        """,
        '`app["disk"]` depends on keys that leave',
    ),
    ("python-literals", "multi-target assignment"): (
        """
        import yaml
        app = self.app = {"name": "shop", "disk": 512}
        with open(".platform.app.yaml", "w") as f:
            yaml.dump(app, f)
        """,
        "`self.app` depends on keys that leave",
    ),
    ("python-literals", "match"): (
        """
        import yaml
        app = {"name": "shop", "disk": 512}
        match app:
            case {"disk": disk}:
                print(disk)
        with open(".platform.app.yaml", "w") as f:
            yaml.dump(app, f)
        """,
        '`"disk"` depends on keys that leave',
    ),
    ("python-strings", "shadowed names"): (
        """
        from pathlib import Path
        from textwrap import dedent
        def save(dedent):
            Path(".platform.app.yaml").write_text(dedent("name: shop\\n"))
        """,
        "what is written is no literal",
    ),
    ("python-strings", "yaml is something else"): (
        """
        from pathlib import Path
        yaml = "name: shop\\n"
        yaml += "disk: 512\\n"
        Path(".platform.app.yaml").write_text(yaml)
        """,
        "what is written is no literal",
    ),
    ("python-strings", "conditional import"): (
        """
        from pathlib import Path
        try:
            from inspect import cleandoc as clean
        except ImportError:
            from textwrap import dedent as clean
        Path(".platform.app.yaml").write_text(clean("name: shop\\n"))
        """,
        "what is written is no literal",
    ),
    ("python-strings", "walrus"): (
        """
        from pathlib import Path
        Path(".platform.app.yaml").write_text(text := "name: shop\\n")
        print(text)
        """,
        "what is written is no literal",
    ),
    ("python-strings", "comprehension"): (
        """
        from pathlib import Path
        Path(".platform.app.yaml").write_text("".join(f"{key}: {value}\\n" for key, value in pairs))
        """,
        "what is written is no literal",
    ),
    ("python-strings", "nested functions"): (
        """
        from pathlib import Path
        def outer():
            text = "name: shop\\n"
            def inner():
                print(text)
            Path(".platform.app.yaml").write_text(text)
            inner()
        """,
        "`text`, which is written, is used elsewhere, too",
    ),
    ("python-strings", "annotated assignment"): (
        """
        from pathlib import Path
        class Templates:
            text: str = "name: shop\\n"
        Path(".platform.app.yaml").write_text(Templates.text)
        """,
        "what is written is no literal",
    ),
    ("python-strings", "multi-target assignment"): (
        """
        from pathlib import Path
        text = other = "name: shop\\n"
        Path(".platform.app.yaml").write_text(text)
        print(other)
        """,
        "`text`, which is written, is used elsewhere, too",
    ),
    ("python-strings", "match"): (
        """
        import sys
        from pathlib import Path
        match sys.argv:
            case [_]:
                text = "name: shop\\n"
            case _:
                text = "name: blog\\n"
        Path(".platform.app.yaml").write_text(text)
        """,
        "what is written is no literal",
    ),
    ("python-paths", "shadowed names"): (
        """
        import os
        def found(os):
            return os.path.exists(".platform.app.yaml")
        """,
        "it is passed to `os.path.exists`, which is not followed",
    ),
    ("python-paths", "yaml is something else"): (
        """
        import os
        yaml = [".platform.app.yaml"]
        print(os.path.exists(yaml[0]))
        """,
        "it is part of a list",
    ),
    ("python-paths", "conditional import"): (
        """
        try:
            from os.path import exists
        except ImportError:
            from storage import exists
        print(exists(".platform.app.yaml"))
        """,
        "it is passed to `exists`, which is not followed",
    ),
    ("python-paths", "walrus"): (
        """
        import os
        if os.path.exists(path := ".platform.app.yaml"):
            os.remove(path)
        """,
        "it is passed to `os.remove`, which is not followed",
    ),
    ("python-paths", "comprehension"): (
        """
        import os
        print([path for path in os.listdir() if path == ".platform.app.yaml"])
        """,
        "it is compared",
    ),
    ("python-paths", "nested functions"): (
        """
        def outer():
            path = ".platform.app.yaml"
            def inner():
                yield path
            return inner
        """,
        "it is passed on",
    ),
    ("python-paths", "annotated assignment"): (
        """
        import os
        FILE: str = os.environ["FILE"] or ".platform.app.yaml"
        print(os.path.exists(FILE))
        """,
        "it is one of several values",
    ),
    ("python-paths", "multi-target assignment"): (
        """
        import os
        FILES = FIRST, SECOND = ".platform.app.yaml", ".platform/services.yaml"
        print(os.path.exists(FIRST), FILES)
        """,
        "it is part of a list",
    ),
    ("python-paths", "match"): (
        """
        import os
        match os.path.basename(os.getcwd()):
            case ".platform":
                print("inside")
        """,
        "it is matched",
    ),
}


@pytest.mark.parametrize("table", [REWRITTEN, LEFT], ids=["rewritten", "left"])
def test_each_rewrite_is_tried_in_each_situation(table: dict[tuple[str, str], object]) -> None:
    assert set(table) == set(itertools.product((one.name for one in python_codemods()), SITUATIONS))


@pytest.mark.parametrize(("rewrite", "situation"), REWRITTEN)
def test_rewritten_and_run(
    rewrite: str, situation: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    before, after = sides(REWRITTEN[rewrite, situation])
    project = SHOP if rewrite in READING else ALONE
    check_rewritten(rewrite, before, after, project=project)
    root = tmp_path / "project"
    for path, text in {**project, "tool.py": before}.items():
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).write_text(text)

    def printed(folder: Path) -> str:
        monkeypatch.chdir(folder)
        execute(Path("tool.py"))
        return capsys.readouterr().out

    old = Path(shutil.copytree(root, tmp_path / "old"))
    plan(root, Options(python=True)).apply()
    assert printed(old) == printed(root)
    (old / "tool.py").unlink()
    if before.count('"name"') + before.count("name:") + before.count("name=") or rewrite in READING:
        plan(old, Options()).apply()
        assert load(old) == load(root)


@pytest.mark.parametrize(("rewrite", "situation"), LEFT)
def test_left_and_said(rewrite: str, situation: str) -> None:
    text, reason = LEFT[rewrite, situation]
    said = check_noop(text, project=SHOP if rewrite in READING else ALONE)
    assert any(f"is left as it is: {reason}" in one for one in said), said
