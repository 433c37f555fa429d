"""Changes of a project that is there, by key path: each proved and written as a migration is, with all other text as it was.

A path is that of the current layout (``applications.shop.workers.queue.commands.start``) whichever layout the files are in. What is asked
for is done where it stands: in an included file, in the file of an application. The proof: the old model with exactly that change is the
new model.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from collections.abc import Mapping as MappingABC
from collections.abc import Sequence as SequenceABC
from os import PathLike
from pathlib import Path
from typing import TypeAlias, TypeGuard, Union, cast

from attrs import define, evolve, field, frozen

from workerlib.changes import FileChange
from workerlib.comparing import Comparison, compare, shown
from workerlib.convert import Places, structure
from workerlib.diagnostic import Diagnostic, Origin, Severity
from workerlib.editing import Editor, Written, apply
from workerlib.editing.writing import Value as NewValue
from workerlib.errors import ConfigurationError, RefusedError, UsageError
from workerlib.keypath import KeyPath, key_path
from workerlib.layout import DiskFiles, MemoryFiles, Overlay, ProjectFiles, Role
from workerlib.loading import Tree, load_tree
from workerlib.merging import SECTIONS, no_applications
from workerlib.migrate.planning import Plan
from workerlib.migrate.verify import faults, lost_comments
from workerlib.model import Application, Number, Part, Project
from workerlib.plain import Data, from_data, plain_data
from workerlib.reading import Reader
from workerlib.scalars import number_text
from workerlib.text import Alias, Entry, Limits, Mapping, Node, Scalar, Sequence, dealias, is_merge, merged_entries, merged_mappings

Value: TypeAlias = Union[str, int, float, bool, Number, Part, SequenceABC["Value"], MappingABC[str, "Value"], None]  # noqa: UP007
"""What can be written: plain values, and parts of the model, such as a :class:`~workerlib.model.Worker`."""

# ---- for users ----------------------------------------------------------------------------------------------------------------------


def edit(project: Project | str | PathLike[str] | MappingABC[str, bytes], *, limits: Limits = Limits()) -> Amendment:
    """Begin to change the files of a project: a folder, a mapping of paths to bytes, or a project that was loaded from one of these.

    Raises UsageError for a project that is not, or no longer, what its files say, and as :func:`~workerlib.loading.load` does.
    """
    files: ProjectFiles | None
    if isinstance(project, Project):
        files = project.origin.definitions.files if isinstance(project.origin, Places) else None
    else:
        files = MemoryFiles(project) if isinstance(project, MappingABC) else DiskFiles(Path(project))
    if isinstance(files, DiskFiles) and files.root.is_file():
        raise UsageError(f"{files.root}: expected the folder of a project, found a file")
    if files is None:
        raise UsageError("expected a project that was loaded from a folder, found one that was made or loaded from one file")
    begun = _begin(files, limits)
    if isinstance(project, Project) and begun.project != project:
        raise UsageError("expected a project as its files say, found another: load it again, and make changes with `set` and the like")
    return begun


@frozen(eq=False)
class _State:
    """The files and the project as they were, and the files as they would be."""

    files: ProjectFiles
    before: Project
    tree: Tree
    limits: Limits


@define(eq=False, kw_only=True)
class Amendment(Plan):
    """A plan that grows: each method gives a new one with one change more, and leaves this one as it is.

    What a method asks for that cannot be done raises UsageError; RefusedError is raised where it would change something else too.
    """

    _state: _State = field(alias="state")

    def set(self, path: KeyPath | str, value: Value) -> Amendment:
        """Write a value, in place of the one at `path` or as a new key there. Nothing changes where it is that value already."""
        return _Step(self, self._state, _parsed(path)).set(value)

    def add(self, path: KeyPath | str, value: Value) -> Amendment:
        """Write a value at a path where nothing is; in a list, before the item that is there, or behind the last one."""
        step = _Step(self, self._state, _parsed(path))
        if step.way.complete and isinstance(step.path.parts[-1], int):
            return step.insert(value)
        if step.way.complete:
            raise UsageError(f"{step.path}: expected nothing, found {step.place}: change it with `set`")
        return step.set(value)

    def remove(self, path: KeyPath | str) -> Amendment:
        """Take a key out, with its value and the comment on its line; or an item out of a list."""
        return _Step(self, self._state, _parsed(path)).remove()

    def rename(self, path: KeyPath | str, name: str) -> Amendment:
        """Write another name for the last key of `path`. What refers to it stays as it is."""
        return _Step(self, self._state, _parsed(path)).rename(name)

    def expand(self, path: KeyPath | str) -> Amendment:
        """Write out the aliases and merge keys that `path` shares with other places, so that it, and what is below, can change alone."""
        return _Step(self, self._state, _parsed(path)).expand()

    @property
    def comparison(self) -> Comparison:
        """What the changes mean for each instance."""
        return compare(self._state.before, self.project)

    def apply(self, *, force: bool = False, stage: bool = False) -> None:
        """Write the changes, all or none; as for a :class:`~workerlib.migrate.planning.Plan`."""
        if not isinstance(self._state.files, DiskFiles):
            raise UsageError("expected a project on the disk, found one in memory: its new files are `files`")
        super().apply(force=force, stage=stage)


def _begin(files: ProjectFiles, limits: Limits) -> Amendment:
    tree = load_tree(files, limits=limits)
    before = structure(tree.definitions)
    if not before.applications:
        raise no_applications(str(files.root) if isinstance(files, DiskFiles) else "")
    return Amendment(
        root=files.root if isinstance(files, DiskFiles) else Path(),
        changes=(),
        outcomes=(),
        diagnostics=(),
        before=before,
        applications=tuple(before.applications),
        project=before,
        state=_State(files, before, tree, limits),
    )


def _parsed(path: KeyPath | str) -> KeyPath:
    found = key_path(path)
    if any(isinstance(part, int) and part < 0 for part in found):
        raise UsageError(f"{found}: expected the numbers of items from 0 on, found one below")
    if len(found) < 2 or found.parts[0] not in SECTIONS:
        raise UsageError(f"`{found}`: expected `applications`, `services` or `routes`, a name, and so on, as in `applications.shop.type`")
    return found


# ---- where a path leads -------------------------------------------------------------------------------------------------------------


@frozen
class _Way:
    """How far a path leads in the text: the `entries` or items of those of its parts that are there, from the name on.

    `crossed` are the aliases and merge keys that are met before the end, `within` every node that the last one stands in. `holder` is the
    mapping that has the last key, written in it or merged into it.
    """

    path: KeyPath
    entries: tuple[Entry | Node, ...]
    crossed: tuple[Alias | Entry, ...]
    within: tuple[Node, ...]
    holder: Mapping | None = None

    @property
    def complete(self) -> bool:
        return len(self.entries) == len(self.path) - 1

    @property
    def hidden(self) -> list[Entry]:
        """The merge keys that would bring the last key, were it not written beside them."""
        return _bringing(self.holder, str(self.path.parts[-1])) if self.holder is not None and self.complete and not self.crossed else []

    @property
    def rest(self) -> tuple[str | int, ...]:
        """The parts that are not there."""
        return self.path.parts[1 + len(self.entries) :]


def _way(tree: Tree, path: KeyPath) -> _Way:
    look = tree.definitions
    section, name, *rest = path.parts
    start: Entry | Node | None
    if section == "applications":
        definition = look.applications.get(str(name))
        start = (_entry_of(definition.key) or definition.node) if definition else None
    else:
        start = (look.services if section == "services" else look.routes).get(str(name))
    if start is None:
        return _Way(path, (), (), ())
    entries, crossed, within = [start], list[Alias | Entry](), list[Node]()
    holder: Mapping | None = None
    for part in rest:
        node = _value(entries[-1])
        if isinstance(node, Alias):
            crossed.append(node)
        seen = look.see(node)
        within += dict.fromkeys((dealias(node), seen))
        found: Entry | Node | None = None
        if isinstance(seen, Mapping) and isinstance(part, str):
            found = merged_entries(seen).get(part)
            if found is not None and found.mapping is not seen:
                crossed += _bringing(seen, part)[:1]
                within.append(found.mapping)
        elif isinstance(seen, Sequence) and isinstance(part, int) and part < len(seen.items):
            found = seen.items[part]
        if found is None:
            break
        entries.append(found)
        holder = seen if isinstance(seen, Mapping) else None
    return _Way(path, tuple(entries), tuple(crossed), tuple(within), holder)


def _bringing(mapping: Mapping, name: str) -> list[Entry]:
    """The merge keys of a mapping whose mappings have a key of this name."""
    return [e for e in mapping.entries if is_merge(e) and any(name in merged_entries(m) for m in merged_mappings(e))]


def _value(place: Entry | Node) -> Node:
    return place.value if isinstance(place, Entry) else place


def _entry_of(key: Node) -> Entry | None:
    """The entry that a node is the key of."""
    parent = key.source.parents.get(id(key))
    return parent if isinstance(parent, Entry) and parent.key is key else None


# ---- one change ---------------------------------------------------------------------------------------------------------------------


@define
class _Step:
    """One change to what is planned so far: first of the text, then, apart from that, of what the text says."""

    amendment: Amendment
    state: _State
    path: KeyPath
    edit: Editor = field(factory=lambda: Editor(by="edit"))
    contents: dict[str, bytes] = field(factory=dict)  # of included files that are no YAML
    way: _Way = field(init=False)

    def __attrs_post_init__(self) -> None:
        self.way = _way(self.tree, self.path)

    @property
    def tree(self) -> Tree:
        return self.state.tree

    @property
    def place(self) -> Origin | None:
        """Where the last part of the path that is there is written."""
        last = self.way.entries[-1] if self.way.entries else None
        return last.key.origin if isinstance(last, Entry) else last.origin if last else None

    def set(self, value: Value) -> Amendment:
        way = self.way
        if isinstance(value, Part):
            value = cast("Value", plain_data(value, str(self.path.parts[-1])))
        if not way.entries:
            self.define(_nested(way.rest[1:], value))
        elif not way.complete:
            self.check_spelling()
            self.extend(_value(way.entries[-1]), way.rest, value)
        elif len(self.path) == 2 and not isinstance(way.entries[0], Entry):
            raise UsageError(f"{self.path}: expected a property of it, found a whole file; write {_file(way.entries[0])} anew yourself")
        elif self.data(way.entries[-1]) == _data(value):
            return self.amendment
        elif way.holder is not None and (last := cast("Entry", way.entries[-1])).mapping is not way.holder:
            self.edit.add(
                way.holder, str(last.name), _new(value), after=way.holder.entries[-1]
            )  # what it has of its own counts, not what is merged
        else:
            self.replace(_value(way.entries[-1]), value)
        return self.done(lambda data: _with(data, self.path.parts[2:], value))

    def insert(self, value: Value) -> Amendment:
        """Write a value before an item that is there."""
        self.check_spelling()
        sequence, index = self.list_of_last()
        self.edit.add_item(sequence, index, _new(value))
        return self.done(lambda data: _inserted(data, self.path.parts[2:], value))

    def remove(self) -> Amendment:
        if self.way.complete and len(self.path) > 2 and isinstance(self.path.parts[-1], int):
            self.check_spelling()
            self.edit.remove_item(*self.list_of_last())
        else:
            self.edit.remove(self.entry())
        return self.done(lambda data: _without(data, self.path.parts[2:]))

    def rename(self, name: str) -> Amendment:
        *_, last = self.path.parts
        if name == last:
            return self.amendment
        if _way(self.tree, self.path.parent / name).complete:
            raise UsageError(f"{self.path}: expected a new name, found `{name}`, which is there already")
        if len(self.path) == 2 and self.way.complete and not isinstance(self.way.entries[0], Entry):
            self.edit.replace(self.tree.definitions.applications[str(last)].key, name)  # in an old layout it is the value of `name`
        else:
            self.edit.rename(self.entry(), name)
        return self.done(lambda data: _renamed(data, self.path.parts[2:], name), name)

    def expand(self) -> Amendment:
        """Expand the first alias or merge key that is in the way, then look again; or, in an anchored value, the aliases elsewhere."""
        anchored = {id(node) for node in (*self.way.within, *map(_value, self.way.entries)) if node.anchor}
        last = _value(self.way.entries[-1]) if self.way.complete else None
        first = (*self.way.crossed, *self.way.hidden, *([last] if isinstance(last, Alias) else []))[:1]
        for one in first:
            self.edit.expand(one)
        for alias in [] if first else [a for node in self.way.within for a in node.source.aliases if id(a.target) in anchored]:
            parent = alias.source.parents.get(id(alias))
            if isinstance(parent, Sequence):
                parent = alias.source.parents.get(id(parent))
            self.edit.expand(parent if isinstance(parent, Entry) and is_merge(parent) else alias)
        if not len(self.edit):
            return self.amendment
        return self.done(lambda data: data).expand(self.path)

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
        sequence = self.tree.definitions.see(_value(self.way.entries[-2]))
        return cast("Sequence", sequence), cast("int", self.path.parts[-1])

    def extend(self, node: Node, rest: tuple[str | int, ...], value: Value) -> None:
        """Write a new key into what is there, with the mappings above it."""
        seen = self.tree.definitions.see(node)
        if any(isinstance(part, int) and part for part in rest[1:]):
            raise UsageError(f"{self.path}: expected `[0]` in a list that is not there yet, found another number")
        if isinstance(rest[0], int) and not (rest[0] == 0 and isinstance(seen, Scalar) and seen.is_null):
            if not isinstance(seen, Sequence) or rest[0] != len(seen.items):
                known = f"`[{len(seen.items)}]`, behind the last item" if isinstance(seen, Sequence) else "a key"
                raise UsageError(f"{self.path}: expected {known}, found `[{rest[0]}]`")
            self.edit.add_item(seen, rest[0], _new(_nested(rest[1:], value)))
        elif isinstance(seen, Mapping) and isinstance(rest[0], str):
            last = seen.entries[-1] if seen.entries else None
            self.edit.add(seen, rest[0], _new(_nested(rest[1:], value)), after=last)
        elif isinstance(seen, Scalar) and seen.is_null:
            self.edit.replace(seen, _new(_nested(rest, value)))
        else:
            around = KeyPath(self.path.parts[: -len(rest)])
            found = shown(Reader(self.tree.definitions).value(seen), 60)
            raise UsageError(f"{around}: expected a mapping, found {found} at {seen.origin}: set `{around}` as a whole")

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
        self.edit.replace(node, _new(value))
        if not isinstance(node, Alias) and node.tag is not None:  # the tag said how to read what stood there
            tag = cast("re.Match[str]", _TAG.search(node.source.text, node.start))
            blank = node.source.text[: tag.start()].endswith(" ")
            self.edit.cut(node.source, tag.start() - blank, tag.end())

    def rewrite(self, mapping: Mapping, value: MappingABC[str, Value]) -> None:
        """Make a mapping one with these keys and values."""
        there = {str(entry.name): entry for entry in mapping.entries}
        for name, entry in there.items():
            if name not in value:
                self.edit.remove(entry)
            elif self.data(entry) != _data(value[name]):
                self.replace(entry.value, value[name])
        for name in value:
            if name not in there:
                self.edit.add(mapping, name, _new(value[name]), after=mapping.entries[-1] if mapping.entries else None)

    def define(self, value: Value) -> None:
        """Write a new application, service or route: behind the last one, or in a section of its own."""
        section, name = str(self.path.parts[0]), str(self.path.parts[1])
        if len(self.path) > 2 and section == "applications":
            known = ", ".join(f"`{app}`" for app in self.tree.definitions.applications)
            raise UsageError(f"{self.path}: expected one of {known}, found `{name}`; add it as a whole")
        look = self.tree.definitions
        keys = (
            [d.key for d in look.applications.values()] if section == "applications" else [e.key for e in getattr(look, section).values()]
        )
        last = next((e for key in reversed(keys) if (e := _entry_of(key)) and e.name != "name"), None)
        if last is not None:
            self.edit.add(last.mapping, name, _new(value), after=last.mapping.entries[-1])
            return
        root = next((one.source.root for one in self.tree.layout if one.file.role is Role.CONFIG), None)
        if not isinstance(root, Mapping) or keys:
            raise UsageError(f"{self.path}: expected a file that lists {section}, found none; write one, or migrate the project first")
        there = root.get(section)
        if there is not None:
            self.edit.replace(there.value, _new({name: value}))
        else:
            self.edit.add(root, section, _new({name: value}), after=root.entries[-1])

    def check_spelling(self) -> None:
        """Refuse a path that means something that is written in another way, as `commands.start` of a cron is in `cmd`."""
        find = Places(self.tree.definitions).find
        for length in range(len(self.way.entries) + 2, len(self.path) + 1):
            parts = self.path.parts[:length]
            node = find(parts)
            written = _entry_of(node) if node is not None else None
            if written is not None and written.name != parts[-1]:
                message = f"{KeyPath(parts)}: written in an old spelling, as `{written.name}`"
                raise RefusedError(_refusal("old-spelling", message, written.key, "change that, or migrate the project first"))

    # -- what it says

    def data(self, place: Entry | Node) -> Data:
        return Reader(self.tree.definitions).value(_value(place))

    def done(self, change: Callable[[Data], Data], name: str | None = None) -> Amendment:
        """The amendment with this step: the new files, loaded again and compared with what was asked for."""
        state, edits = self.state, self.edit.edits()
        texts = {path: self.tree.sources[path].encode(apply(self.tree.sources[path].text, changes)) for path, changes in edits.items()}
        planned = {**self.amendment.files, **self.contents, **texts}
        try:
            tree = load_tree(Overlay(state.files, planned), limits=state.limits)
        except ConfigurationError as error:
            raise RefusedError(*error.diagnostics) from None
        project = structure(tree.definitions)
        if not project.applications:
            raise RefusedError(_refusal("no-applications", f"{self.path}: expected at least one application to stay", None, None))
        if found := faults(self.wanted(change, name), project):
            raise RefusedError(*self.explained(found))
        if lost := lost_comments(self.tree.sources.values(), edits, {**self.tree.sources, **tree.sources}.values()):
            advice = "take it away first, or change what is there key by key"
            raise RefusedError(*(evolve(one, code="WL196", name="comment-lost", help=advice) for one in lost))
        known = {(one.name, one.message.partition(": ")[2]) for one in state.before.diagnostics}
        notes = [change.diagnostic for change in compare(state.before, project).destructive]
        notes += [one for one in (*tree.diagnostics, *project.diagnostics) if (one.name, one.message.partition(": ")[2]) not in known]
        changes = tuple(_changes(state.files, planned))
        return evolve(self.amendment, changes=changes, diagnostics=tuple(notes), project=project, state=evolve(state, tree=tree))

    def wanted(self, change: Callable[[Data], Data], name: str | None) -> Project:
        """The model as it was, with the change that was asked for: made of the data that the files hold, not of their new text."""
        before = self.amendment.project
        section, old = str(self.path.parts[0]), str(self.path.parts[1])
        data = change(self.data(self.way.entries[0]) if self.way.entries else None)
        new = name if name is not None and len(self.path) == 2 else old
        if len(self.path) == 2 and isinstance(data, MappingABC):
            data = {key: value for key, value in data.items() if key != "name" or section != "applications"}
        parts = dict(getattr(before, section))
        if data is _GONE:
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
        nodes = [*self.way.within, *map(_value, self.way.entries)]
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
    return f"`{_value(place).source.path}`"


def _changes(files: ProjectFiles, planned: MappingABC[str, bytes | None]) -> Iterator[FileChange]:
    """What differs from the files that there are."""
    for path, after in sorted(planned.items()):
        before = files.read(path) if files.is_file(path) else None
        if before != after:
            yield FileChange(path, before, after)


_EXPAND = "write a copy here first: `expand` in Python, `--expand` on the command line"
_TAG = re.compile(r"![^\s,\[\]{}]*")


# ---- values -------------------------------------------------------------------------------------------------------------------------


class _Gone(tuple[Data, ...]):
    """What is left of data that is taken away as a whole."""


_GONE = _Gone()


def _new(value: Value) -> NewValue:
    """A value as the editor takes it."""
    match value:
        case str():
            return value
        case float():
            return Written(number_text(value))
        case Number():
            return Written(value.text)
        case Part():
            return _new(cast("Value", plain_data(value)))
        case MappingABC():
            return {key: _new(inner) for key, inner in value.items()}
        case SequenceABC():
            return [_new(inner) for inner in value]
        case _:
            return value


def _data(value: Value) -> Data:
    """A value as it is read again."""
    match value:
        case str() | bool():
            return value
        case int() | float():
            return Number(number_text(value))
        case Part():
            return _data(cast("Value", plain_data(value)))
        case MappingABC():
            return {key: _data(inner) for key, inner in value.items()}
        case SequenceABC():
            return tuple(_data(inner) for inner in value)
        case _:
            return value


def _nested(parts: tuple[str | int, ...], value: Value) -> Value:
    for part in reversed(parts):
        value = {part: value} if isinstance(part, str) else [value]
    return value


def _is_list(data: Data) -> TypeGuard[SequenceABC[Data]]:
    return isinstance(data, SequenceABC) and not isinstance(data, str)


def _with(data: Data, parts: tuple[str | int, ...], value: Value) -> Data:
    """`data` with a value at a path."""
    if not parts:
        return _data(value)
    head, *rest = parts
    if isinstance(head, int):
        items = list(data) if _is_list(data) else []
        longer = [*items, None] if head == len(items) else items
        return [_with(item, tuple(rest), value) if at == head else item for at, item in enumerate(longer)]
    inner = data if isinstance(data, MappingABC) else {}
    return {**inner, str(head): _with(inner.get(str(head)), tuple(rest), value)}


def _inserted(data: Data, parts: tuple[str | int, ...], value: Value) -> Data:
    """`data` with a value before the item of a list that is at a path."""
    head, *rest = parts
    if _is_list(data) and isinstance(head, int):
        if not rest:
            return [*data[:head], _data(value), *data[head:]]
        return [_inserted(item, tuple(rest), value) if at == head else item for at, item in enumerate(data)]
    assert isinstance(data, MappingABC)
    return {key: _inserted(inner, tuple(rest), value) if key == head else inner for key, inner in data.items()}


def _without(data: Data, parts: tuple[str | int, ...]) -> Data:
    """`data` without what is at a path."""
    if not parts:
        return _GONE
    head, *rest = parts
    if _is_list(data):
        left = [_without(item, tuple(rest)) if at == head else item for at, item in enumerate(data)]
        return [item for item in left if item is not _GONE]
    assert isinstance(data, MappingABC)
    changed = {key: _without(value, tuple(rest)) if key == head else value for key, value in data.items()}
    return {key: value for key, value in changed.items() if value is not _GONE}


def _renamed(data: Data, parts: tuple[str | int, ...], name: str) -> Data:
    """`data` with another last key on a path, in its place."""
    if not parts:
        return data
    head, *rest = parts
    if _is_list(data):
        return [_renamed(item, tuple(rest), name) if at == head else item for at, item in enumerate(data)]
    assert isinstance(data, MappingABC)
    return {name if key == head and not rest else key: _renamed(v, tuple(rest), name) if key == head else v for key, v in data.items()}
