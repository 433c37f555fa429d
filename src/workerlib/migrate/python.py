"""The Python part of a migration: which files are looked at, what the codemods make of them, and the proof of that.

A file is parsed only if its bytes name an old file. The proof: it compiles, a second run finds nothing, and outside of what was rewritten
every token is as it was.
"""

from __future__ import annotations

import ast
import io
import posixpath
import re
import sys
import tokenize
import warnings
from bisect import bisect_right
from collections.abc import Container, Iterable, Iterator, Sequence
from functools import cache, partial
from itertools import accumulate
from pathlib import Path
from typing import TYPE_CHECKING

from attrs import define, evolve, field

from workerlib.diagnostic import Diagnostic, Origin, Span
from workerlib.editing.edits import Edit, apply, in_order, shifted
from workerlib.errors import WriteError
from workerlib.git import is_checkout
from workerlib.layout import CURRENT, ProjectFiles, Role
from workerlib.loading import Tree
from workerlib.python.codes import NO_GIT, NOT_PARSED, NOT_UTF8, OUT_OF_REACH, PROOF
from workerlib.python.places import INTERESTING, SECTIONS, Configuration, Context
from workerlib.text import LINE_BREAK, walk

if TYPE_CHECKING:
    from workerlib.python.codemod import PythonRewrite

SKIPPED = frozenset((".venv", "site-packages"))
_LARGEST = 1 << 20  # bytes of a file; more is data, or does harm
_DEEPEST = 300  # parts of a program around each other: libcst takes a time that grows with the cube of them, and from some 350 on gives up
_BOM = b"\xef\xbb\xbf"


@define(eq=False)
class Rewritten:
    """What became of Python files: new bytes, edits and the changed lines of new files, by path; notes; and what speaks against it."""

    files: dict[str, bytes] = field(factory=dict)
    edits: dict[str, list[Edit]] = field(factory=dict)
    notes: list[Diagnostic] = field(factory=list)
    places: dict[str, tuple[tuple[int, str], ...]] = field(factory=dict)
    faults: list[Diagnostic] = field(factory=list)


def rewrite(
    root: Path, files: ProjectFiles, context: Context, rewrites: Sequence[PythonRewrite], planned: Container[str] = ()
) -> Rewritten:
    """Run codemods over the Python files of a project. Nothing is written.

    `files` is the project as it would be; of the `planned` among them, git knows nothing.
    """
    out = Rewritten()
    paths = list(python_files(root, files))
    found = {path: data for path in paths if INTERESTING.search(data := files.read(path, _LARGEST + 1))}
    kept, notes = _not_ignored(root, [path for path in found if path not in planned])
    out.notes += notes
    for path in (path for path in found if path in kept or path in planned):
        _File(path, found[path], context, rewrites, Uses(paths, files)).into(out)
    return out


def configuration(old: Tree, new: Tree) -> Configuration | None:
    """What a program can know of the project's configuration, before and after; None where there is none."""
    if not new.definitions.applications:
        return None
    roles = {one.source.path: one for one in old.layout}
    folders: dict[str, str | None] = {}
    for name, one in old.definitions.applications.items():
        role = roles[one.source.path].file.role
        # In the current layout an application's code tells where its own file most likely was.
        known = {Role.APPLICATION: posixpath.dirname(one.source.path), Role.CONFIG: one.root}
        folders[name] = known.get(role)
    lists = [one.source.root for one in old.layout if one.file.role is Role.APPLICATIONS]
    listed = any(type(node).__name__ == "Sequence" for node in lists) if lists else None
    return Configuration(old, new, folders, listed, dict(_refused(old, new)))


def _refused(old: Tree, new: Tree) -> Iterator[tuple[tuple[str, ...], str]]:
    """The parts that now share a file with a tag that their own file did not hold."""
    homes = [
        *((("applications", name), one.source.path) for name, one in old.definitions.applications.items()),
        *((("services",), entry.key.source.path) for entry in old.definitions.services.values()),
        *((("routes",), entry.key.source.path) for entry in old.definitions.routes.values()),
    ]
    homes += [(("applications",), path) for keys, path in homes if keys[0] == SECTIONS[0]]
    files = Configuration(old, new, {}).files
    now = cache(partial(_tags, new))  # most applications come into one file
    for keys, before in dict.fromkeys(homes):
        after = files.get(keys)
        if after is not None and (more := sorted(now(after) - _tags(old, before))):
            yield keys, f"`{after}` holds the tag `{more[0]}`"


def _tags(tree: Tree, path: str) -> set[str]:
    root = tree.sources[path].root if path in tree.sources else None
    return {node.tag for node in walk(root) if node.tag and node.tag.startswith("!")} if root is not None else set()


# ---- which files --------------------------------------------------------------------------------------------------------------------


def python_files(root: Path, files: ProjectFiles) -> Iterator[str]:
    """The Python files of a project, without those of installed packages; a link is left to the file that it leads to."""
    for path in files.walk():
        if path.endswith(".py") and SKIPPED.isdisjoint(path.split("/")) and not (root / path).is_symlink():
            yield path


def _not_ignored(root: Path, paths: list[str]) -> tuple[list[str], list[Diagnostic]]:
    """Those of the paths that git does not ignore, and a note where it cannot be asked."""
    from workerlib.migrate.checkout import not_ignored

    if not paths or not is_checkout(root):
        return paths, []
    try:
        kept = not_ignored(root, paths)
    except WriteError as error:
        return paths, [NO_GIT(f"which files git ignores is not known: {error}", Origin("."), "see that only your own files change")]
    return [path for path in paths if path in kept], []


@define(eq=False)
class Uses:
    """Which files use a name of another one."""

    paths: Sequence[str]
    files: ProjectFiles

    def of(self, path: str, name: str) -> str | None:
        """Another file that names both the module at a path and a name of it."""
        stem = posixpath.basename(path)[:-3]
        stem = posixpath.basename(posixpath.dirname(path)) if stem == "__init__" else stem
        words = (stem.encode(), name.encode())
        patterns = [re.compile(rb"\b%s\b" % re.escape(word)) for word in words]
        for other in self.paths:
            data = self.files.read(other, _LARGEST) if other != path else b""
            if all(word in data for word in words) and all(pattern.search(data) for pattern in patterns):  # the first is far faster
                return other
        return None

    def shadowed(self, path: str) -> frozenset[str]:
        """The modules that a program may import from its own folder, or from one that its project is installed from."""
        folders = {posixpath.dirname(path), "", "src"}
        found = [other.rpartition("/") for other in self.paths if other != path]
        packages = {folder for folder, _, name in found if name == "__init__.py"}
        modules = {name[:-3] for folder, _, name in found if folder in folders}
        return frozenset(modules | {posixpath.basename(one) for one in packages if posixpath.dirname(one) in folders})


# ---- one file -----------------------------------------------------------------------------------------------------------------------


@define(eq=False)
class _File:
    path: str
    data: bytes
    context: Context
    rewrites: Sequence[PythonRewrite]
    uses: Uses

    def into(self, out: Rewritten) -> None:
        """Rewrite the file, and add what became of it."""
        from libcst import ParserSyntaxError

        from workerlib.python.module import Module
        from workerlib.python.running import run

        if len(self.data) > _LARGEST:
            self._left(out, None, f"expected at most {_LARGEST} bytes, found more")
            return
        bom = self.data.startswith(_BOM)
        text = self._decoded(out)
        if text is None:
            return
        try:
            _compiled(text)
            if deep := _too_deep(text):
                self._left(out, _span(text, deep, 1), f"expected at most {_DEEPEST} parts of a program around each other, found more")
                return
            module = Module(self.path, text, self.uses.shadowed(self.path))
        except (SyntaxError, ValueError, RecursionError, MemoryError, ParserSyntaxError) as error:
            line, column = getattr(error, "lineno", None) or 1, getattr(error, "offset", None) or 1
            reason = getattr(error, "msg", None) or str(error).partition("\n")[0] or type(error).__name__
            version = ".".join(map(str, sys.version_info[:2]))
            self._left(out, _span(text, line, column), f"expected Python {version}, found something else ({reason})")
            return
        outcome = run(module, self.context, self.rewrites, cache(lambda name: self.uses.of(self.path, name)))
        edits = in_order(outcome.edits)
        new = apply(text, edits)
        out.notes += _moved((*outcome.notes, *self._reach(text)), edits, new)
        if not edits:
            return
        out.faults += self._faults(text, new, edits)
        out.files[self.path] = (_BOM if bom else b"") + new.encode()
        out.edits[self.path] = edits
        out.places[self.path] = tuple(_places(new, edits))

    def _left(self, out: Rewritten, span: Span | None, why: str) -> None:
        """Note why the file is not looked at any further."""
        out.notes.append(NOT_PARSED(f"{why}: left as it is", Origin(self.path, span), "adapt it yourself"))

    def _decoded(self, out: Rewritten) -> str | None:
        try:
            data = self.data.replace(b"\0", b" ")  # which are refused here from Python 3.14 on; the parser says where they are
            encoding, _ = tokenize.detect_encoding(io.BytesIO(data).readline)
            text = self.data.decode("utf-8-sig")
        except (SyntaxError, UnicodeDecodeError, LookupError):
            encoding, text = "", ""
        if text and (encoding.startswith("utf-8") or self.data.isascii()):
            return text
        message = "expected text in UTF-8, found another encoding: left as it is"
        out.notes.append(NOT_UTF8(message, Origin(self.path), "save it as UTF-8, or adapt it yourself"))
        return None

    def _reach(self, text: str) -> Iterator[Diagnostic]:
        """A note where the program runs in a container without the new folder."""
        applications = self.context.project.new.definitions.applications.values() if self.context.project else ()
        inside = [one for one in applications if one.root and self.path.startswith(f"{one.root}/")]
        found = INTERESTING.search(text.encode())
        if inside and found:
            one = max(inside, key=lambda one: len(one.root))
            at = len(text.encode()[: found.start()].decode())
            line = text.count("\n", 0, at) + 1
            message = f"this is code of `{one.name}`, whose root is `{one.root}/`: `{CURRENT.folder}/` is not in its container"
            place = Origin(self.path, Span(at, at, line, at - text.rfind("\n", 0, at)))
            yield OUT_OF_REACH(message, place, "what it needs at run time must come from elsewhere, such as the environment")

    def _faults(self, old: str, new: str, edits: Sequence[Edit]) -> Iterator[Diagnostic]:
        """What speaks against the new text."""
        from workerlib.python.module import Module
        from workerlib.python.running import run

        def fault(what: str) -> Diagnostic:
            return PROOF(what, Origin(self.path), "nothing was changed; please report this, or leave Python out")

        try:
            _compiled(new)
        except (SyntaxError, ValueError) as error:
            yield fault(f"the new text would not compile: {error}")
            return
        if INTERESTING.search(new.encode()):  # where no old file is named there is nothing to find
            module = Module(self.path, new, self.uses.shadowed(self.path))
            if run(module, self.context, self.rewrites, lambda name: self.uses.of(self.path, name)).edits:
                yield fault("a second run would change it again")
        if _outside(old, [(e.start, e.end) for e in edits]) != _outside(new, _results(edits)):
            yield fault("it would differ outside of what is rewritten")


def _too_deep(text: str) -> int | None:
    """The line of a part of a program that has too many others around it."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        level: list[ast.AST] = [ast.parse(text)]
    for _ in range(_DEEPEST):
        level = [child for node in level for child in ast.iter_child_nodes(node)]
    return next((node.lineno for node in level if isinstance(node, ast.expr | ast.stmt)), None)


def _compiled(text: str) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # such as those on invalid escapes: they are the author's
        compile(text, "<source>", "exec", dont_inherit=True)


def _span(text: str, line: int, column: int) -> Span:
    starts = [0, *(found.end() for found in LINE_BREAK.finditer(text))]
    at = min(starts[min(line, len(starts)) - 1] + column - 1, len(text))
    return Span(at, at, line, column)


def _results(edits: Sequence[Edit]) -> list[tuple[int, int]]:
    """Where the texts of edits, in order, stand in the new text."""
    shifts = accumulate((len(e.text) - (e.end - e.start) for e in edits), initial=0)
    return [(e.start + shift, e.start + shift + len(e.text)) for e, shift in zip(edits, shifts, strict=False)]


def _moved(notes: Iterable[Diagnostic], edits: Sequence[Edit], new: str) -> Iterator[Diagnostic]:
    """Notes with the places in the new text."""
    after = shifted(edits)
    starts = [0, *(found.end() for found in LINE_BREAK.finditer(new))]
    for note in notes:
        if note.origin is None or note.origin.span is None:
            yield note
        else:
            start, end = after(note.origin.span.start), after(note.origin.span.end)
            line = bisect_right(starts, start)
            yield evolve(note, origin=Origin(note.origin.file, Span(start, end, line, start - starts[line - 1] + 1)))


def _places(new: str, edits: Sequence[Edit]) -> Iterator[tuple[int, str]]:
    starts = [0, *(found.end() for found in LINE_BREAK.finditer(new))]
    for (start, _), edit in zip(_results(edits), edits, strict=True):
        yield bisect_right(starts, start), edit.by


def _outside(text: str, spans: Iterable[tuple[int, int]]) -> list[tuple[int, str]]:
    """The tokens of a text that do not touch some stretches of it; those of layout apart, which edits bring and take along."""
    starts = list(accumulate((len(line) for line in io.StringIO(text, newline="").readlines()), initial=0))
    cuts = sorted(spans)
    starting, ends = [start for start, _ in cuts], list(accumulate((end for _, end in cuts), max))
    out = []
    for token in tokenize.generate_tokens(io.StringIO(text, newline="").readline):
        start, end = starts[token.start[0] - 1] + token.start[1], starts[token.end[0] - 1] + token.end[1]
        touching = bisect_right(starting, end)  # of the stretches that begin before the token ends, one may reach it
        if token.type not in _LAYOUT and not (touching and ends[touching - 1] >= start):
            out.append((token.type, token.string))
    return out


_LAYOUT = frozenset((tokenize.NEWLINE, tokenize.NL, tokenize.INDENT, tokenize.DEDENT, tokenize.ENDMARKER))
