"""What lifting writes, moves and deletes, and what stays behind."""

from __future__ import annotations

import posixpath
from collections import defaultdict
from collections.abc import Iterable, Iterator
from collections.abc import Mapping as MappingABC
from itertools import count

from attrs import frozen

from workerlib.definitions import Definition, Inclusion
from workerlib.diagnostic import Diagnostic, Origin, Severity
from workerlib.editing import Edit, Editor, apply, with_newlines
from workerlib.editing.surroundings import around
from workerlib.errors import ConfigurationError
from workerlib.layout import CURRENT, OLD, Role, below, misnamed, nearly_named, relocated
from workerlib.lifting.joining import Joiner
from workerlib.lifting.relocating import relocation, rewrite_paths
from workerlib.lifting.roots import needs_root, refuse_what_takes_no_root, source_of, unstated
from workerlib.loading import Tree
from workerlib.merging import LoadedFile
from workerlib.scalars import STANDARD
from workerlib.text import Alias, Entry, Mapping, Node, Scalar, is_merge, merged_entries, merged_mappings, merging

NAME = "lift"


@frozen(eq=False, repr=False)
class Lifted:
    """What lifting plans: the bytes of every file that is written, None for one that goes.

    `moves` are files that change their place, old to new; `edits` what changes in the old texts, apart from where they stand.
    """

    planned: dict[str, bytes | None]
    moves: dict[str, str]
    edits: dict[str, list[Edit]]


def lift(tree: Tree, edit: Editor | None = None, *, split: bool = False) -> Lifted:
    """Plan the move of a project's old layout files into ``.upsun``: one file, or one for each application where `split` is set.

    What others want to change in the same files, told to `edit`, is done on the way. Raises ConfigurationError where a root has nowhere to
    be stated, and for an archive of what leaves; EditConflictError where what is wanted does not fit together.
    """
    for definition, root in _old_applications(tree):
        _refuse_tag(root)
        refuse_what_takes_no_root(tree, definition)
    old = [one for one in tree.layout if one.file.role is not Role.CONFIG]
    moved = relocation(tree)
    edit = Editor() if edit is None else edit
    edit.by = NAME
    rewrite_paths(tree, moved, edit)
    _keep_anchors_apart(old, edit)
    _complete(tree, edit)
    edits = edit.edits()

    planned: dict[str, bytes | None] = {one.file.path: None for one in old}
    planned |= dict.fromkeys(moved.moves)
    for path, new in moved.places.items():
        planned[new] = tree.files.read(path)
    for path, source in tree.sources.items():
        if (path in edits and path not in planned) or path in moved.moves:
            planned[moved(path)] = source.encode(apply(source.text, edits.get(path, ())))
    style = next((one.source for one in old if one.file.role in (Role.APPLICATION, Role.APPLICATIONS)), old[0].source)
    for path, text in Joiner(tree, edits, style).files(old, split=split).items():
        planned[path] = style.encode(with_newlines(text, style.newline))
    return Lifted(planned, moved.moves, edits)


def _refuse_tag(root: Mapping) -> None:
    """Raise ConfigurationError for an application that somebody's own tag makes into something else: its name cannot leave it."""
    if root.tag not in (None, f"{STANDARD}map"):
        message, advice = f"expected an application, which is a mapping, found one tagged `{root.tag}`", "write it without the tag"
        raise ConfigurationError(Diagnostic("WL110", "not-a-mapping", Severity.ERROR, message, root.origin, advice))


def written_down(tree: Tree) -> dict[str, list[Edit]]:
    """Edits by file that give applications keys of their own, one step of a chain at a time; none where lifting can change what it has to.

    A name is to go, and a root to come into `source`, where another place has them too: in an included file, behind an alias, or in what
    a merge key brings.
    """
    edit = Editor(NAME)
    definitions = tree.definitions
    copies = _data_copies(tree)
    inside: dict[int, list[Inclusion]] = defaultdict(list)  # the inclusions of each file, by the `id` of its source
    for found in definitions.inclusions.values():
        inside[id(found.source)].append(found)
    for definition, root in _old_applications(tree):
        entries = definitions.entries(root)
        name, source = entries.get("name"), entries.get("source")
        if name and name.mapping is not root and root.start <= name.start < root.end:
            edit.expand(_merge_key(root, name))
            continue
        if name and (alias := _copy_of(name, copies)):
            edit.expand_use(alias)
            continue
        inner = definitions.see(source.value) if source else None
        if source is None or not isinstance(inner, Mapping):
            continue
        included = inner.source is not source.value.source  # from a folder that the layout implies
        if not (included or needs_root(tree, definition)):
            continue
        if source.mapping is not root:
            edit.add_merged(_merge_key(root, source), source)
        elif inner is not source.value:
            paths = _paths_from(definition.root, inner, inside[id(inner.source)]) if included else ()
            edit.write_out(source.value, inner, paths)
    return edit.edits()


def _paths_from(root: str, node: Node, inclusions: Iterable[Inclusion]) -> Iterator[tuple[Scalar, str]]:
    """The paths of those of a file's includes that stand in a node, each as it is written where paths start from an application's root."""
    for found in inclusions:
        if found.target is not None and node.start <= found.path.start < node.end:
            yield found.path, posixpath.relpath(found.target, root or ".")


def _data_copies(tree: Tree) -> dict[int, list[Alias]]:
    """The aliases that stand for data, and not for an application or what one merges, by the `id` of what they are aliases of."""
    roots = [root for _, root in _old_applications(tree)]
    nodes = {id(one.node) for one in tree.definitions.applications.values()}
    merges = {id(entry) for root in roots for entry in root.entries if is_merge(entry)}
    out: dict[int, list[Alias]] = defaultdict(list)
    for source in {id(root.source): root.source for root in roots}.values():
        for alias in source.aliases:
            if id(alias) not in nodes and id(merging(alias)) not in merges:
                out[id(alias.target)].append(alias)
    return out


def _copy_of(name: Entry, copies: MappingABC[int, list[Alias]]) -> Alias | None:
    """The first of the aliases of what holds an application's name: the name must not leave there."""
    if not copies:
        return None
    node: Node = name.mapping
    found = [*copies.get(id(name.key), ()), *copies.get(id(node), ())]
    while (outer := around(node)) is not None:
        node = outer
        found += copies.get(id(node), ())
    return min(found, key=lambda alias: alias.start, default=None)


def _merge_key(mapping: Mapping, entry: Entry) -> Entry:
    """The merge key of a mapping that brings an entry."""
    merges = [one for one in mapping.entries if is_merge(one)]
    return next(m for m in merges if any(found is entry for base in merged_mappings(m) for found in merged_entries(base).values()))


def left_behind(tree: Tree, planned: MappingABC[str, bytes | None]) -> list[Diagnostic]:
    """A note on every file of an old configuration folder that nothing refers to, and that therefore stays where it is."""
    folders = dict.fromkeys(one.file.layout.folder for one in tree.layout if one.file.role is not Role.CONFIG)
    staying = [path for folder in folders for path in tree.files.walk(folder) if path not in planned]
    if not staying:
        return []
    wrong, near = dict(misnamed(tree.files)), dict(nearly_named(tree.files))
    return [Diagnostic("WL197", "left-behind", Severity.INFO, *_why_it_stays(tree, path, wrong, near)) for path in staying]


def left_by_writing_down(before: Tree, tree: Tree) -> list[Diagnostic]:
    """A note on every file outside of the old folders that was included, until :func:`written_down` wrote out what it holds."""
    return included_no_more(before, tree, {}, "what it holds is written where it was included, and stays where it is")


def included_no_more(before: Tree, tree: Tree, moves: MappingABC[str, str], why: str) -> list[Diagnostic]:
    """A note on every file that is included no more, but for those that stay in an old folder: they are :func:`left_behind`."""
    folders = dict.fromkeys(one.file.layout.folder for one in before.layout if one.file.role is not Role.CONFIG)
    was, now = ({one.target for one in each.definitions.inclusions.values() if one.target} for each in (before, tree))
    advice = "delete it, if nothing else reads it"
    return [
        Diagnostic("WL197", "left-behind", Severity.INFO, f"`{path}` is included no more, since {why}", Origin(path), advice)
        for path in sorted({moves.get(path, path) for path in was} - now)
        if not any(below(path, folder) for folder in folders)
    ]


def roots_not_stated(old: Tree, new: Tree) -> list[Diagnostic]:
    """A warning for every application whose root, implied by its old place, cannot be stated."""
    return [
        Diagnostic(
            "WL188",
            "root-not-stated",
            Severity.WARNING,
            f"applications.{definition.name}: its root was `{definition.root}`, and `source` is in a file that is not there",
            source.value.origin,
            f"write `root: {definition.root}` into that file",
        )
        for definition, _ in _old_applications(old)
        if unstated(old, definition) and (source := source_of(new, new.definitions.applications[definition.name]))
    ]


def roots_moved_away(old: Tree, new: Tree) -> list[Diagnostic]:
    """A warning for every application whose root is an old configuration folder, in which lifting leaves nothing of the configuration."""
    return [
        Diagnostic(
            "WL144",
            "root-missing",
            Severity.WARNING,
            f"applications.{definition.name}.source.root: `{definition.root}` was the folder of the configuration, which is in another now",
            source.value.origin,
            "write `root: /` if the code is at the top of the repository, or where else it is",
        )
        for definition, _ in _old_applications(old)
        if definition.root in {layout.folder for layout in OLD}
        and (source := source_of(new, new.definitions.applications[definition.name]))
    ]


def _why_it_stays(tree: Tree, path: str, wrong: MappingABC[str, str], near: MappingABC[str, str]) -> tuple[str, Origin, str]:
    """What to say of a file, if it is none of those whose names are wrong, or near those that are read, each with the right one."""
    if not tree.files.is_file(path):
        return f"`{path}` is a link that leads to no file of the project, and stays where it is", Origin(path), "delete it, or link it anew"
    if new := wrong.get(path):
        return (
            f"`{path}` is not read, since its name does not end in `.yaml`",
            Origin(path),
            f"rename it to `{new}` and run this again, or delete it",
        )
    if new := near.get(path):
        return f"`{path}` is not read, but `{new}` would be", Origin(path), f"rename it to `{new}` and run this again, or delete it"
    advice = f"delete it, or move it to `{relocated(path)}` and include it"
    return f"`{path}` is named nowhere in the configuration and stays where it is", Origin(path), advice


def _keep_anchors_apart(old: Iterable[LoadedFile], edit: Editor) -> None:
    """Give every anchor a name of its own, since the files become one."""
    taken: set[str] = set()
    numbers: dict[str, Iterator[int]] = {}
    for one in old:
        for node in one.source.anchors:
            name = str(node.anchor)
            if name in taken:
                free = (new for n in numbers.setdefault(name, count(2)) if (new := f"{name}-{n}") not in taken)
                name = next(free)
                edit.rename_anchor(node, name)
            taken.add(name)


def _old_applications(tree: Tree) -> Iterator[tuple[Definition, Mapping]]:
    """The applications that an old layout defines, each with the mapping that holds its keys."""
    for definition in tree.definitions.applications.values():
        root = tree.definitions.see(definition.node)
        if definition.source.folder != CURRENT.folder and isinstance(root, Mapping):
            yield definition, root


def _complete(tree: Tree, edit: Editor) -> None:
    """Take names out that become keys, and write down roots that only the old place implied. A move by lines does both itself."""
    definitions = tree.definitions
    for definition, root in _old_applications(tree):
        entries = definitions.entries(root)
        name = entries.get("name")
        alone = root.flow and len(root.entries) == 1 and needs_root(tree, definition)
        if name and not alone and not (_is_moved_by_lines(definition, root) and name.mapping is root):
            edit.remove(name)
        source = entries.get("source")
        inner = definitions.see(source.value) if source else None
        if not needs_root(tree, definition):
            continue
        if inner is not None and definition.source is inner.source:
            _set_free(inner, edit)
        if isinstance(inner, Mapping) and (stated := inner.get("root")):
            edit.replace(stated.value, definition.root)  # null states nothing
        elif isinstance(inner, Mapping) and inner.entries:
            edit.add(inner, "root", definition.root)
        elif source is not None:
            edit.replace(source.value, {"root": definition.root})
        elif root.flow:
            _add_source(root, name, definition.root, edit)


def _set_free(node: Node, edit: Editor) -> None:
    """Write out what has a node by its anchor, since that is to change in one place only."""
    for alias in node.source.uses.get(id(node), ()):
        edit.expand_use(alias)


def _add_source(root: Mapping, name: Entry | None, folder: str, edit: Editor) -> None:
    """Write a root into an application in braces, which may hold nothing but its name."""
    others = [e for e in root.entries if e is not name]
    if others or name is None:
        edit.add(root, "source", {"root": folder}, after=others[-1] if others else None)
    else:
        edit.rename(name, "source")
        edit.replace(name.value, {"root": folder})


def _is_moved_by_lines(definition: Definition, root: Mapping) -> bool:
    """Whether a definition's own lines become those below its key: a block mapping that holds its name, alone in a file or in a list."""
    return definition.node is root and not root.flow and root.start <= definition.key.start <= root.end
