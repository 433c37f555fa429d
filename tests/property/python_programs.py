"""Programs that read, write and name old files in the ways in which people do, made up at random, with much around that is none of ours."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from attrs import define, field, frozen
from hypothesis import strategies as st
from hypothesis.strategies import DrawFn
from tests.property.choices import Choices

APP, SERVICES, ROUTES = ".platform.app.yaml", ".platform/services.yaml", ".platform/routes.yaml"
NOISE = "noise"  # each line with this word must stay as it is, to the letter

HEAD = """\
import io, json, os, sys
import yaml
import yaml as y
from os.path import join as joined
from pathlib import Path
from textwrap import dedent
from yaml import SafeLoader, safe_load
import ruamel.yaml
HERE = Path(__file__).resolve().parent
OUT = Path(os.environ["OUT"])
round = ruamel.yaml.YAML(typ="safe", pure=True)
def load(path):
    with open(path) as stream:
        return yaml.safe_load(stream)
def save(path, value):
    with open(path, "w") as stream:
        yaml.dump(value, stream)
"""
OTHERS = (
    "x{n} = {{'size' :  'S' ,  \"disk\":5,}}  # noise {n}",
    "def f{n}( a,b = 1,*c ) : return a  # noise {n}",
    "# noise {n}: see .platform.app.yaml, `disk` and \u00e9\U0001f600",
    "x{n} = lambda  path='noise' : path  # type: ignore",
    "x{n} = '''noise{n}\n  disk: 512\n\tname: x'''",
    "assert  sys.platform  # noise {n}",
    "x{n} = r'\\d noise' ; y{n} = b'noise'  ;  z{n} = f\"{{1 :>4}}noise{{'a'!r}}\"",
    "\x0cx{n} = 0x_f + 1_0.0e1j  # noise",
    "if  True : pass  # noise {n}",
    "x{n} = [ d for d in ({{'name':'noise'}},) if d ['name'] ]  # noise",
)
USES = {
    APP: (
        '{0}["type"]',
        '{0}["name"]',
        "{0}['name'] + '--queue'",
        '{0}.get("type", "none")',
        'sorted({0}["workers"])',
        '{0}["workers"]["queue"]["commands"]["start"]',
        '[w["commands"]["start"] for w in {0}["workers"].values()]',
        "f\"{{{0}['name']}} is {{{0}['type']}}\"",
        '({0} or {{}}).get("type")',
        '"workers" in {0}',
    ),
    SERVICES: ("sorted({0})", '{0}["db"]["type"]', '{{k: v["type"] for k, v in {0}.items()}}', '"db" in {0}'),
    ROUTES: ("list({0})", '[r["upstream"] for r in {0}.values()]', "len({0})"),
}
# What ends the search for a path: then all stays, and is reported.
LOST = ("[{0}]", "str({0}).upper()", "{0} == 'x'", "{{1: {0}}}", "os.fsencode({0})", "len({0}) if {0} else 0")
DEFINITIONS = ("name", "type", "disk", "size", "mounts", "workers", "crons", "variables")


@frozen
class Program:
    """A program, and whether each of its paths is one that is followed."""

    text: str
    followed: bool


@define
class _Maker:
    choices: Choices
    lines: list[str] = field(factory=list)
    indent: int = 0
    names: int = 0
    followed: bool = True
    written: set[str] = field(factory=set)

    def name(self) -> str:
        self.names += 1
        return f"v{self.names}"

    def put(self, *lines: str) -> None:
        for line in lines:
            first, *rest = line.split("\n")
            self.lines.append(first if first.startswith("\x0c") and not self.indent else " " * 4 * self.indent + first.lstrip("\x0c"))
            self.lines += rest

    def quoted(self, text: str) -> str:
        return self.choices.one(('"{}"', "'{}'", 'r"{}"', '"""{}"""')).format(text)

    # ---- paths

    def path(self, file: str, base: str) -> tuple[str, bool]:
        """An expression for a file in the folder that `base` names, and whether it is a pathlib.Path."""
        q, folder, name = self.quoted, *file.rpartition("/")[::2]
        forms: list[tuple[str, bool]] = [
            (f"os.path.join({base}, {q(file)})", False),
            (f"joined(str({base}), {q(file)})", False),
            (f"{base} / {q(file)}", True),
            (f"{base}.joinpath({q(file)})", True),
            (f"Path({base}, {q(file)})", True),
            (f'f"{{{base}}}/{file}"', False),
            (f'"%s/{file}" % {base}', False),
            (f'"{{}}/{file}".format({base})', False),
            (f'str({base}) + "/{file}"', False),
        ]
        if folder:
            forms += [(f"{base} / {q(folder)} / {q(name)}", True), (f"os.path.join({base}, {q(folder)}, {q(name)})", False)]
        if base == "HERE":
            forms += [
                (q(file), False),
                (f"Path({q(file)})", True),
                (f"Path.cwd() / {q(file)}", True),
                (f"os.path.abspath({q(file)})", False),
            ]
        expression, is_object = self.choices.one(forms)
        if "/ " in expression and is_object:
            expression = f"({expression})"
        if self.choices.chance(40):
            return self.bound(expression), is_object
        if self.choices.chance(15):
            made = self.name()
            self.put(f"def {made}():", f"    return {expression}")
            return f"{made}()", is_object
        return expression, is_object

    def bound(self, expression: str) -> str:
        """A name that an expression is assigned to."""
        name, other = self.name(), self.name()
        form = self.choices.one(("plain", "plain", "annotated", "declared", "several", "side by side", "walrus"))
        lines = {
            "plain": [f"{name} = {expression}"],
            "annotated": [f"{name}: object = {expression}"],
            "declared": [f"{name}: object", f"{name} = {expression}"],
            "several": [f"{other} = {name} = {expression}"],
            "side by side": [f"{name}, {other} = {expression}, 1"],
            "walrus": [f"if ({name} := {expression}) is None: pass"],
        }
        self.put(*lines[form])
        return name

    # ---- what is done with them

    def read(self) -> None:
        file = self.choices.one((APP, APP, SERVICES, ROUTES))
        path, is_object = self.path(file, "HERE")
        loader = self.choices.one(("yaml.safe_load({})", "y.load({}, Loader=SafeLoader)", "safe_load({})", "round.load({})"))
        ways = [f"open({path})", f"open({path}, encoding='utf-8').read()", f"io.open(file={path})", f"Path({path}).read_text()"]
        if is_object:
            ways += [f"{path}.open()", f"{path}.read_bytes()"]
        form = self.choices.one(("with", "one", "helper", "inline"))
        if form == "with":
            stream = self.name()
            self.put(f"with open({path}) as {stream}:  # kept")
            self.indent += 1
            self.use(file, self.bound(loader.format(stream)))
            self.indent -= 1
            return
        loaded = f"load({path})" if form == "helper" else loader.format(self.choices.one(ways))
        self.use(file, loaded if form == "inline" else self.bound(loaded))

    def use(self, file: str, value: str) -> None:
        uses = [use for use in USES[file] if value.isidentifier() or not use.startswith("f")]
        for _ in range(self.choices.number(1, 3) if value.isidentifier() else 1):
            self.put(f"print({self.choices.one(uses).format(value)})")
        if file == APP and value.isidentifier() and self.choices.chance(20):
            self.put(f'match {value}["type"].split(":"):', "    case [a, b]:", "        print(a, b)")

    def ask(self) -> None:
        path, is_object = self.path(self.choices.one((APP, SERVICES, ".platform")), "HERE")
        forms = [f"os.path.exists({path})", f"bool(os.stat({path}).st_size)"] + [f"{path}.exists()"] * is_object
        self.put(f"print({self.choices.one(forms)})")

    def lose(self) -> None:
        path, _ = self.path(self.choices.one((APP, SERVICES)), "HERE")
        self.followed = False
        self.put(f"print(bool({self.choices.one(LOST).format(path)}))")

    def write(self) -> None:
        file = self.choices.one([file for file in (APP, SERVICES, ROUTES) if file not in self.written] or ("",))
        if not file or self.indent:
            return
        self.written.add(file)
        if file != APP and not self.written & {"folder"}:
            self.written.add("folder")
            self.put(self.choices.one(('(OUT / ".platform").mkdir(exist_ok=True)', 'os.makedirs(OUT / ".platform", exist_ok=True)')))
        text = self.choices.chance(40)
        value = self.text(file) if text else self.display(self.definition(file))
        if self.choices.chance(50):
            value = self.bound(value)
        if file == APP and not text and self.choices.chance(30) and value.startswith("v"):
            self.put(f'{value}["crons"] = {{"c": {{"spec": "0 1 * * *", "cmd": "./c"}}}}')
        path, is_object = self.path(file, "OUT")
        if text:
            forms = [f"Path({path}).write_text({value})"] + [f"{path}.write_text({value})"] * is_object
            self.put(self.choices.one(forms))
        elif self.choices.chance(30):
            self.put(f"save({path}, {value})")
        else:
            stream = self.name()
            self.put(f"with open({path}, 'w') as {stream}:", f"    yaml.dump({value}, {stream}, sort_keys=False)")

    def definition(self, file: str) -> dict[str, object]:
        if file == SERVICES:
            return {"cache": {"type": "redis:7.2", "disk": 512}}
        if file == ROUTES:
            return {"https://blog.{default}/": {"type": "upstream", "upstream": "blog:http"}}
        parts: dict[str, object] = {
            "disk": 512,
            "size": "S",
            "mounts": {"/a": "shared:files/a", "b": {"source": "local", "source_path": "b"}},
            "workers": {"queue": {"size": "M", "commands": {"start": "./q 'x'"}}},
            "crons": {"c": {"spec": "H * * * *", "cmd": 'echo "a"'}},
            "variables": {"env": {"size": "S", "name": "disk"}},
        }
        chosen = [key for key in parts if self.choices.chance(50)]
        found = {"name": "blog", "type": "php:8.4", **{key: parts[key] for key in chosen}}
        order = sorted(found, key=lambda _: self.choices.number(0, 9))
        return {key: found[key] for key in order}

    def display(self, value: object, *, top: bool = True) -> str:
        """Source for a definition: on one line, or with a line and a comment for each key."""
        if not isinstance(value, dict):
            return json_like(value, self.choices.one("'\""))
        pairs = [(key, self.display(inner, top=False)) for key, inner in value.items()]
        if self.choices.chance(20) and all(key.isidentifier() for key in value):
            return f"dict({', '.join(f'{key}={inner}' for key, inner in pairs)})"
        if top and self.choices.chance(50):
            pad = " " * 4 * self.indent
            kept = {key: f"  # keep {key}" if key in ("type", "variables") else "" for key in value}
            return "{\n" + "".join(f"{pad}    {key!r}: {inner},{kept[key]}\n" for key, inner in pairs) + pad + "}"
        comma = self.choices.one(("", ",", " , "))
        return "{" + ", ".join(f"{json_like(key, self.choices.one(chr(39) + chr(34)))}: {inner}" for key, inner in pairs) + comma + "}"

    def text(self, file: str) -> str:
        """A literal of YAML."""
        lines = yaml_lines(self.definition(file))
        if file == APP and self.choices.chance(50):
            lines.insert(0, "# Keep this")
        form = self.choices.one(("triple", "escaped", "dedent", "lines", "format", "percent", "f"))
        body = "\n".join(lines) + "\n"
        if form in ("triple", "dedent"):
            body = body.replace("\\", "\\\\")
            return (
                f"'''\\\n{body}'''"
                if form == "triple"
                else "dedent('''\n" + "".join(f"    {line}\n" for line in body.splitlines()) + "''')"
            )
        if form == "lines":
            return "(" + "\n    ".join(repr(line + "\n") for line in lines) + ")"
        if form == "format" and "type: php:8.4\n" in body:
            body = body.replace("{", "{{").replace("}", "}}").replace("type: php:8.4\n", "type: {kind}\n")
            return f"{body!r}.format(kind='php:8.4')"
        if form == "percent" and "type: php:8.4\n" in body:
            return f"{body.replace('type: php:8.4', 'type: %s')!r} % ('php:8.4',)"
        if form == "f" and "type: php:8.4\n" in body:
            body = body.replace("{", "{{").replace("}", "}}").replace("type: php:8.4\n", "type: {sys.argv[0]}\n")
            return "f" + repr(body)
        return repr(body)

    # ---- what they stand in

    def site(self) -> None:
        step: Callable[[], None] = self.choices.one(
            (self.read, self.read, self.read, self.ask, self.write, self.write, self.message, self.lose)
        )
        if step == self.lose and not self.choices.chance(30):
            step = self.read
        around = self.choices.one(("", "", "", "function", "if", "try", "match", "for", "nested"))
        if not around or self.indent > 2 or step == self.write:
            step()
            return
        name, before = self.name(), self.indent
        opening = {
            "function": [f"def {name}():"],
            "nested": [f"def {name}():", "    def inner():"],
            "if": ["if HERE:"],
            "try": ["try:"],
            "match": ["match 1:", "    case 1:"],
            "for": [f"for {name} in range(1):"],
        }[around]
        self.put(*opening)
        self.indent += len(opening)
        self.noise()
        step()
        self.put("pass")
        self.indent = before
        closing = {"function": [f"{name}()"], "nested": ["    inner()", f"{name}()"], "try": ["except OSError:", "    raise"]}.get(
            around, []
        )
        self.put(*closing)

    def message(self) -> None:
        file = self.choices.one((APP, SERVICES, ROUTES))
        self.put(f"sys.stderr.write({self.quoted('see ' + file)})")

    def noise(self) -> None:
        if self.choices.chance(40):
            self.names += 1
            self.put(self.choices.one(OTHERS).format(n=self.names))


def json_like(value: object, quote: str) -> str:
    return f"{quote}{value}{quote}" if isinstance(value, str) and "'" not in value and '"' not in value else repr(value)


def yaml_lines(value: dict[str, object], indent: int = 0) -> list[str]:
    out: list[str] = []
    for key, inner in value.items():
        shown = f'"{key}"' if "{" in key else key
        if isinstance(inner, dict):
            out += [" " * indent + f"{shown}:", *yaml_lines(inner, indent + 4)]
        else:
            out.append(
                " " * indent + f"{shown}: " + (f"'{inner}'" if isinstance(inner, str) and " " in inner and "'" not in inner else str(inner))
            )
    return out


@st.composite
def programs(draw: DrawFn) -> Program:
    """A program of a few reads, writes and mentions."""
    maker = _Maker(Choices(draw))
    if maker.choices.chance(30):
        maker.put('"""Reads .platform.app.yaml. noise"""', "from __future__ import annotations")
    maker.put(*HEAD.splitlines())
    for _ in range(maker.choices.number(1, 5)):
        maker.noise()
        maker.site()
    text = "\n".join(maker.lines) + maker.choices.one(("\n", "", "\n\n# noise at the end\n"))
    lines: Sequence[str] = ("\n", "\n", "\r\n")
    return Program(text.replace("\n", maker.choices.one(lines)), maker.followed)
