"""A Hypothesis strategy for whole PROJECTS in old layouts, their files written with all that authors write and dumpers never do."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeAlias

from attrs import define, field
from hypothesis import strategies as st
from tests.property.yaml_texts import COMMENTS, Writer

Data: TypeAlias = "str | list[Data] | dict[str, Data] | None"

ANY = "<any>"  # in data: whatever YAML can say
COMMANDS = (
    "make",
    "npm ci",
    "php bin/console cache:clear",
    "./run --all # x",
    "echo 'a: b'",
    "set -e\nmake\n",
    "make\n\n  make test\n\n",
    "a  b \\\n c\n",
)
NAMES = ("shop", "api", "queue", "mail", "db", "cache", "files", "search")
PLACES = ("/var", "tmp", "/public/files", "var/log", "/a b")


@define
class ProjectWriter(Writer):
    """Writes the files of one project."""

    shared: dict[str, list[str]] = field(factory=dict)  # by kind of value: anchors of this file that stand for one

    # ---- what projects say

    def some(self, pairs: dict[str, Callable[[], Data]]) -> dict[str, Data]:
        """Some of these keys, in some order."""
        names = [name for name in pairs if self.chance(45)]
        if names and self.chance(50):
            cut = self.number(0, len(names) - 1)
            names = names[cut:] + names[:cut]
        return {name: pairs[name]() for name in names}

    def named(self, names: tuple[str, ...], make: Callable[[], Data]) -> dict[str, Data]:
        return {name: make() for name in names if self.chance(30)} or {self.one(names): make()}

    def command(self) -> Data:
        return self.one(COMMANDS)

    def mount(self) -> Data:
        source = self.one(("local", "instance", "service", "tmp", "storage"))
        if self.chance(40):
            return self.one(("shared:files/x", "shared:files", "local:x/y", "storage:a"))
        return {
            "source": source,
            **({"source_path": self.one(("x", "a/b", ""))} if self.chance(70) else {}),
            **({"service": "files"} if source == "service" else {}),
        }

    def cron(self) -> Data:
        spec: dict[str, Data] = {"spec": self.one(("H * * * *", "*/5 * * * *"))}
        way = self.number(0, 2)
        if way == 0:
            spec["cmd"] = self.command()
        else:
            spec["commands"] = {"start": self.command()}
        return {**spec, **self.some({"timeout": lambda: "60", "shutdown_timeout": lambda: "5"})}

    def relationship(self) -> Data:
        kinds: tuple[Data, ...] = ("db:mysql", "cache:redis", None, {"service": "db", "endpoint": "mysql"})
        return self.one(kinds)

    def shared_properties(self) -> dict[str, Callable[[], Data]]:
        """What an application and its workers may both have."""
        return {
            "size": lambda: self.one(("S", "M", "auto")),
            "disk": lambda: self.one(("512", "2048")),
            "resources": lambda: {"base_memory": "64", "memory_ratio": "128"},
            "mounts": lambda: self.named(PLACES, self.mount),
            "relationships": lambda: self.named(("database", "redis", "db"), self.relationship),
            "variables": lambda: {"env": self.named(("A", "B_C", "d"), lambda: ANY), **self.some({"php": lambda: {"memory_limit": ANY}})},
            "access": lambda: {"ssh": self.one(("viewer", "admin"))},
            "timezone": lambda: "Europe/Paris",
        }

    def worker(self) -> Data:
        return {"commands": {"start": self.command()}, **self.some(self.shared_properties())}

    def application(self, name: str | None) -> dict[str, Data]:
        """An application; with its name as a key if that is given."""
        out: dict[str, Data] = {} if name is None else {"name": name}
        out["type"] = self.one(("php:8.3", "nodejs:20", "python:3.12"))
        properties = self.shared_properties() | {
            "hooks": lambda: self.named(("build", "deploy", "post_deploy"), self.command),
            "crons": lambda: self.named(("a", "b", "c d"), self.cron),
            "workers": lambda: self.named(("queue", "mail", "w3"), self.worker),
            "web": lambda: {
                "commands": {"start": self.command()},
                "locations": {
                    "/": {
                        "root": "public",
                        "passthru": "/index.php",
                        **self.some({"rules": lambda: {"\\.css$": {"allow": "true"}}, "expires": lambda: "1h"}),
                    }
                },
            },
            "dependencies": lambda: {"php": {"composer/composer": "^2"}, "nodejs": {"yarn": "'*'"}},
            "build": lambda: {"flavor": "none"},
            "runtime": lambda: {"extensions": ["redis", "apcu"]},
            "source": lambda: {"operations": {"up": {"command": self.command()}}},
            "x-own": lambda: ANY,
        }
        more = self.some(properties)
        if self.chance(30):
            out = more | out  # the name somewhere below
        return out | more

    def service(self) -> Data:
        return {
            "type": self.one(("mysql:10.6", "redis:7.0", "network-storage:2.0")),
            **self.some(
                {"disk": lambda: "1024", "size": lambda: "M", "resources": lambda: {"base_memory": "64"}, "configuration": lambda: ANY}
            ),
        }

    def route(self) -> Data:
        if self.chance(30):
            return {"type": "redirect", "to": "https://{default}/"}
        return {
            "type": "upstream",
            "upstream": "shop:http",
            **self.some({"cache": lambda: {"enabled": "true", "cookies": ["'*'"]}, "id": lambda: "main"}),
        }

    # ---- how they are written

    def file(self, data: Data, kind: str) -> str:
        """A file that says `data`."""
        self.anchors, self.mappings, self.shared = [], [], {}
        lines = self.gap(0)
        if self.chance(15):
            lines += ["%YAML 1.2"] if self.chance(20) else []
            lines.append(self.one(("---", "--- # c")))
        if isinstance(data, dict):
            lines += self.pairs(data, 0, kind)
        else:
            assert isinstance(data, list)
            lines += self.items(data, 0, kind)
        lines += self.gap(0)
        if self.chance(7):
            lines += ["...", *self.gap(0)]
        return "\n".join(lines) + ("" if self.chance(15) else "\n")

    def pairs(self, data: dict[str, Data], column: int, kind: str) -> list[str]:
        """The lines of a block mapping."""
        out: list[str] = []
        indent = " " * column
        for name, value in data.items():
            out += self.gap(column)
            if name == "<<":
                out.append(f"{indent}<<: *{value}{self.beside()}")
                continue
            key = self.one((name, name, name, f"'{name}'", f'"{name}"')) if "\\" not in name else f"'{name}'"
            below = f"{kind}.{name}"
            if self.chance(4):
                first, *rest = self.written_out(value, column, below, dedent=False)
                out += [f"{indent}? {key}{self.beside()}", f"{indent}:{first}", *rest]
            else:
                first, *rest = self.written_out(value, column, below, dedent=True)
                out += [f"{indent}{key}{self.one((':', ':', ':', ' :'))}{first}", *rest]
        return out

    def items(self, data: list[Data], column: int, kind: str) -> list[str]:
        """The lines of a block sequence."""
        out: list[str] = []
        for item in data:
            out += self.gap(column)
            dash = " " * column + "-"
            if isinstance(item, dict) and item and self.chance(80):
                wide = self.one((1, 1, 3))
                first, *rest = self.pairs(item, column + 1 + wide, f"{kind}.-")
                if first.strip()[:1] in ("#", ""):
                    out += [dash, first, *rest]
                else:
                    out += [dash + first[column + 1 :], *rest]
            else:
                first, *rest = self.written_out(item, column, f"{kind}.-", dedent=False)
                out += [dash + first, *rest]
        return out

    def written_out(self, data: Data, column: int, kind: str, *, dedent: bool) -> list[str]:
        """What stands behind a colon or dash at `column`: the rest of its line, and the lines below."""
        kind = ".".join(
            part if part.islower() and part not in (*NAMES, *PLACES, "a", "b", "c d", "w3") else "*" for part in kind.split(".")
        )
        if data == ANY:
            self.left = 4
            return self.value(column, sequence_may_dedent=dedent)
        known = self.shared.get(kind, [])
        if known and self.chance(25):
            return [f" *{self.one(known)}{self.beside()}"]
        marks, anchor = "", ""
        if self.chance(10) and kind not in ("apps.-", "apps.*"):  # a whole application has a name, which would be missed elsewhere
            self.count += 1
            anchor = f"n{self.count}"
            marks = f" &{anchor}"
        if isinstance(data, dict) and known and self.chance(30):
            base = self.one(known)
            if base in self.mappings:
                own = {k: v for k, v in data.items() if self.chance(50)}
                data = {"<<": base, **own}
        lines = self.styled(data, column, kind, marks=bool(marks), dedent=dedent)
        if anchor:
            self.anchors.append(anchor)
            self.shared.setdefault(kind, []).append(anchor)
            if isinstance(data, dict):
                self.mappings.append(anchor)
        return [marks + lines[0], *lines[1:]]

    def styled(self, data: Data, column: int, kind: str, *, marks: bool, dedent: bool) -> list[str]:
        if data is None:
            return [self.beside()]
        if isinstance(data, str):
            return self.text(data, column)
        if not data or (self.chance(15) and can_be_flow(data)):
            return [f" {self.braces(data)}{self.beside()}"]
        if isinstance(data, dict):
            return [self.beside(), *self.pairs(data, column + self.one((2, 2, 4, 3)), kind)]
        return [self.beside(), *self.items(data, column + self.one((0, 2, 4) if dedent else (2, 4)), kind)]

    def text(self, value: str, column: int) -> list[str]:
        """A scalar that says `value`."""
        if "\n" in value or self.chance(10):
            deep = " " * (column + self.number(1, 4))
            chomping = "" if value.endswith("\n") and not value.endswith("\n\n") else "+" if value.endswith("\n") else "-"
            comment = f" {self.one(COMMENTS)}" if self.chance(10) else ""
            lines = value.removesuffix("\n").split("\n")
            return [f" |{chomping}{comment}", *(deep + line if line else "" for line in lines)]
        if self.chance(6):
            return [self.beside(), f"{' ' * (column + 2)}{plain(value)}{self.beside()}"]
        written = self.one(
            (
                plain(value),
                plain(value),
                plain(value),
                quoted(value),
                f'"{value}"' if "\\" not in value and '"' not in value else quoted(value),
            )
        )
        return [f" {written}{self.beside()}"]

    def braces(self, data: Data) -> str:
        if isinstance(data, dict):
            return (
                "{" + self.one(("", " ")) + ", ".join(f"{self.one((plain(k), quoted(k)))}: {self.braces(v)}" for k, v in data.items()) + "}"
            )
        if isinstance(data, list):
            return "[" + ", ".join(map(self.braces, data)) + "]"
        if data is None:
            return "null"
        return self.flow(0) if data == ANY else quoted(data) if set(data) & set(" ,:?*'#{}[]") and data[0] != "'" else data


def plain(value: str) -> str:
    """A scalar without quotes, unless it needs them."""
    needs_quotes = not value or value[0] in '*\\&"{[|>%@`#!' or ": " in value or " #" in value
    return quoted(value) if needs_quotes else value


def quoted(value: str) -> str:
    return value if value[:1] == "'" and value[-1:] == "'" else "'" + value.replace("'", "''") + "'"


def can_be_flow(data: Data) -> bool:
    if isinstance(data, str):
        return "\n" not in data
    if isinstance(data, dict):
        return all(map(can_be_flow, (*data, *data.values()))) and "<<" not in data
    return data is None or all(map(can_be_flow, data))


def write_project(writer: ProjectWriter) -> dict[str, bytes]:
    """The files of a project, by path."""
    texts: dict[str, str] = {}
    folder, single = writer.one(
        ((".platform", ".platform.app.yaml"), (".platform", ".platform.app.yaml"), (".symfony", ".symfony.cloud.yaml"))
    )
    names = NAMES[: writer.number(1, 2)]
    if folder == ".platform" and writer.chance(40):
        data: Data = [writer.application(name) for name in names]
        if writer.chance(40):
            data = {name: writer.application(None) for name in names}
            if writer.chance(30):
                data = {".base": ANY, **data}
        texts[".platform/applications.yaml"] = writer.file(data, "apps")
    else:
        for index, name in enumerate(names):
            texts[f"{'app/' if index else ''}{single}"] = writer.file(writer.application(name), "app")
    if writer.chance(60):
        services: Data = writer.named(("db", "cache", "files"), writer.service)
        texts[f"{folder}/services.yaml"] = writer.file(services, "services")
    if writer.chance(60):
        routes: Data = writer.named(("https://{default}/", "https://www.{default}/", "http://x.y/"), writer.route)
        texts[f"{folder}/routes.yaml"] = writer.file(routes, "routes")
    out = {}
    for path, text in texts.items():
        newline = writer.one(("\n", "\n", "\n", "\r\n", "\r"))
        encoding = writer.one(("utf-8", "utf-8", "utf-8", "utf-8-sig", "utf-16", "utf-16-be"))
        out[path] = text.replace("\n", newline).encode(encoding)
    return out


@st.composite
def projects(draw: Callable[[st.SearchStrategy[object]], object]) -> dict[str, bytes]:
    """Files by path. Some are refused, as files are that not all parsers read alike."""
    return write_project(ProjectWriter(draw, 4))
