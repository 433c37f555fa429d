"""Build the text of the new files from slices of the old ones: names become keys, sections stand under theirs, lines are re-indented."""

from __future__ import annotations

import posixpath
from bisect import bisect_left, bisect_right
from collections.abc import Container
from functools import cached_property

from attrs import define, evolve, field

from workerlib.definitions import Definition
from workerlib.editing import Edit, apply, block, reindent, scalar
from workerlib.editing.block_scalars import above_key, below_another
from workerlib.editing.surroundings import in_flow
from workerlib.layout import CONFIG, CURRENT, ProjectFiles, Role
from workerlib.lifting.roots import is_null, needs_root
from workerlib.lifting.slicing import Region, Slicer, comment_lines_above, ends_open, properties, region_end
from workerlib.loading import Tree
from workerlib.merging import SECTIONS, LoadedFile, wrapper
from workerlib.text import LINE_BREAK, Entry, Mapping, Node, Scalar, Sequence, Source, skip_blank, starting


@define(eq=False, repr=False)
class _Section:
    """A top-level key to be: the comments above it, itself, what stands beside it, and the lines below, at one step of indentation.

    A part is the name of the application that its lines belong to, or empty, and these lines.
    """

    above: str = ""
    key: str = ""  # as its author wrote it, where a file has it
    beside: str = ""
    parts: list[tuple[str, str]] = field(factory=list)
    open_end: bool = False  # whether an empty line behind it would become part of its last scalar

    def put(self, name: str, lines: str, column: int) -> None:
        """Add lines that are, or begin with, what stands above a key at `column`: no comment or blank line of it may become text."""
        self.parts.append((name, above_key(lines, column, keeps=self.open_end) if self.parts else lines))
        self.open_end = self.open_end and not lines.strip()

    @property
    def below(self) -> str:
        return "".join(text for _, text in self.parts)

    @property
    def is_set_apart(self) -> bool:
        """Whether the lines end in an empty one."""
        tail = ""
        for _, text in reversed(self.parts):
            tail = text + tail
            if len(tail) > 1:
                break
        return tail.endswith("\n\n")


@define(eq=False, repr=False)
class Joiner:
    """Joins old files. `edits` are the changes to make on the way; `style` is the file whose indentation and line breaks win."""

    tree: Tree
    edits: dict[str, list[Edit]]
    style: Source
    top: list[str] = field(factory=list)
    top_open: bool = False  # whether an empty line behind the top would become part of its last scalar
    sections: dict[str, _Section] = field(factory=dict)
    directives: list[str] = field(factory=list)

    @property
    def step(self) -> int:
        return self.style.step

    def files(self, old: list[LoadedFile], *, split: bool) -> dict[str, str]:
        """The new files by path: one, or with `split` one for each application, unless they share anchors, and one for the rest."""
        for one in old:
            self.take(one)
        applications = self.sections.get("applications", _Section())
        if not split or self.shares_anchors():
            return {free_path(self.tree.files, CONFIG): self.text(self.sections)}
        out = {}
        rest = {name: section for name, section in self.sections.items() if name != "applications"}
        if rest:
            out[free_path(self.tree.files, CONFIG)] = self.text(rest)
        parts: dict[str, list[tuple[str, str]]] = {}
        first = next((name for name, _ in applications.parts if name), "")
        for name, text in applications.parts:
            # What belongs to no application, such as a comment at a file's end, stays with the one before it.
            parts.setdefault(name or next(reversed(parts), first), []).append((name, text))
        for name, lines in parts.items():
            path = free_path(self.tree.files, f"{CURRENT.folder}/{name}.yaml", out)
            out[path] = self.text({"applications": evolve(applications, parts=lines)})
        return out

    def shares_anchors(self) -> bool:
        """Whether an application uses an anchor that is not its own, so that they cannot stand in different files."""
        for one in self.tree.definitions.applications.values():
            aliases, start, end = one.source.aliases, one.node.start, one.node.end
            if not all(start <= alias.target.start < end for alias in starting(aliases, start, end)):
                return True
        return bool(self.top)

    def text(self, sections: dict[str, _Section]) -> str:
        """A file of some sections, each set apart by an empty line."""
        out = "".join(dict.fromkeys(self.directives))
        out += "---\n" if out else ""
        out += "".join(self.top)
        open_end = self.top_open
        for name in SECTIONS:
            if name in sections:
                section = sections[name]
                above = section.above.lstrip("\n") if open_end else section.above
                if out and not open_end and not above.startswith("\n") and not out.endswith("\n\n"):
                    out += "\n"
                open_end = section.open_end
                out += f"{above}{section.key or name}:{section.beside}\n{section.below}"
        return out

    def take(self, one: LoadedFile) -> None:
        """Add what a file holds."""
        source, root, role = one.source, one.source.root, one.file.role
        if root is None and not source.text.strip():
            return
        section = self.sections.setdefault("applications" if role is Role.APPLICATION else role.value, _Section())
        slicer = Slicer.of(source, self.edits.get(source.path, ()))
        if section.parts:
            slicer = slicer.without(below_another(source, keeps=section.open_end))
        self.directives += [f"{d}\n" for d in source.document.directives if d.startswith("%TAG")]
        if role is Role.APPLICATION and section.parts and not section.open_end and not section.is_set_apart:
            section.parts.append(("", "\n"))
        whole = Region(0, len(source.text))
        if root is None:
            section.parts.append(("", slicer.lines(0, whole.end, self.step)))
        elif role is Role.APPLICATION:
            self.application(self.definition(root), whole, slicer, section)
        else:
            if outer := wrapper(root, role.value):
                root, whole = outer.value, Region(self.unwrap(outer, slicer, section), whole.end)
            self.definitions(root, whole, slicer, section)
        section.open_end = self.ends_open(source, 0, whole.end)

    def ends_open(self, source: Source, start: int, end: int) -> bool:
        """Whether an empty line below a region would become part of its last scalar."""
        return ends_open(source, self.names, start, end)

    @cached_property
    def names(self) -> set[int]:
        """The keys and values that leave since they become keys themselves, by their `id`."""
        nodes = (definition.node for definition in self.tree.definitions.applications.values())
        names = [name for node in nodes if isinstance(node, Mapping) and (name := node.get("name"))]
        return {id(part) for name in names for part in (name.key, name.value)}

    @cached_property
    def by_node(self) -> dict[int, Definition]:
        """The applications by the `id` of their node."""
        return {id(definition.node): definition for definition in self.tree.definitions.applications.values()}

    def definition(self, node: Node) -> Definition:
        return self.by_node[id(node)]

    def unwrap(self, outer: Entry, slicer: Slicer, section: _Section) -> int:
        """Take what stands above and beside a section's own key in its file; where the lines below begin."""
        source, value = outer.key.source, outer.value
        section.key = outer.key.text
        if outer.mapping.flow:
            section.above += slicer.comments(0, outer.key.start, 0)
            return value.start
        slicer = slicer.without(below_another(source, keeps=False))  # the section before
        section.above += slicer.text(0, source.line_start(outer.key.start))
        if isinstance(value, (Mapping, Sequence)) and not value.flow:
            colon = skip_blank(source.text, outer.key.end) + 1
            section.beside += slicer.text(colon, source.line_end(colon)).rstrip()
            return source.next_line(outer.key.start)
        return source.next_line(value.start) if is_null(value) else value.start

    def definitions(self, root: Node, region: Region, slicer: Slicer, section: _Section) -> None:
        """A file of definitions: a list of applications, or a mapping of names, in block or flow style."""
        if isinstance(root, Sequence):
            (self.flow_items if root.flow else self.items)(root, region, slicer, section)
        elif isinstance(root, Mapping):
            (self.flow_entries if root.flow else self.entries)(root, region, slicer, section)
        elif in_flow(root):
            section.parts.append(("", slicer.comments(region.start, region.end, self.step)))
        else:
            section.parts.append(("", slicer.lines(region.start, region.end, self.step)))

    # ---- mappings of names

    def entries(self, root: Mapping, region: Region, slicer: Slicer, section: _Section) -> None:
        """Definitions under their names: the lines as they are. Keys that begin with a dot go to the top, where the format ignores them."""
        source, at = root.source, region.start
        column = source.column(root.body)
        dots = [entry for entry in root.entries if _is_dotted(entry)]
        for entry in root.entries:
            stop = region.end if entry is root.entries[-1] else region_end(source, entry.end, column, region.end)
            open_end = self.ends_open(source, entry.key.start, stop)
            if _is_dotted(entry) and _needs_no_definition(entry, dots):
                lines = slicer.lines(at, stop, -column)
                self.top.append(above_key(lines, 0, keeps=self.top_open) if self.top else lines)
                self.top_open = open_end
            else:
                lines = slicer.lines(at, stop, self.step - column)
                # Empty lines set a definition apart from a dot key above it, but not from its section's own key.
                section.put(entry.name or "", lines if section.parts or at == region.start else lines.lstrip("\n"), self.step)
                section.open_end = open_end
            at = stop

    def flow_entries(self, root: Mapping, region: Region, slicer: Slicer, section: _Section) -> None:
        """Definitions in braces: each pair on lines of its own, below the comments before it."""
        at = region.start
        for entry in root.entries:
            above = slicer.comments(at, max(entry.key.end, entry.value.start), self.step)
            key = slicer.text(entry.key.start, entry.key.end)
            section.parts.append((entry.name or "", above + slicer.pair(key, entry.value, entry.value.end, self.step)))
            at = entry.end
        section.parts.append(("", slicer.comments(at, region.end, self.step)))

    # ---- applications that hold their name

    def items(self, root: Sequence, whole: Region, slicer: Slicer, section: _Section) -> None:
        """Applications in a list: each name becomes a key."""
        source, at = root.source, whole.start
        for index, item in enumerate(root.items):
            dash = root.dash(index)
            column = source.column(dash)
            stop = whole.end if index + 1 == len(root.items) else region_end(source, item.end, column, whole.end)
            line = source.line_start(dash)
            region = Region(line, stop)
            definition = self.definition(item)
            section.put(definition.name, slicer.lines(at, line, self.step - column), self.step)
            # The dash gives way to a blank, so that all lines of the application have the same indentation.
            alone = not source.text[dash + 1 : source.line_end(dash)].strip()
            blank = Edit(source.path, line, source.next_line(dash), "") if alone else Edit(source.path, dash, dash + 1, " ")
            self.application(definition, region, slicer.within(region).without([blank]), section)
            section.open_end = self.ends_open(source, item.start, stop)
            at = stop

    def flow_items(self, root: Sequence, region: Region, slicer: Slicer, section: _Section) -> None:
        """Applications in brackets."""
        at = region.start
        for item in root.items:
            definition = self.definition(item)
            above = slicer.comments(at, item.start, self.step)
            section.parts.append((definition.name, above + slicer.pair(self.key(definition), item, item.end, self.step)))
            at = item.end
        section.parts.append(("", slicer.comments(at, region.end, self.step)))

    def application(self, definition: Definition, region: Region, slicer: Slicer, section: _Section) -> None:
        """An application that holds its name: that becomes its key, with the comments above and beside it; its other lines go below."""
        node, step = definition.node, self.step
        if not isinstance(node, Mapping) or node.flow or node.tag == "!include":
            line = node.source.line_start(node.start)
            above = slicer.lines(region.start, line, step) if line > region.start else ""
            section.put(definition.name, above + slicer.pair(self.key(definition), node, region.end, step), step)
            return
        source, name = node.source, node.get("name")
        column = source.column(node.entries[0].start)
        cuts, marks = properties(node)
        slicer = slicer.without(cuts)
        above_name, beside, head = Region(region.start, region.start), "", ""
        if name is not None:
            line = source.line_start(name.start)
            first = name is node.entries[0]
            above_name = Region(region.start if first else comment_lines_above(source, line, region.start), line)
            head = slicer.lines(above_name.start, above_name.end, step - column)
            head += slicer.comments(name.start, name.end, step)  # between the key `name` and its value
            beside = source.text[name.end : source.line_end(name.end)].rstrip()
            beside = f" {beside}" if beside.startswith("#") else beside
            slicer = slicer.without([Edit(source.path, above_name.start, source.next_line(name.end), "")])
        body = slicer.text(region.start, above_name.start) + slicer.lines(above_name.end, region.end, 0)
        empty = " {}" if len(node.entries) == (name is not None) and not needs_root(self.tree, definition) else ""
        head += f"{' ' * step}{self.key(definition)}:{marks}{empty}{beside}\n{self.root_lines(definition, node)}"
        section.put(definition.name, head + reindent(body, 2 * step - column), step)

    def root_lines(self, definition: Definition, node: Mapping) -> str:
        """The lines that state an application's root, where the old place implied it."""
        if not needs_root(self.tree, definition) or "source" in self.tree.definitions.entries(node):
            return ""
        return "".join(f"{' ' * 2 * self.step}{line}\n" for line in block("source", {"root": definition.root}, self.step))

    def key(self, definition: Definition) -> str:
        """An application's name as its author wrote it, where that can stand as a key."""
        key = definition.key
        if not isinstance(key, Scalar) or key.is_block or LINE_BREAK.search(key.text):
            return scalar(definition.name)
        edits = self.edits.get(key.source.path, [])
        first, stop = bisect_left(edits, key.start, key=lambda e: e.start), bisect_right(edits, key.body, key=lambda e: e.start)
        renamed = [e for e in edits[first:stop] if e.end <= key.body]
        return apply(key.source.text, renamed, key.start, key.body) + key.source.text[key.body : key.end]


def _is_dotted(entry: Entry) -> bool:
    return (entry.name or "").startswith(".")


def _needs_no_definition(entry: Entry, dots: list[Entry]) -> bool:
    """Whether a dot key uses no anchor but those of `dots`, the dot keys there in order, so that it can go to the top."""

    def is_in_one(at: int) -> bool:
        index = bisect_right(dots, at, key=lambda e: e.key.start)
        return index > 0 and at < dots[index - 1].end

    return all(is_in_one(alias.target.start) for alias in starting(entry.key.source.aliases, entry.key.start, entry.end))


def free_path(files: ProjectFiles, path: str, others: Container[str] = ()) -> str:
    """`path`, or one like it that is not taken. A file in which nothing stands takes no place."""
    stem, extension = posixpath.splitext(path)
    number = 1
    while path in others or (files.is_file(path) and files.read(path).strip()):
        number += 1
        path = f"{stem}-{number}{extension}"
    return path
