from __future__ import annotations

from functools import partial

import pytest
from tests.sources import ALONE, check_noop, check_rewritten, sides

rewritten = partial(check_rewritten, "python-strings", project=ALONE)
HEAD = "import os\nfrom pathlib import Path\nfrom textwrap import dedent\n"
MADE = 'Path("/app/.upsun/config.yaml").parent.mkdir(parents=True, exist_ok=True)\n'

# What is written, and what becomes of it.
REWRITTEN: dict[str, tuple[str, str]] = {
    "between three quotes": (
        '"""\\\n# The shop\nname: shop  # never change it\ntype: \'php:8.4\'\n"""',
        '"""\\\napplications:\n  # The shop\n  shop:  # never change it\n    type: \'php:8.4\'\n"""',
    ),
    "with an empty line first": ("'''\nname: shop\ntype: php:8.4\n'''", "'''\napplications:\n  shop:\n    type: php:8.4\n'''"),
    "on one line": ("'name: shop\\ntype: php:8.4\\n'", "'applications:\\n  shop:\\n    type: php:8.4\\n'"),
    "with quotes and backslashes": (
        r'"name: \"shop\"\nhooks:\n  build: \"a\\\\tb\"\n"',
        r'"applications:\n  \"shop\":\n    hooks:\n      build: \"a\\\\tb\"\n"',
    ),
    "with line endings of its own": (
        "'name: shop\\r\\ntype: php:8.4\\r\\n'",
        "'applications:\\r\\n  shop:\\r\\n    type: php:8.4\\r\\n'",
    ),
    "a raw string": (
        'r"""name: shop\nhooks: {build: "a\\\\b"}\n"""',
        'r"""applications:\n  shop:\n    hooks: {build: "a\\\\b"}\n"""',
    ),
    "in lines": (
        "(\n    'name: shop\\n'\n    'type: php:8.4\\n'\n    'disk: 5\\n'\n)",
        "(\n    'applications:\\n'\n    '  shop:\\n'\n    '    type: php:8.4\\n'\n)",
    ),
    "dedented": (
        'dedent("""\n        name: shop\n        hooks:\n            build: |\n                a\n\n                  b\n    """)',
        'dedent("""\n        applications:\n            shop:\n                hooks:\n                    build: |\n'
        + 24 * " "
        + "a\n\n"
        + 26 * " "
        + 'b\n    """)',
    ),
    "dedented and stripped": (
        'dedent("""\n    name: shop\n    type: php:8.4\n""").lstrip()',
        'dedent("""\n    applications:\n      shop:\n        type: php:8.4\n""").lstrip()',
    ),
    "a template of braces": (
        '"name: {name}\\ntype: {type}\\nvariables: {{env: {{A: b}}}}\\n".format(name=n, type=t)',
        '"applications:\\n  {name}:\\n    type: {type}\\n    variables: {{env: {{A: b}}}}\\n".format(name=n, type=t)',
    ),
    "a template of percent signs": (
        "\"name: %s\\ntype: '%s'\\nhooks: {build: date +%%F}\\n\" % (n, t)",
        "\"applications:\\n  %s:\\n    type: '%s'\\n    hooks: {build: date +%%F}\\n\" % (n, t)",
    ),
    "an f-string": (
        'f"""name: {n}\ntype: "{t!s}"\nsize: {size}\nvariables: {{env: {{A: {a[0]}}}}}\n"""',
        'f"""applications:\n  {n}:\n    type: "{t!s}"\n    variables: {{env: {{A: {a[0]}}}}}\n"""',
    ),
    "a text for somebody else's template": (
        '"""name: {{ name }}\ncrons:\n  a: {spec: "{{ spec }}", cmd: ./a}\n"""',
        '"""applications:\n  {{ name }}:\n    crons:\n      a: {spec: "{{ spec }}", commands: {start: ./a}}\n"""',
    ),
    "in bytes": ("'name: shop\\n'.encode()", "'applications:\\n  shop: {}\\n'.encode()"),
}


@pytest.mark.parametrize("case", REWRITTEN)
def test_rewritten(case: str) -> None:
    before, after = REWRITTEN[case]
    write = "write_bytes" if case == "in bytes" else "write_text"
    rewritten(
        f'{HEAD}Path("/app/.platform.app.yaml").{write}({before})\n',
        f'{HEAD}{MADE}Path("/app/.upsun/config.yaml").{write}({after})\n',
    )


def test_a_template_of_jinja_with_a_name_of_its_own() -> None:
    said = rewritten(
        """
        import jinja2
        TEXT = '''
        name: {{ name }}
        disk: {{ disk }}
        mounts: {/x: 'shared:files/x'}
        '''
        def save(tmp_path):
            (tmp_path / ".platform.app.yaml").write_text(jinja2.Template(TEXT).render(name="a", disk=5))
        """,
        """
        import jinja2
        TEXT = '''
        applications:
          {{ name }}:
            mounts: {/x: {source: instance, source_path: x}}
        '''
        def save(tmp_path):
            (tmp_path / ".upsun/config.yaml").parent.mkdir(parents=True, exist_ok=True)
            (tmp_path / ".upsun/config.yaml").write_text(jinja2.Template(TEXT).render(name="a", disk=5))
        """,
    )
    assert said == ["WL623 9: `{{ disk }}` is not written any more: it was the value of a key that left"]


def test_services_and_routes_of_a_temporary_project() -> None:
    rewritten(
        """
        def save(tmp_path):
            (tmp_path / ".platform").mkdir()
            with open(tmp_path / ".platform" / "services.yaml", "w") as f:
                f.write("db:\\n    type: mariadb:11.4\\n    disk: 512\\n")
            with open(tmp_path / ".platform" / "routes.yaml", "w") as f:
                f.write("https://{default}/: {type: upstream, upstream: 'app:http'}\\n")
        """,
        """
        def save(tmp_path):
            (tmp_path / ".upsun").mkdir()
            with open(tmp_path / ".upsun" / "services.yaml", "w") as f:
                f.write("services:\\n  db:\\n      type: mariadb:11.4\\n")
            with open(tmp_path / ".upsun" / "routes.yaml", "w") as f:
                f.write("routes:\\n  https://{default}/: {type: upstream, upstream: 'app:http'}\\n")
        """,
    )


LEFT: dict[str, tuple[str, str]] = {
    "a part of a value": ('f"name: shop\\ntype: php:{version}\\n"', "its placeholder `{version}` is a part of a value only"),
    "a part of a key": ('"name: shop\\nvariables: {env: {{a}_b: c}}\\n"', "it is no YAML"),
    "a comment": ('"name: shop  # %s\\n" % x', "it has a placeholder that is no value"),
    "places that change their order": (
        '"name: shop\\ndisk: %s\\ntype: %s\\n" % (d, t)',
        "its placeholders count by their order, which changes",
    ),
    "numbered by their place": (
        '"name: shop\\ndisk: {}\\ntype: {}\\n".format(d, t)',
        "its placeholders count by their order, which changes",
    ),
    "statements": ('"name: shop\\n{% if x %}type: php:8.4\\n{% endif %}"', "it is a template with statements in it"),
    "no YAML": ('"name: shop\\n  type: x\\n"', "it is no YAML"),
    "no application": ('"type: php:8.4\\n"', "as `.platform.app.yaml` it could not be migrated: expected `name`"),
    "put together": ('"name: shop\\n" + REST', "what is written is no literal"),
    "a function's": ("text()", "what is written is no literal"),
    "unusual escapes": ('"name: sh\\x6fp\\n"', "it is written with unusual escapes"),
    "parts that are no lines": ('"name: " "shop\\n"', "its parts are no lines"),
    "filled in twice": ('(f"name: {n}\\n" % x)', "it is filled in twice"),
    "replaced in": ('"name: X\\n".replace("X", n)', "what is written is no literal"),
}


@pytest.mark.parametrize("case", LEFT)
def test_left_and_said(case: str) -> None:
    text, reason = LEFT[case]
    (said,) = check_noop(f'from pathlib import Path\nPath("/app/.platform.app.yaml").write_text({text})\n', project=ALONE)
    assert said.startswith("WL610 2: ")
    assert f"is left as it is: {reason}" in said


def test_a_text_that_is_used_elsewhere_is_left() -> None:
    (said,) = check_noop(
        """
        TEXT = "name: shop\\n"
        print(TEXT)
        with open("/app/.platform.app.yaml", "w") as f:
            f.write(TEXT)
        """,
        project=ALONE,
    )
    assert "`TEXT`, which is written, is used elsewhere, too" in said


def test_a_text_in_several_steps_is_left() -> None:
    (said,) = check_noop(
        'with open("/app/.platform.app.yaml", "w") as f:\n    f.write("name: shop\\n")\n    f.write("type: php:8.4\\n")\n', project=ALONE
    )
    assert "it is written in several steps" in said


def test_what_is_written_tells_what_is_read_back() -> None:
    """Each test has a folder of its own, and so an application of its own."""
    assert (
        rewritten(
            """
        import yaml
        def test_a(tmp_path):
            (tmp_path / ".platform.app.yaml").write_text("name: a\\ntype: php:8.4\\n")
            assert yaml.safe_load((tmp_path / ".platform.app.yaml").read_text())["name"] == "a"
        def test_b(tmp_path):
            app = tmp_path / ".platform.app.yaml"
            app.write_text("name: b\\ntype: php:8.4\\n")
            assert app.exists() and yaml.safe_load(app.read_text())["type"] == "php:8.4"
        """,
            """
        import yaml
        def test_a(tmp_path):
            (tmp_path / ".upsun/config.yaml").parent.mkdir(parents=True, exist_ok=True)
            (tmp_path / ".upsun/config.yaml").write_text("applications:\\n  a:\\n    type: php:8.4\\n")
            assert "a" == "a"
        def test_b(tmp_path):
            app = tmp_path / ".upsun/config.yaml"
            app.parent.mkdir(parents=True, exist_ok=True)
            app.write_text("applications:\\n  b:\\n    type: php:8.4\\n")
            assert app.exists() and yaml.safe_load(app.read_text())["applications"]["b"]["type"] == "php:8.4"
        """,
        )
        == []
    )


def test_which_of_several_is_read_back_is_not_known() -> None:
    said = check_noop(
        """
        import yaml
        def make(tmp_path, other):
            (tmp_path / ".platform.app.yaml").write_text("name: a\\n")
            with open(tmp_path / ".platform.app.yaml", "w") as f:
                yaml.dump({"name": "b"}, f)
        def read(tmp_path):
            print(yaml.safe_load((tmp_path / ".platform.app.yaml").read_text()))
        """,
        project=ALONE,
    )
    assert any("this program writes such files, and which one is read is not known" in one for one in said)


def test_what_is_written_elsewhere_is_not_read_back() -> None:
    before, after = sides(
        """
          import sys, yaml
          from pathlib import Path
          HERE, OUT = Path(__file__).parent, Path(sys.argv[1])
        - (OUT / ".platform.app.yaml").write_text("name: blog\\n")
        - print(yaml.safe_load(open("{}/.platform.app.yaml".format(HERE)))["type"])
        + (OUT / ".upsun/config.yaml").parent.mkdir(parents=True, exist_ok=True)
        + (OUT / ".upsun/config.yaml").write_text("applications:\\n  blog: {}\\n")
        + print(yaml.safe_load(open("{}/.upsun/config.yaml".format(HERE)))["applications"]["shop"]["type"])
        """
    )
    rewritten(before, after)
    said = check_noop(before.replace("HERE)))", "sys.argv[2])))"), project=ALONE)
    assert any("this program writes such files, and which one is read is not known" in one for one in said)


def test_a_name_that_is_a_placeholder_is_not_read_back() -> None:
    said = check_noop(
        """
        import yaml
        def make(tmp_path, name):
            (tmp_path / ".platform.app.yaml").write_text(f"name: {name}\\n")
            print(yaml.safe_load((tmp_path / ".platform.app.yaml").read_text())["type"])
        """,
        project=ALONE,
    )
    assert any("the name of the application in it is not known" in one for one in said)


def test_yaml_that_is_written_nowhere_stays() -> None:
    assert check_noop('import yaml\nprint(yaml.safe_load("name: shop\\ndisk: 5\\n"))\n', project=ALONE) == []


def test_what_leaves_a_text_is_told() -> None:
    said = rewritten(
        'with open("/app/.upsun/../.platform.app.yaml", "w") as f:\n    f.write("name: shop\\ndisk: 5\\n")\n'.replace(".upsun/../", ""),
        'import os\nos.makedirs("/app/.upsun", exist_ok=True)\nwith open("/app/.upsun/config.yaml", "w") as f:\n'
        '    f.write("applications:\\n  shop: {}\\n")\n',
    )
    assert said == ["WL623 4: resources left this definition"]
