"""Hypothesis strategies for YAML *texts*, with all that authors write and dumpers never do."""

from __future__ import annotations

from collections.abc import Callable

from attrs import define, field
from hypothesis import strategies as st
from tests.property.choices import Choices

PLAIN = ("x", "some words", "1.10", "0755", "yes", "~", "12:30", "http://a.b/c", "a#b", "é 😀", "-x", "a, b", "?x", "'", "it's", "*.php")
KEYS = ("a", "b", "cmd", "web", "/", "a b", "1", "é", "😀", "db.mysql", "a-b")
QUOTED = ("''", '""', "'it''s # no'", '"a\\tb: \\"c\\""', "'a\tb'", '"# x"', "'- a'", '"\\U0001F600"', "'{a: 1}'", '"a\\\\"')
LINES = ("text", "  more", "# no comment", "a: b", "- a", "\ttab", "blanks  ", "é😀", "", "", "   ", "      ", "*x &y", "'", "...x")
FLOW_SCALARS = ("x", "1", "'a, b'", '"c: d"', "a b", "null", "é😀", "-1", "''")
COMMENTS = ("# c", "#", "# a: b", "# 'x", "#x  ", "# - é😀")


@define
class Writer(Choices):
    """Writes one text; every choice is drawn, so that failures shrink."""

    left: int
    anchors: list[str] = field(factory=list)
    mappings: list[str] = field(factory=list)  # anchors of mappings, for merge keys
    count: int = 0

    # ---- between the keys

    def gap(self, column: int) -> list[str]:
        """Comments and blank lines above a key, at any indentation."""
        out: list[str] = []
        while self.chance(25) and len(out) < 3:
            if self.chance(60):
                indent = self.one((column, column, column, column + 2, 0, column + 5))
                out.append(" " * indent + self.one(COMMENTS))
            else:
                out.append(self.one(("", "", "  ", " " * (column + 3))))
        return out

    def beside(self) -> str:
        return self.one(("  ", " ")) + self.one(COMMENTS) if self.chance(20) else "  " if self.chance(5) else ""

    def key(self, taken: set[str]) -> str:
        name = self.one(KEYS)
        while name in taken:
            self.count += 1
            name = f"k{self.count}"
        taken.add(name)
        return self.one((name, name, f"'{name}'", f'"{name}"'))

    # ---- collections

    def mapping(self, column: int) -> list[str]:
        """The lines of a block mapping."""
        out: list[str] = []
        taken: set[str] = set()
        indent = " " * column
        for _ in range(self.number(1, 4)):
            out += self.gap(column)
            if self.mappings and "<<" not in taken and self.chance(20):
                taken.add("<<")
                names = self.one(((self.one(self.mappings),), tuple(self.mappings[-2:])))
                merged = f"*{names[0]}" if len(names) == 1 else f"[{', '.join(f'*{n}' for n in names)}]"
                out.append(f"{indent}<<: {merged}{self.beside()}")
                continue
            key = self.key(taken)
            if self.chance(7):
                out.append(f"{indent}? {key}{self.beside()}")
                if self.chance(80):
                    first, *rest = self.value(column)
                    out += [f"{indent}:{first}", *rest]
            else:
                first, *rest = self.value(column, sequence_may_dedent=True)
                out += [f"{indent}{key}{self.one((':', ':', ' :'))}{first}", *rest]
        return out

    def sequence(self, column: int) -> list[str]:
        """The lines of a block sequence."""
        out: list[str] = []
        for _ in range(self.number(1, 3)):
            out += self.gap(column)
            if self.chance(30) and self.left > 0:
                self.left -= 1
                wide = self.one((1, 1, 3))
                first, *rest = self.mapping(column + 1 + wide)
                if first.strip()[:1] in ("#", ""):
                    out += [" " * column + "-", first, *rest]
                else:
                    out += [" " * column + "-" + first[column + 1 :], *rest]
            else:
                first, *rest = self.value(column)
                out += [f"{' ' * column}-{first}", *rest]
        return out

    def flow(self, column: int, depth: int = 0) -> str:
        """A flow collection, perhaps over several lines."""
        broken = self.chance(30)
        indent = "\n" + " " * (column + 2)

        def separator() -> str:
            comment = " " + self.one(COMMENTS) if broken and self.chance(20) else ""
            return f"{comment}{indent}" if broken else self.one((" ", " ", "  "))

        parts: list[str] = []
        keys: set[str] = set()
        braces = self.chance(50)
        for _ in range(self.number(0, 3)):
            value = self.flow(column + 2, depth + 1) if depth < 2 and self.chance(20) else self.one(FLOW_SCALARS)
            if self.anchors and self.chance(15):
                value = f"*{self.one(self.anchors)}"
            if braces:
                key = self.key(keys)
                close = key[0] in "'\"" and self.chance(40) and value[0] != "*"
                value = f"? {key} : {value}" if self.chance(8) else f"{key}:{value}" if close else f"{key}: {value}"
            parts.append(value)
        start, end = "{}" if braces else "[]"
        if not parts:
            return start + self.one(("", " ")) + end
        text = start + (separator() if broken else self.one(("", " ")))
        for index, part in enumerate(parts):
            text += part
            if index + 1 < len(parts):
                text += f",{separator()}"
        if broken:
            text += self.one(("", ",")) + separator().replace(indent, "\n" + " " * (column + 1))
        return text + end

    # ---- values

    def value(self, column: int, *, sequence_may_dedent: bool = False) -> list[str]:
        """What stands behind a colon or dash at `column`: the rest of its line, and the lines below."""
        self.left -= 1
        if self.anchors and self.chance(15):
            return [f" *{self.one(self.anchors)}{self.beside()}"]
        kind = self.one(("plain", "plain", "quoted", "null", "block", "block", "long", "flow", "mapping", "mapping", "sequence"))
        if self.left <= 0 and kind in ("mapping", "sequence"):
            kind = "plain"
        marks, anchor = "", ""
        if self.chance(20):
            self.count += 1
            anchor = f"n{self.count}" if not self.anchors or self.chance(90) else self.one(self.anchors)
            marks = f" &{anchor}"
        if self.chance(8):
            marks = self.one((f" !t{marks}", f"{marks} !t", f" !!str{marks}" if kind in ("plain", "quoted") else f" !t{marks}"))
        lines = self.written(kind, column, sequence_may_dedent=sequence_may_dedent)
        if anchor:
            self.anchors.append(anchor)
            if anchor in self.mappings:
                self.mappings.remove(anchor)
            if kind == "mapping":
                self.mappings.append(anchor)
        return [marks + lines[0], *lines[1:]]

    def written(self, kind: str, column: int, *, sequence_may_dedent: bool) -> list[str]:
        if kind == "null":
            return [self.beside()]
        if kind == "plain":
            return [f" {self.one(PLAIN)}{self.beside()}"]
        if kind == "quoted":
            return [f" {self.one(QUOTED)}{self.beside()}"]
        if kind == "flow":
            return (" " + self.flow(column) + self.beside()).split("\n")
        if kind == "long":
            return self.long(column)
        if kind == "block":
            return self.block(column)
        if kind == "mapping":
            return [self.beside(), *self.mapping(column + self.one((2, 2, 4, 1)))]
        return [self.beside(), *self.sequence(column + self.one((0, 2, 4) if sequence_may_dedent else (2, 4)))]

    def long(self, column: int) -> list[str]:
        """A plain or quoted scalar over several lines."""
        quote = self.one(("", "'", '"'))
        deep = " " * (column + self.one((1, 2, 4)))
        lines = [f" {quote}first", *([""] if self.chance(30) else []), f"{deep}second's"[: -2 if quote == "'" else None]]
        if quote == '"' and self.chance(50):
            lines.append(f"{deep}\\ third\\")
            lines.append(f"{deep}fourth")
        lines[-1] += quote + self.beside()
        return lines

    def block(self, column: int) -> list[str]:
        """A literal or folded scalar."""
        deep = self.number(1, 4)
        lines = [self.one(LINES) for _ in range(self.number(0, 5))]
        digit = str(deep) if self.chance(30) else ""
        chomping = self.one(("", "", "-", "+"))
        header = f" {self.one(('|', '|', '>'))}{self.one((digit + chomping, chomping + digit))}"
        comment = f" {self.one(COMMENTS)}" if self.chance(15) else ""
        return [header + comment, *(line if not line.strip(" ") else " " * (column + deep) + line for line in lines)]


def write(writer: Writer, *, markers: bool) -> str:
    """A document whose root is a block mapping; its lines end in LF."""
    lines = writer.gap(0)
    if markers and writer.chance(15):
        lines += ["%YAML 1.2"] if writer.chance(30) else []
        lines += [writer.one(("---", "--- # c", "--- "))]
    lines += writer.mapping(0)
    lines += writer.gap(0)
    if markers and writer.chance(10):
        lines += ["...", *writer.gap(0)]
    return "\n".join(lines) + ("" if writer.chance(15) else "\n")


@st.composite
def yaml_texts(draw: Callable[[st.SearchStrategy[object]], object], *, markers: bool = True, size: int = 10) -> str:
    """A document as `write` makes it. Not all are accepted: a few are ambiguous."""
    return write(Writer(draw, size), markers=markers)


newlines = st.sampled_from(("\n", "\r\n", "\r"))
encodings = st.sampled_from(("utf-8", "utf-8-sig", "utf-16-le", "utf-16-be", "utf-16", "utf-32"))
