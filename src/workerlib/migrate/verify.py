"""The proof of a migration: what the new files say is what the old ones said and what each codemod intends, nothing else.

It is made from the files as they would be written, read again from their first byte.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence

from attrs import define, field

from workerlib.diagnostic import Diagnostic, Origin, Severity
from workerlib.editing import Edit, Editor
from workerlib.keypath import KeyPath
from workerlib.loading import Tree
from workerlib.model import ABSENT, Project
from workerlib.rewrite import Match, Options, Rewrite, find_keys
from workerlib.text import Source


@define(eq=False, repr=False)
class Ran:
    """What a codemod had to say: the `paths` at which it wants to change something, and its notes, each with the path that it is on.

    `places` are the files of these keys, with the first path, by the `id` of an entry: one that several paths reach is one place.
    """

    rewrite: Rewrite
    paths: list[KeyPath] = field(factory=list)
    places: dict[int, tuple[str, KeyPath]] = field(factory=dict)
    notes: list[tuple[KeyPath, Diagnostic]] = field(factory=list)


def run(rewrites: Iterable[Rewrite], tree: Tree, project: Project, options: Options, edit: Editor, *, folder: str = "") -> list[Ran]:
    """Let codemods say, one after the other, what they want to change in a tree whose model is `project`, which stands in a folder."""
    done = [Ran(rewrite) for rewrite in rewrites]
    concerned = (one for one in done if one.rewrite.concerns(tree, options))
    handlers = [(one, pattern, handler) for one in concerned for pattern, handler in one.rewrite.handlers]
    keys = find_keys(tree, (pattern for _, pattern, _ in handlers))
    count = len(edit)
    for (one, _, handler), found in zip(handlers, keys, strict=True):
        edit.by = one.rewrite.name
        for path, entry, mapping in found:
            said = handler(Match(path, entry, mapping, tree, project, options, one.rewrite, folder), edit) or ()
            one.notes += ((KeyPath(path), note) for note in said)
            if len(edit) > count:
                count = len(edit)
                one.paths.append(KeyPath(path))
                one.places.setdefault(id(entry), (entry.key.source.path, KeyPath(path)))
    return done


def model_differences(
    old: Project, new: Project, intentions: Iterable[tuple[Rewrite, list[KeyPath]]], options: Options
) -> list[Diagnostic]:
    """Where the new model is not the old one as the codemods that changed something intend it."""
    wanted = old
    for rewrite, paths in intentions:
        if rewrite.intended is not None:
            wanted = rewrite.intended(wanted, paths, options)
    return faults(wanted, new)


def faults(wanted: Project, new: Project) -> list[Diagnostic]:
    """Where a model is not the wanted one; never nothing where it is another."""
    if wanted == new:
        return []  # what an instance has follows from the definitions, so that equal ones have equal instances
    from workerlib.comparing import differences  # imported for what fails only

    found = [
        _failed(f"{KeyPath(path)}: expected {_shown(a)}, found {_shown(b)}", new.origin(KeyPath(path)) or new.origin(KeyPath(path[:2])))
        for path, a, b in differences(wanted, new)
    ]
    return found or [_failed("the new model is not the intended one", None)]


def second_run(tree: Tree, rewrites: Iterable[Rewrite], options: Options) -> list[Diagnostic]:
    """What the codemods would still change in the new files."""
    edit = Editor()
    run(rewrites, tree, tree.project, options, edit)
    return [
        _failed(f"a second run of `{e.by}` would change this again", tree.sources[e.file].origin(e.start, e.end))
        for edits in edit.edits().values()
        for e in edits
    ]


def lost_comments(before: Iterable[Source], edits: Mapping[str, list[Edit]], after: Iterable[Source]) -> list[Diagnostic]:
    """Comments that stand nowhere any more, although no codemod took them out together with their key."""
    return gone_comments(before, edits, after)[0]


def gone_comments(before: Iterable[Source], edits: Mapping[str, list[Edit]], after: Iterable[Source]) -> tuple[list[Diagnostic], int]:
    """What to say of comments that stand nowhere any more, and how many of them a codemod took out together with their key."""
    before = list(before)
    old, new = ([text for source in sources for _, text in _comments(source)] for sources in (before, after))
    if sorted(old) == sorted(new):
        return [], 0
    there = Counter(new)
    gone = Counter(old) - there
    lost: list[Diagnostic] = []
    left: Counter[str] = Counter()
    for source in before if gone else ():
        cuts = sorted((e for e in edits.get(source.path, ()) if e.end > e.start), key=lambda e: e.start)
        for at, text in _comments(source):
            if text not in gone:
                continue
            if _leaves(source, at, cuts):
                left[text] += 1
            elif there[text]:
                there[text] -= 1
            else:
                lost.append(_failed(f"the comment `{text}` would be lost", source.origin(at)))
    return lost, (left & gone).total()


def _comments(source: Source) -> Iterator[tuple[int, str]]:
    return ((start, source.text[start:end]) for start, end in source.comments())


def _leaves(source: Source, comment: int, cuts: Sequence[Edit]) -> bool:
    """Whether a comment leaves together with a key."""
    index = bisect_right(cuts, comment, key=lambda e: e.start)
    cut = cuts[index - 1] if index and comment < cuts[index - 1].end else None
    return cut is not None and bisect_left(source.starts, cut.start) < bisect_left(source.starts, cut.end)


def _shown(value: object) -> str:
    text = "nothing" if value is ABSENT else repr(value)
    return text if len(text) <= 80 else text[:77] + "..."


def _failed(message: str, origin: Origin | None) -> Diagnostic:
    return Diagnostic("WL190", "proof-failed", Severity.ERROR, message, origin, "nothing was changed; please report this")
