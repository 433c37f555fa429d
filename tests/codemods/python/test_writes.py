from __future__ import annotations

from functools import partial

import pytest
from tests.sources import ALONE, FLEET, SHOP, check_noop, check_rewritten

rewritten = partial(check_rewritten, "python-writes")

REWRITTEN: dict[str, tuple[str, str]] = {
    "a dump to an open file": (
        """
        import yaml
        with open(".platform.app.yaml", "w") as f:
            yaml.dump(build(), f, sort_keys=False)
        """,
        """
        import yaml
        with open(".upsun/config.yaml", "w") as f:
            yaml.dump({"applications": {"shop": build()}}, f, sort_keys=False)
        """,
    ),
    "the stream as a keyword": (
        """
        import yaml
        with open('.platform.app.yaml', mode='w') as f:
            yaml.safe_dump(data=build(), stream=f)
        """,
        """
        import yaml
        with open('.upsun/config.yaml', mode='w') as f:
            yaml.safe_dump(data={'applications': {'shop': build()}}, stream=f)
        """,
    ),
    "a folder that has to be made": (
        """
        import os, yaml
        def save(root, app):
            path = os.path.join(root, ".platform.app.yaml")
            with open(path, "w") as f:
                yaml.dump(app, f)
        """,
        """
        import os, yaml
        def save(root, app):
            path = os.path.join(root, ".upsun/config.yaml")
            os.makedirs(os.path.dirname(path), exist_ok=True)
            with open(path, "w") as f:
                yaml.dump({"applications": {"shop": app}}, f)
        """,
    ),
    "a folder of pathlib": (
        """
        from pathlib import Path
        import yaml
        def save(root: Path, app: dict) -> None:
            (root / ".platform.app.yaml").write_text(yaml.dump(app))
        """,
        """
        from pathlib import Path
        import yaml
        def save(root: Path, app: dict) -> None:
            (root / ".upsun/config.yaml").parent.mkdir(parents=True, exist_ok=True)
            (root / ".upsun/config.yaml").write_text(yaml.dump({"applications": {"shop": app}}))
        """,
    ),
    "a folder that the program makes": (
        """
        import os, yaml
        def save(root, services):
            folder = os.path.join(root, ".platform")
            os.makedirs(folder, exist_ok=True)
            with open(os.path.join(folder, "services.yaml"), "w") as f:
                yaml.dump(services, f)
        """,
        """
        import os, yaml
        def save(root, services):
            folder = os.path.join(root, ".upsun")
            os.makedirs(folder, exist_ok=True)
            with open(os.path.join(folder, "services.yaml"), "w") as f:
                yaml.dump({"services": services}, f)
        """,
    ),
    "all three files of a temporary project": (
        """
        import yaml
        def test_all(tmp_path):
            (tmp_path / ".platform").mkdir()
            (tmp_path / ".platform.app.yaml").write_text(yaml.dump({"name": "a", "type": "php:8.4"}))
            (tmp_path / ".platform" / "services.yaml").write_text(yaml.dump({"db": {"type": "mariadb:11.4"}}))
            (tmp_path / ".platform/routes.yaml").write_text(yaml.dump({"/": {"type": "upstream", "upstream": "a:http"}}))
            assert yaml.safe_load((tmp_path / ".platform" / "services.yaml").read_text())["db"]
        """,
        """
        import yaml
        def test_all(tmp_path):
            (tmp_path / ".upsun").mkdir()
            (tmp_path / ".upsun/config.yaml").write_text(yaml.dump({"applications": {"a": {"type": "php:8.4"}}}))
            (tmp_path / ".upsun" / "services.yaml").write_text(yaml.dump({"services": {"db": {"type": "mariadb:11.4"}}}))
            (tmp_path / ".upsun/routes.yaml").write_text(yaml.dump({"routes": {"/": {"type": "upstream", "upstream": "a:http"}}}))
            assert yaml.safe_load((tmp_path / ".upsun" / "services.yaml").read_text())["services"]["db"]
        """,
    ),
    "a helper that takes path and value": (
        """
        import yaml
        def save(path, value):
            with open(path, "w") as f:
                yaml.dump(value, f)
        save(".platform.app.yaml", build())
        """,
        """
        import yaml
        def save(path, value):
            with open(path, "w") as f:
                yaml.dump(value, f)
        save(".upsun/config.yaml", {"applications": {"shop": build()}})
        """,
    ),
    "ruamel.yaml to a path": (
        """
        from pathlib import Path
        from ruamel.yaml import YAML
        YAML().dump(build(), Path(".platform.app.yaml"))
        """,
        """
        from pathlib import Path
        from ruamel.yaml import YAML
        YAML().dump({"applications": {"shop": build()}}, Path(".upsun/config.yaml"))
        """,
    ),
    "a dump that is kept first": (
        """
        import yaml
        text = yaml.dump(build())
        with open(".platform.app.yaml", "w") as f:
            f.write(text)
        """,
        """
        import yaml
        text = yaml.dump({"applications": {"shop": build()}})
        with open(".upsun/config.yaml", "w") as f:
            f.write(text)
        """,
    ),
    "read, changed and written back": (
        """
        import yaml
        with open(".platform.app.yaml") as f:
            cfg = yaml.safe_load(f)
        cfg["type"] = "php:8.5"
        with open(".platform.app.yaml", "w") as f:
            yaml.dump(cfg, f)
        """,
        """
        import yaml
        with open(".upsun/config.yaml") as f:
            cfg = yaml.safe_load(f)["applications"]["shop"]
        cfg["type"] = "php:8.5"
        with open(".upsun/config.yaml", "w") as f:
            yaml.dump({"applications": {"shop": cfg}}, f)
        """,
    ),
    "an import that is not there": (
        """
        \"\"\"Writes.\"\"\"
        from __future__ import annotations
        import yaml  # from PyYAML

        def save(app):
            with open("/app/.platform.app.yaml", "x") as f:
                yaml.dump(app, f)
        """,
        """
        \"\"\"Writes.\"\"\"
        from __future__ import annotations
        import yaml  # from PyYAML
        import os

        def save(app):
            os.makedirs("/app/.upsun", exist_ok=True)
            with open("/app/.upsun/config.yaml", "x") as f:
                yaml.dump({"applications": {"shop": app}}, f)
        """,
    ),
    "a value in parentheses": (
        """
        import yaml
        with open(".platform.app.yaml", "w") as f:
            yaml.dump((first or second), f)
        """,
        """
        import yaml
        with open(".upsun/config.yaml", "w") as f:
            yaml.dump({"applications": {"shop": (first or second)}}, f)
        """,
    ),
}


@pytest.mark.parametrize("case", REWRITTEN)
def test_rewritten(case: str) -> None:
    rewritten(*REWRITTEN[case], project=ALONE)


LEFT: dict[str, tuple[str, str]] = {
    "a file to which is added": (
        'import yaml\nwith open(".platform.app.yaml", "a") as f:\n    yaml.dump(build(), f)\n',
        "it is opened in a mode that is not followed",
    ),
    "a mode that is not known": (
        'import yaml\nwith open(".platform.app.yaml", mode()) as f:\n    yaml.dump(build(), f)\n',
        "it is opened in a mode that is not followed",
    ),
    "several dumps to one file": (
        'import yaml\nwith open(".platform.app.yaml", "w") as f:\n    yaml.dump(a(), f)\n    yaml.dump(b(), f)\n',
        "it is written in several steps",
    ),
    "all documents": (
        'import yaml\nwith open(".platform.app.yaml", "w") as f:\n    yaml.dump_all([build()], f)\n',
        "the open file is passed on by `yaml.dump_all`, which is not known to be a YAML library",
    ),
    "another dump": (
        'import json\nwith open(".platform.app.yaml", "w") as f:\n    json.dump(build(), f)\n',
        "the open file is passed on by `json.dump`, which is not known to be a YAML library",
    ),
    "a text that is put together": (
        'with open(".platform.app.yaml", "w") as f:\n    f.write(build())\n',
        "what is written is no literal",
    ),
    "arguments that are unpacked": (
        'import yaml\nwith open(".platform.app.yaml", "w") as f:\n    yaml.dump(*[build()], f)\n',
        "what is dumped is not told by its place",
    ),
    "no place for a line before": (
        'import yaml\nsave = lambda root: yaml.dump(build(), open(root + "/.platform.app.yaml", "w"))\n',
        "the folder `.upsun` would have to be made first",
    ),
    "a path that is another each time": (
        'import yaml\nfrom pathlib import Path\n(Path(folder()) / ".platform.app.yaml").write_text(yaml.dump(build()))\n',
        "the folder `.upsun` would have to be made first",
    ),
    "a path of the same statement": (
        'import yaml\nimport pathlib\nwith folder() as d, open(d / ".platform.app.yaml", "w") as f:\n    yaml.dump(build(), f)\n',
        "the folder `.upsun` would have to be made first",
    ),
    "a path of the same line": (
        'import yaml\ndef save(root):\n    p = root + "/.platform.app.yaml"; yaml.dump(build(), open(p, "w"))\n',
        "the folder `.upsun` would have to be made first",
    ),
    "a name that hides `os`": (
        'import yaml\ndef save(os):\n    with open("/app/.platform.app.yaml", "w") as f:\n        yaml.dump(build(), f)\n',
        "`os` is something else here",
    ),
    "yaml is a parameter": (
        'import yaml\ndef save(yaml):\n    with open(".platform.app.yaml", "w") as f:\n        yaml.dump(build(), f)\n',
        "the open file is passed on by `yaml.dump`, which is not known to be a YAML library",
    ),
    "a helper that does more": (
        """
        import yaml
        def save(path, value):
            print(value)
            with open(path, "w") as f:
                yaml.dump(value, f)
        save(".platform.app.yaml", build())
        """,
        "`save` does more with what it writes",
    ),
    "a folder that is made too late": (
        """
        import os, yaml
        def save(root):
            with open(root + "/.platform.app.yaml", "w") as f:
                yaml.dump(build(), f)
            os.mkdir(root + "/.platform")
        """,
        "the folder `.upsun` is made later",
    ),
}


@pytest.mark.parametrize("case", LEFT)
def test_left_and_said(case: str) -> None:
    text, reason = LEFT[case]
    said = check_noop(text, project=ALONE)
    assert said[0].startswith("WL610 ")
    assert f"is left as it is: {reason}" in said[0]


def test_what_the_new_file_also_holds_would_be_lost() -> None:
    said = check_noop("import yaml\nwith open('.platform.app.yaml', 'w') as f:\n    yaml.dump(build(), f)\n", project=SHOP)
    assert len(said) == 1
    assert "is left as it is: `.upsun/config.yaml` also holds `routes`, `services`, which it would lose (line 3)" in said[0]


def test_an_application_with_a_file_of_its_own_is_written_whole() -> None:
    rewritten(
        "import yaml\nwith open('.platform.app.yaml', 'w') as f:\n    yaml.dump({'name': 'shop', 'disk': 5}, f)\n",
        "import yaml\nwith open('.upsun/shop.yaml', 'w') as f:\n    yaml.dump({'applications': {'shop': {}}}, f)\n",
        split=True,
    )


def test_one_of_several_applications_is_not_all() -> None:
    said = check_noop("import yaml\nwith open('/app/api/.platform.app.yaml', 'w') as f:\n    yaml.dump(build(), f)\n", project=FLEET)
    assert "`.upsun/config.yaml` also holds `web`, which it would lose" in said[0]


def test_paths_of_a_program_that_writes_change_together_or_not_at_all() -> None:
    said = check_noop(
        """
        import glob, yaml
        with open(".platform.app.yaml", "w") as f:
            yaml.dump(build(), f)
        print(glob.glob(".platform/*"))
        """,
        project=ALONE,
    )
    assert [one.partition(": ")[0] for one in said] == ["WL610 2", "WL610 4"]
    assert "this program writes files, and another of its paths cannot be followed (line 4)" in said[0]


def test_what_is_written_is_reported_where_it_is_not_known() -> None:
    said = rewritten(*REWRITTEN["an import that is not there"], project=ALONE)
    assert said == ["WL624 9: what `app` holds is not known"]


def test_a_file_in_a_folder_becomes_part_of_another() -> None:
    said = check_noop(
        "import yaml\ndef save(tmp_path):\n    (tmp_path / 'api' / '.platform.app.yaml').write_text(yaml.dump(build()))\n",
        app="api",
        project=FLEET,
    )
    assert "it is a file in `api/`, and is to become part of one in the folder above" in said[0]
