"""One change at a key path: of the text, and, apart from that, of what the text says; the new text has to say the same."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from collections.abc import Mapping as MappingABC
from typing import cast

from attrs import define, evolve, field, frozen

from workerlib.amending.paths import Way, entry_of, value_of, way
from workerlib.amending.values import (
    GONE,
    Value,
    as_data,
    nested,
    new,
    refuse_unwritable,
    with_inserted,
    with_renamed,
    with_value,
    without,
)
from workerlib.changes import FileChange
from workerlib.comparing import compare, shown
from workerlib.convert import Places
from workerlib.diagnostic import Diagnostic, Origin, Severity
from workerlib.editing import Editor, apply
from workerlib.errors import ConfigurationError, RefusedError, UsageError
from workerlib.keypath import KeyPath
from workerlib.layout import Overlay, ProjectFiles, Role
from workerlib.loading import Tree, load_tree
from workerlib.migrate.verify import faults, lost_comments
from workerlib.model import Application, Number, Part, Project
from workerlib.plain import Data, from_data, plain_data
from workerlib.reading import Reader
from workerlib.scalars import is_tagged
from workerlib.text import Alias, Entry, Limits, Mapping, Node, Scalar, Sequence, dealias, is_merge


@frozen(eq=False)
class State:
    """The files and the project as they were; the new bytes of files, and what is to be said of them, after some steps."""

    files: ProjectFiles
    before: Project
    limits: Limits
    tree: Tree
    planned: MappingABC[str, bytes | None] = field(factory=dict)
    diagnostics: tuple[Diagnostic, ...] = ()

    @property
    def changes(self) -> tuple[FileChange, ...]:
        """What differs from the files that there are."""
        return tuple(_changes(self.files, self.planned))


@define
class Step:
    """One change to what is planned so far: first of the text, then, apart from that, of what the text says."""

    state: State
    path: KeyPath
    edit: Editor = field(factory=lambda: Editor(by="edit"))
    contents: dict[str, bytes] = field(factory=dict)  # of included files that are no YAML
    way: Way = field(init=False)

    def __attrs_post_init__(self) -> None:
        self.way = way(self.tree, self.path)

    @property
    def tree(self) -> Tree:
        return self.state.tree

    @property
    def place(self) -> Origin | None:
        """Where the last part of the path that is there is written."""
        last = self.way.entries[-1] if self.way.entries else None
        return last.key.origin if isinstance(last, Entry) else last.origin if last else None

    def set(self, value: Value) -> State:
        """Write a value where the path leads, with the mappings above it that are not there yet."""
        refuse_unwritable(self.path, value)
        way = self.way
        if isinstance(value, Part):
            value = cast("Value", plain_data(value, str(self.path.parts[-1])))
        if not way.entries:
            self.define(nested(way.rest[1:], value))
        elif not way.complete:
            self.check_spelling()
            self.extend(value_of(way.entries[-1]), way.rest, value)
        elif len(self.path) == 2 and not isinstance(way.entries[0], Entry):
            raise UsageError(f"{self.path}: expected a property of it, found a whole file; write {_file(way.entries[0])} anew yourself")
        elif self.data(way.entries[-1]) == as_data(value):
            return self.state
        elif self.path.parts[0] == "applications" and self.path.parts[2:] == ("name",):
            raise UsageError(f"{self.path}: expected another key, found the name of the application: change it with `rename`")
        elif (holder := way.holder) is not None and (last := cast("Entry", way.entries[-1])).mapping is not holder:
            # It is merged into the mapping, whose own keys count more.
            self.edit.add(holder, str(last.name), new(value), after=holder.entries[-1])
        else:
            self.replace(value_of(way.entries[-1]), value)
        return self.done(lambda data: with_value(data, self.path.parts[2:], value))

    def add(self, value: Value) -> State:
        """Write a value where nothing is; before an item that is there."""
        if not self.way.complete:
            return self.set(value)
        if not isinstance(self.path.parts[-1], int):
            raise UsageError(f"{self.path}: expected nothing, found {self.place}: change it with `set`")
        return self.insert(value)

    def insert(self, value: Value) -> State:
        """Write a value before an item that is there."""
        refuse_unwritable(self.path, value)
        self.check_spelling()
        sequence, index = self.list_of_last()
        self.edit.add_item(sequence, index, new(value))
        return self.done(lambda data: with_inserted(data, self.path.parts[2:], value))

    def remove(self) -> State:
        """Take out the entry, or the item, that the path leads to."""
        if self.way.complete and len(self.path) > 2 and isinstance(self.path.parts[-1], int):
            self.check_spelling()
            self.edit.remove_item(*self.list_of_last())
        else:
            self.edit.remove(self.entry())
        return self.done(lambda data: without(data, self.path.parts[2:]))

    def rename(self, name: str) -> State:
        """Write another last key."""
        *_, last = self.path.parts
        if name == last:
            return self.state
        self.check_name(name)
        if way(self.tree, self.path.parent / name).complete:
            raise UsageError(f"{self.path}: expected a new name, found `{name}`, which is there already")
        if len(self.path) == 2 and self.way.complete and not isinstance(self.way.entries[0], Entry):
            self.edit.replace(self.tree.definitions.applications[str(last)].key, name)  # in an old layout it is the value of `name`
        else:
            self.edit.rename(self.entry(), name)
        return self.done(lambda data: with_renamed(data, self.path.parts[2:], name), name)

    def expand(self) -> State:
        """Expand the first alias or merge key that is in the way, then look again; or, in an anchored value, the aliases elsewhere."""
        anchored = {id(node) for node in (*self.way.within, *map(value_of, self.way.entries)) if node.anchor}
        last = value_of(self.way.entries[-1]) if self.way.complete else None
        first = (*self.way.crossed, *self.way.hidden, *([last] if isinstance(last, Alias) else []))[:1]
        for one in first:
            self.edit.expand(one)
        for alias in [] if first else [a for node in self.way.within for a in node.source.aliases if id(a.target) in anchored]:
            self.edit.expand_use(alias)
        if not len(self.edit):
            return self.state
        return Step(self.done(lambda data: data), self.path).expand()

    # -- the text

    def entry(self) -> Entry:
        """The entry that the path leads to."""
        self.check_spelling()
        last = self.way.entries[-1] if self.way.complete else None
        if last is None:
            raise UsageError(f"{self.path}: expected something there, found nothing")
        if not isinstance(last, Entry):
            what = "an item of a list" if len(self.path) > 2 else f"a whole file; delete {_file(last)} yourself"
            raise UsageError(f"{self.path}: expected a key with its value, found {what}")
        return last

    def list_of_last(self) -> tuple[Sequence, int]:
        """The list that the last part of the path is an item of, and its number."""
        sequence = self.tree.definitions.see(value_of(self.way.entries[-2]))
        return cast("Sequence", sequence), cast("int", self.path.parts[-1])

    def extend(self, node: Node, rest: tuple[str | int, ...], value: Value) -> None:
        """Write a new key into what is there, with the mappings above it."""
        seen = self.tree.definitions.see(node)
        if is_tagged(seen):
            raise self.no_mapping(seen, rest)
        if any(isinstance(part, int) and part for part in rest[1:]):
            raise UsageError(f"{self.path}: expected `[0]` in a list that is not there yet, found another number")
        if isinstance(rest[0], int) and not (rest[0] == 0 and isinstance(seen, Scalar) and seen.is_null):
            if not isinstance(seen, Sequence) or rest[0] != len(seen.items):
                known = f"`[{len(seen.items)}]`, behind the last item" if isinstance(seen, Sequence) else "a key"
                raise UsageError(f"{self.path}: expected {known}, found `[{rest[0]}]`")
            self.edit.add_item(seen, rest[0], new(nested(rest[1:], value)))
        elif isinstance(seen, Mapping) and isinstance(rest[0], str):
            last = seen.entries[-1] if seen.entries else None
            self.edit.add(seen, rest[0], new(nested(rest[1:], value)), after=last)
        elif isinstance(seen, Scalar) and seen.is_null:
            self.edit.replace(seen, new(nested(rest, value)))
        else:
            raise self.no_mapping(seen, rest)

    def no_mapping(self, seen: Node, rest: tuple[str | int, ...]) -> UsageError:
        """Say that there is something else where a mapping would have to be, for what is not there yet."""
        around = KeyPath(self.path.parts[: -len(rest)])
        found = shown(Reader(self.tree.definitions).value(seen), 60)
        return UsageError(f"{around}: expected a mapping, found {found} at {seen.origin}: set `{around}` as a whole")

    def replace(self, node: Node, value: Value) -> None:
        """Write a value for another; an included text, in its file; a mapping key by key, so that all else in it stays."""
        included = self.tree.definitions.inclusions.get(id(dealias(node)))
        if included is not None and included.kind == "string" and included.target is not None and isinstance(value, str):
            self.contents[included.target] = value.encode()
            return
        if isinstance(value, Part):
            value = cast("Value", plain_data(value))
        if (
            isinstance(node, Mapping)
            and isinstance(value, MappingABC)
            and not (node.tag or any(e.name is None or is_merge(e) for e in node.entries))
        ):
            self.rewrite(node, value)
            return
        self.edit.replace(node, new(value))
        if not isinstance(node, Alias) and node.tag is not None:  # the tag said how to read what stood there
            self.edit.untag(node)

    def rewrite(self, mapping: Mapping, value: MappingABC[str, Value]) -> None:
        """Make a mapping one with these keys and values."""
        there = {str(entry.name): entry for entry in mapping.entries}
        for name, entry in there.items():
            if name not in value:
                self.edit.remove(entry)
            elif self.data(entry) != as_data(value[name]):
                self.replace(entry.value, value[name])
        for name in value:
            if name not in there:
                self.edit.add(mapping, name, new(value[name]), after=mapping.entries[-1] if mapping.entries else None)

    def define(self, value: Value) -> None:
        """Write a new application, service or route: behind the last one, or in a section of its own."""
        section, name = str(self.path.parts[0]), str(self.path.parts[1])
        self.check_name(name)
        if len(self.path) > 2 and section == "applications":
            known = ", ".join(f"`{app}`" for app in self.tree.definitions.applications)
            raise UsageError(f"{self.path}: expected one of {known}, found `{name}`; add it as a whole")
        look = self.tree.definitions
        keys = (
            [d.key for d in look.applications.values()] if section == "applications" else [e.key for e in getattr(look, section).values()]
        )
        last = next((e for key in reversed(keys) if (e := entry_of(key)) and e.name != "name"), None)
        if last is not None:
            self.edit.add(last.mapping, name, new(value), after=last.mapping.entries[-1])
            return
        root = next((one.source.root for one in self.tree.layout if one.file.role is Role.CONFIG), None)
        if not isinstance(root, Mapping) or keys:
            raise UsageError(f"{self.path}: expected a file that lists {section}, found none; write one, or migrate the project first")
        there = root.get(section)
        if there is not None:
            self.edit.replace(there.value, new({name: value}))
        else:
            self.edit.add(root, section, new({name: value}), after=root.entries[-1])

    def check_name(self, name: str) -> None:
        """Refuse a name of an application, service or route that would make the platform ignore it."""
        if len(self.path) == 2 and name.startswith("."):
            raise UsageError(f"{self.path}: expected a name that does not begin with a dot, found `{name}`, which the platform ignores")

    def check_spelling(self) -> None:
        """Refuse a path that means something that is written in another way, as `commands.start` of a cron is in `cmd`."""
        find = Places(self.tree.definitions).find
        for length in range(len(self.way.entries) + 2, len(self.path) + 1):
            parts = self.path.parts[:length]
            node = find(parts)
            written = entry_of(node) if node is not None else None
            if written is not None and written.name != parts[-1]:
                message = f"{KeyPath(parts)}: written in an old spelling, as `{written.name}`"
                raise RefusedError(_refusal("old-spelling", message, written.key, "change that, or migrate the project first"))

    # -- what it says

    def data(self, place: Entry | Node) -> Data:
        return Reader(self.tree.definitions).value(value_of(place))

    def done(self, change: Callable[[Data], Data], name: str | None = None) -> State:
        """What comes of this step: the new files, loaded again and compared with what was asked for."""
        state, edits = self.state, self.edit.edits()
        texts = {path: self.tree.sources[path].encode(apply(self.tree.sources[path].text, changes)) for path, changes in edits.items()}
        planned = {**state.planned, **self.contents, **texts}
        wanted = self.wanted(change, name)  # before the new files are read: on the way it takes as much memory as these
        try:
            tree = load_tree(Overlay(state.files, planned), limits=state.limits)
        except ConfigurationError as error:
            raise RefusedError(*error.diagnostics) from None
        project = tree.project
        if not project.applications:
            raise RefusedError(_refusal("no-applications", f"{self.path}: expected at least one application to stay", None, None))
        if found := faults(wanted, project):
            raise RefusedError(*self.explained(found))
        if lost := lost_comments(self.tree.sources.values(), edits, {**self.tree.sources, **tree.sources}.values()):
            advice = "take it away first, or change what is there key by key"
            raise RefusedError(*(evolve(one, code="WL196", name="comment-lost", help=advice) for one in lost))
        known = {(one.name, one.message.partition(": ")[2]) for one in state.before.diagnostics}
        notes = [change.diagnostic for change in compare(state.before, project).destructive]
        notes += [one for one in (*tree.diagnostics, *project.diagnostics) if (one.name, one.message.partition(": ")[2]) not in known]
        return evolve(state, tree=tree, planned=planned, diagnostics=tuple(notes))

    def wanted(self, change: Callable[[Data], Data], name: str | None) -> Project:
        """The model as it was, with the change that was asked for: made of the data that the files hold, not of their new text."""
        before = self.tree.project
        section, old = str(self.path.parts[0]), str(self.path.parts[1])
        data = change(self.data(self.way.entries[0]) if self.way.entries else None)
        new = name if name is not None and len(self.path) == 2 else old
        if len(self.path) == 2 and isinstance(data, MappingABC):
            data = {key: value for key, value in data.items() if key != "name" or section != "applications"}
        parts = dict(getattr(before, section))
        if data is GONE:
            del parts[old]
            return _with_section(before, section, parts)
        made = getattr(from_data({section: {new: data}}), section)[new]
        if isinstance(made, Application) and isinstance(data, MappingABC):
            made = self.rooted(made, data)
        renamed = {new if key == old else key: made if key == old else part for key, part in parts.items()} | {new: made}
        return _with_section(before, section, renamed)

    def rooted(self, app: Application, data: MappingABC[str, Data]) -> Application:
        """The application with the root that its layout gives it where none is written."""
        source = data.get("source")
        if isinstance(source, MappingABC) and isinstance(source.get("root"), (str, bool, Number)):
            return app
        known = self.tree.definitions.applications.get(str(self.path.parts[1]))
        folder = next(
            (o.file.folder for o in self.tree.layout if known and o.source is known.source and o.file.role is Role.APPLICATION), ""
        )
        return evolve(app, source=evolve(app.source, root=folder))

    def explained(self, found: list[Diagnostic]) -> list[Diagnostic]:
        """Why the new model is another one than was asked for: mostly since what changed stands for several places."""
        if hidden := self.way.hidden:
            message = f"{self.path}: expected to be gone, but the merge key at {hidden[0].key.origin} brings it from another mapping"
            return [Diagnostic("WL194", "shared-value", Severity.ERROR, message, self.place, _EXPAND)]
        nodes = [*self.way.within, *map(value_of, self.way.entries)]
        anchor = next((node for node in nodes if node.anchor), None)
        included = [i for i in self.tree.definitions.inclusions.values() if any(i.target == node.source.path for node in nodes)]
        if anchor is not None:
            what, advice = f"`&{anchor.anchor}` at {anchor.origin}", _EXPAND
        elif len(included) > 1 or self.contents:
            what, advice = f"a file that is included {len(included)} times", "include a copy of it here first"
        else:
            return found
        others = "; ".join(one.message.partition(":")[0] for one in found[:4])
        message = f"{self.path}: expected to change alone, but shares {what} with others, which would change too: {others}"
        return [Diagnostic("WL194", "shared-value", Severity.ERROR, message, self.place, advice)]


def _with_section(project: Project, section: str, parts: MappingABC[str, object]) -> Project:
    return cast("Callable[..., Project]", evolve)(project, **{section: parts})


def _refusal(name: str, message: str, node: Node | None, advice: str | None) -> Diagnostic:
    code = {"old-spelling": "WL195", "no-applications": "WL115"}[name]
    return Diagnostic(code, name, Severity.ERROR, message, node.origin if node else None, advice)


def _file(place: Entry | Node) -> str:
    return f"`{value_of(place).source.path}`"


def _changes(files: ProjectFiles, planned: MappingABC[str, bytes | None]) -> Iterator[FileChange]:
    """What differs from the files that there are."""
    for path, after in sorted(planned.items()):
        before = files.read(path) if files.is_file(path) else None
        if before != after:
            yield FileChange(path, before, after)


_EXPAND = "write a copy here first: `expand` in Python, `--expand` on the command line"
