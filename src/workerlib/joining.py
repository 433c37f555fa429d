"""Build the text of the new files from slices of the old ones: names become keys, sections stand under theirs, lines are re-indented."""

from __future__ import annotations

import posixpath
import re

from attrs import define, field

from workerlib.definitions import Definition
from workerlib.editing import Edit, apply, block, reindent, scalar, step_of
from workerlib.layout import CONFIG, CURRENT, ProjectFiles, Role
from workerlib.loading import Tree
from workerlib.merging import LoadedFile, wrapper
from workerlib.text import LINE_BREAK, Entry, Mapping, Node, Scalar, Sequence, Source, dealias, skip_blank, walk


@define
class _Section:
    """A top-level key to be: the comments above it, what stands beside it, and the lines below, at one step of indentation."""

    above: str = ""
    beside: str = ""
    parts: list[tuple[str, str]] = field(factory=list)  # name of the application, or empty, and its lines
    open_end: bool = False  # whether an empty line behind it would become part of its last scalar

    @property
    def below(self) -> str:
        return "".join(text for _, text in self.parts)


@define
class Joiner:
    """Builds the text of the new files from slices of the old ones. `style` is the file whose indentation and line breaks win."""

    tree: Tree
    edits: dict[str, list[Edit]]
    style: Source
    top: list[str] = field(factory=list)
    sections: dict[str, _Section] = field(factory=dict)
    directives: list[str] = field(factory=list)
    step: int = field(init=False)

    def __attrs_post_init__(self) -> None:
        self.step = step_of(self.style)

    def files(self, old: list[LoadedFile], *, split: bool) -> dict[str, str]:
        for one in old:
            self.take(one)
        applications = self.sections.get("applications", _Section())
        if not split or self.shares_anchors(applications):
            return {_free(self.tree.files, CONFIG): self.text(self.sections)}
        out = {}
        rest = {name: section for name, section in self.sections.items() if name != "applications"}
        if rest:
            out[_free(self.tree.files, CONFIG)] = self.text(rest)
        parts: dict[str, list[tuple[str, str]]] = {}
        for name, text in applications.parts:
            # What belongs to no application, such as a comment at a file's end, stays with the one before it.
            parts.setdefault(name or next(reversed(parts), ""), []).append((name, text))
        for name, lines in parts.items():
            path = _free(self.tree.files, f"{CURRENT.folder}/{name}.yaml", *out)
            out[path] = self.text({"applications": _Section(applications.above, applications.beside, lines)})
        return out

    def shares_anchors(self, applications: _Section) -> bool:
        """Whether an application uses an anchor that is not its own, so that they cannot stand in different files."""
        for _, text in applications.parts:
            anchors, aliases = (set(re.findall(rf"(?<!\S){sign}([^\s,\[\]{{}}]+)", text)) for sign in ("&", r"\*"))
            if aliases - anchors:
                return True
        return bool(self.top)

    def text(self, sections: dict[str, _Section]) -> str:
        out = "".join(dict.fromkeys(self.directives))
        if out:
            out += "---\n"
        out += "".join(self.top)
        open_end = False
        for name in ("applications", "services", "routes"):
            if name in sections:
                section = sections[name]
                if out and not section.above.startswith("\n") and not out.endswith("\n\n") and not open_end:
                    out += "\n"
                open_end = section.open_end
                out += f"{section.above}{name}:{section.beside}\n{section.below}"
        return out

    def take(self, one: LoadedFile) -> None:
        """Add what a file holds."""
        source, role = one.source, one.file.role
        edits = [*self.edits.get(source.path, ()), *_without_markers(source)]
        self.directives += [f"{d}\n" for d in source.document.directives if d.startswith("%TAG")]
        section = self.sections.setdefault("applications" if role is Role.APPLICATION else role.value, _Section())
        root = source.root
        section.open_end = _keeps_line_breaks(source)
        if root is None:
            if source.text.strip():
                section.parts.append(("", reindent(_complete_line(apply(source.text, edits)), self.step)))
            elif not section.parts and role is not Role.APPLICATION:
                self.sections.pop(role.value)
            return
        if role is Role.APPLICATION:
            self.application(self.definition(root), root, (0, len(source.text)), edits, section)
            return
        start = 0
        if outer := wrapper(root, role.value):
            start = self.unwrap(outer, edits, section)
            root = outer.value
        end = len(source.text)
        if isinstance(root, Sequence):
            self.items(root, (start, end), edits, section)
        elif isinstance(root, Mapping) and not root.flow:
            self.entries(root, (start, end), edits, section, apart=role is Role.APPLICATIONS)
        elif isinstance(root, Mapping):
            self.flow_entries(root, (start, end), edits, section)
        else:
            section.parts.append(("", reindent(_complete_line(apply(source.text, edits, start, end)), self.step)))

    def definition(self, node: Node) -> Definition:
        return next(d for d in self.tree.definitions.applications.values() if d.node is node)

    def unwrap(self, outer: Entry, edits: list[Edit], section: _Section) -> int:
        """Take what stands above and beside a section's own key in its file; where the lines below begin."""
        source = outer.key.source
        line = source.line_start(outer.key.start)
        section.above += apply(source.text, edits, 0, line)
        value = outer.value
        stop = source.line_end(outer.key.start)
        if isinstance(value, (Mapping, Sequence)) and not value.flow:
            colon = skip_blank(source.text, outer.key.end) + 1
            section.beside += apply(source.text, edits, colon, stop).rstrip()
            return source.next_line(outer.key.start)
        return source.next_line(value.start) if _is_null(value) else value.start

    # ---- applications

    def application(self, definition: Definition, node: Node, region: tuple[int, int], edits: list[Edit], section: _Section) -> None:
        """An application that holds its name: the name becomes its key, with the comments above and beside it; the other lines go below."""
        source, step = definition.source, self.step
        if not (isinstance(node, Mapping) and not node.flow and node.tag != "!include"):
            self.written_application(definition, node, region, edits, section)
            return
        start, end = region
        column = source.column(_start(node.entries[0]))
        name = node.get("name")
        cuts, properties = _cut_properties(node)
        above = (start, start)
        beside = ""
        if name is not None:
            line = source.line_start(_start(name))
            first = name is node.entries[0]
            above = (start, line) if first else (_comment_above(source, line, start), line)
            cuts.append(Edit(source.path, line, _behind(source, name), ""))
            beside = source.text[name.end : source.line_end(name.end)].rstrip()
        edits = [e for e in edits if not any(c.start <= e.start and e.end <= c.end for c in cuts)] + cuts
        head = apply(source.text, edits, *above)
        body = _complete_line(apply(source.text, edits, start, above[0]) + apply(source.text, edits, above[1], end))
        empty = len(node.entries) == (name is not None) and not needs_root(self.tree, definition)
        section.parts.append(
            (
                definition.name,
                reindent(head, step - column)
                + f"{' ' * step}{self.key(definition)}:{properties}{' {}' if empty else ''}{beside}\n"
                + self.root_lines(definition, node)
                + reindent(body, 2 * step - column),
            )
        )

    def root_lines(self, definition: Definition, node: Mapping) -> str:
        """The lines that state an application's root, where the old place implied it."""
        if not needs_root(self.tree, definition) or "source" in self.tree.definitions.entries(node):
            return ""
        return "".join(f"{' ' * 2 * self.step}{line}\n" for line in block("source", {"root": definition.root}, self.step))

    def written_application(
        self, definition: Definition, node: Node, region: tuple[int, int], edits: list[Edit], section: _Section
    ) -> None:
        """An application in flow style, an alias or an include: the same text behind its key."""
        source, step = definition.source, self.step
        start, end = region
        line = source.line_start(node.start)
        above = apply(source.text, edits, start, line) if line > start else ""
        head, found, rest = _complete_line(apply(source.text, edits, node.start, end)).partition("\n")
        column = (
            source.column(_start(node.entries[0])) - step if isinstance(node, Mapping) and not node.flow else _indentation(source, line)
        )
        lines = reindent(above, step - _indentation(source, line)) + f"{' ' * step}{self.key(definition)}: {head}{found}"
        section.parts.append((definition.name, lines + reindent(rest, step - column)))

    def key(self, definition: Definition) -> str:
        """An application's name as its author wrote it, where that can stand as a key."""
        key = definition.key
        if not isinstance(key, Scalar) or key.style in ("|", ">") or LINE_BREAK.search(key.text):
            return scalar(definition.name)
        properties = [e for e in self.edits.get(key.source.path, ()) if key.start <= e.start and e.end <= key.body]
        return apply(key.source.text, properties, key.start, key.body) + key.source.text[key.body : key.end]

    def items(self, root: Sequence, region: tuple[int, int], edits: list[Edit], section: _Section) -> None:
        """Applications in a list: each name becomes a key."""
        source, text = root.source, root.source.text
        at = region[0]
        for index, item in enumerate(root.items):
            definition = self.definition(item)
            if root.flow:
                section.parts.append((definition.name, self.comments(source, at, item.start)))
                self.written_application(definition, item, (item.start, item.end), edits, section)
                at = item.end
                continue
            dash = skip_blank(text, root.items[index - 1].end if index else root.body)
            stop = region[1] if index + 1 == len(root.items) else _region_end(source, item.end, source.column(dash), region[1])
            line = source.line_start(dash)
            above = apply(text, edits, at, line)
            section.parts.append((definition.name, reindent(above, self.step - source.column(dash))))
            if isinstance(item, Mapping) and not item.flow and item.tag != "!include":
                # The dash gives way to a blank, so that all lines of the application have the same indentation.
                more = [Edit(source.path, dash, dash + 1, " ")]
                if not text[dash + 1 : source.line_end(dash)].strip():
                    more = [Edit(source.path, line, source.next_line(dash), "")]
                self.application(definition, item, (line, stop), [*edits, *more], section)
            else:
                self.written_application(definition, item, (item.start, stop), edits, section)
            at = stop
        if root.flow:
            section.parts.append(("", self.comments(source, at, region[1])))

    def entries(self, root: Mapping, region: tuple[int, int], edits: list[Edit], section: _Section, *, apart: bool) -> None:
        """Definitions under their names: the lines as they are. Keys that begin with a dot go to the top, where the format ignores them."""
        source = root.source
        column = source.column(_start(root.entries[0]))
        at = region[0]
        for entry in root.entries:
            stop = region[1] if entry is root.entries[-1] else _region_end(source, entry.end, column, region[1])
            text = _complete_line(apply(source.text, edits, at, stop))
            if entry.name is not None and entry.name.startswith(".") and _refers_to_none(entry, root):
                self.top.append(reindent(text, -column))
            else:
                section.parts.append((entry.name or "" if apart else "", reindent(text, self.step - column)))
            at = stop

    def flow_entries(self, root: Mapping, region: tuple[int, int], edits: list[Edit], section: _Section) -> None:
        """Definitions in braces: each pair on a line of its own, below the comments before it."""
        source = root.source
        at = region[0]
        for entry in root.entries:
            text = apply(source.text, edits, entry.key.start, entry.end)
            head, found, rest = text.partition("\n")
            body = f"{' ' * self.step}{head}{found}{reindent(rest, self.step - source.column(entry.key.start))}\n"
            section.parts.append((entry.name or "", self.comments(source, at, entry.key.start) + body))
            at = entry.end
        section.parts.append(("", self.comments(source, at, region[1])))

    def comments(self, source: Source, start: int, end: int) -> str:
        """The comments of a region, each on a line of its own."""
        return "".join(f"{' ' * self.step}{source.text[a:b]}\n" for a, b in source.comments() if start <= a < end)


def _cut_properties(node: Mapping) -> tuple[list[Edit], str]:
    """Edits that take a mapping's anchor and tag from before its first key, and how they are written behind another key."""
    source = node.source
    if node.start == node.body:
        return [], ""
    found = re.match(r"(?:[&!]\S+[ \t]*)+", source.text[node.start : node.body])
    assert found is not None
    end = node.start + found.end()
    line, stop = source.line_start(node.start), source.next_line(end)
    alone = not source.text[line : node.start].strip(" -") and not source.text[end : source.line_end(end)].strip()
    cut = Edit(source.path, line, stop, "") if alone else Edit(source.path, node.start, end, "")
    return [cut], " " + found[0].strip()


def _refers_to_none(entry: Entry, root: Mapping) -> bool:
    """Whether a dot key uses no anchor of the definitions before it, so that it can go to the top."""
    dots = [e for e in root.entries if e.name is not None and e.name.startswith(".")]
    inside = [a for a in root.source.aliases if entry.key.start <= a.start < entry.end]
    return all(any(e.key.start <= a.target.start < e.end for e in dots) for a in inside)


def _region_end(source: Source, end: int, column: int, limit: int) -> int:
    """Where the lines of a definition end: its last, and the comments below it that stand further to the right than its key."""
    at = source.next_line(end)
    stop = at
    while at < limit:
        line = source.text[at : source.line_end(at)]
        if line.strip() and not (line.lstrip().startswith("#") and len(line) - len(line.lstrip(" ")) > column):
            break
        at = source.next_line(at)
        if line.strip():
            stop = at
    return min(stop, limit)


def _behind(source: Source, entry: Entry) -> int:
    """Where the lines behind an entry begin, without empty ones that a scalar before the entry would take in."""
    at = source.next_line(entry.end)
    if any(
        isinstance(n, Scalar) and n.end < entry.key.start and _is_keep(n) and not source.text[n.end : entry.key.start].strip()
        for n in walk(entry.mapping)
    ):
        while at < len(source.text) and not source.text[at : source.line_end(at)].strip():
            at = source.next_line(at)
    return at


def _comment_above(source: Source, line: int, start: int) -> int:
    """Where the comment lines directly above a line begin; the line itself where there are none."""
    comments = {source.line_start(a) for a, _ in source.comments() if not source.text[source.line_start(a) : a].strip()}
    while line > start and (before := source.line_start(line - 1)) in comments and before >= start:
        line = before
    return line


def _indentation(source: Source, line: int) -> int:
    text = source.text[line : source.line_end(line)]
    return len(text) - len(text.lstrip(" "))


def _without_markers(source: Source) -> list[Edit]:
    """Edits that take directives, ``---`` and ``...`` out, and say in a block scalar's header what a missing last line break said."""
    text, document = source.text, source.document
    out = []
    if document.explicit:
        marker = document.start - 3
        lines = re.finditer(r"^%[^\r\n]*(?:\r\n|\n|\r)", text[:marker], re.MULTILINE)
        out += [Edit(source.path, found.start(), found.end(), "") for found in lines]
        stop = source.next_line(marker) if not text[document.start : source.line_end(marker)].strip() else skip_spaces(text, document.start)
        out.append(Edit(source.path, marker, stop, ""))
    if text.startswith("...", document.end) and source.root is not None:
        stop = (
            source.next_line(document.end)
            if not text[document.end + 3 : source.line_end(document.end)].strip()
            else skip_spaces(text, document.end + 3)
        )
        out.append(Edit(source.path, document.end, stop, ""))
    last = _last_scalar(source)
    if last is not None and last.style in ("|", ">") and last.end == len(text) and last.value and not last.value.endswith("\n"):
        header = re.match(r"[|>][0-9]?([-+]?)", text[last.body :])
        assert header is not None
        out.append(Edit(source.path, last.body + header.start(1), last.body + header.end(1), "-"))
    return out


def _last_scalar(source: Source) -> Scalar | None:
    return max((n for n in walk(source.root) if isinstance(n, Scalar)), key=lambda n: n.end, default=None) if source.root else None


def _keeps_line_breaks(source: Source) -> bool:
    """Whether a file has a block scalar that takes in every empty line behind it."""
    return any(isinstance(n, Scalar) and _is_keep(n) for n in walk(source.root)) if source.root else False


def _is_keep(node: Scalar) -> bool:
    return node.style in ("|", ">") and "+" in node.source.text[node.body : node.body + 3]


def skip_spaces(text: str, at: int) -> int:
    """The first character at or after `at` that is no blank."""
    while text[at : at + 1] in (" ", "\t") and at < len(text):
        at += 1
    return at


def _complete_line(text: str) -> str:
    return text if not text or text.endswith(("\n", "\r")) else text + "\n"


def _free(files: ProjectFiles, path: str, *others: str) -> str:
    """`path`, or one like it that is not taken."""
    stem, extension = posixpath.splitext(path)
    number = 1
    while files.is_file(path) or path in others:
        number += 1
        path = f"{stem}-{number}{extension}"
    return path


def needs_root(tree: Tree, definition: Definition) -> bool:
    """Whether an application states no root, and the old layout's default is not the new one's."""
    root = tree.definitions.see(definition.node)
    if not isinstance(root, Mapping) or not definition.root:
        return False
    source = tree.definitions.entries(root).get("source")
    inner = tree.definitions.see(source.value) if source else None
    return not (isinstance(inner, Mapping) and (given := inner.get("root")) and not _is_null(given.value))


def _start(entry: Entry) -> int:
    """Where an entry starts: at its key, or at the question mark before that."""
    found = re.search(r"\?[ \t]+(?:[&!]\S*[ \t]+)*\Z", entry.key.source.text[: entry.key.start])
    return found.start() if found and (not entry.mapping.entries or found.start() >= entry.mapping.start - 2) else entry.key.start


def _is_null(node: Node) -> bool:
    seen = dealias(node)
    return isinstance(seen, Scalar) and seen.is_null
