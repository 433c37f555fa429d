"""``!include`` and ``!archive``: which file or folder each stands for.

A path starts from the application's root inside an application, from the folder of the file itself elsewhere and in an included file; where
nothing is there, the other of the two is tried. Source: the vendor's page "YAML tags" (Upsun Flex and Upsun Fixed), and what its tools do.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable

from attrs import define, field

from workerlib.definitions import Content, Definition, Inclusion
from workerlib.diagnostic import Diagnostic, Origin, Severity
from workerlib.errors import ConfigurationError
from workerlib.layout import ProjectFiles, joined
from workerlib.text import (
    Entry,
    Limits,
    Mapping,
    Node,
    Scalar,
    Sequence,
    Source,
    children,
    dealias,
    merged_entries,
    problem,
    read,
    starting,
)

KINDS = ("yaml", "string", "binary", "archive")
_CONTAINER = "app/"  # where an application's code is in its container: a path from there is that of no file of the project, and is kept
_DEPTH = 10  # of files that include files: real ones have two


@define(eq=False, repr=False)
class Includer:
    """Reads the files of a project within its limits, each once, and resolves their tags as definitions are found."""

    files: ProjectFiles
    limits: Limits = field(factory=Limits)
    inclusions: dict[int, Inclusion] = field(factory=dict)
    diagnostics: list[Diagnostic] = field(factory=list)
    sources: dict[str, Source] = field(factory=dict)
    contents: dict[tuple[str, str], Content] = field(factory=dict)  # by kind and target, of what is no YAML
    looked: set[tuple[str, str | None, tuple[str, ...]]] = field(factory=set)  # files, with what their tags were resolved by
    looks: int = 0  # at nodes, for tags
    measured: dict[int, tuple[int, int]] = field(factory=dict)  # nodes in, and levels of, each node, with what aliases and includes are
    spent: Counter[str] = field(factory=Counter)  # of the limits, by their names

    @property
    def exceeded(self) -> str | None:
        """The limit of the whole project that is exceeded, so that no other file can be read; None where none is."""
        return next((name for name, amount in self.spent.items() if amount > getattr(self.limits, name)), None)

    def spend(self, place: Origin, **amounts: int) -> None:
        """Count what something takes. Raises ConfigurationError where that exceeds a limit of the whole project."""
        for limit, amount in amounts.items():
            self.spent[limit] += amount
            if self.spent[limit] > getattr(self.limits, limit):
                raise self.too_much(limit, place)

    def too_much(self, limit: str, place: Origin) -> ConfigurationError:
        message = f"expected at most {getattr(self.limits, limit)} {_MEASURES[limit]} in a project, found more"
        return problem("limit-exceeded", message, place, f"raise the limit `{limit}`")

    def read(self, path: str, place: Origin | None = None) -> Source:
        """A file of YAML, which the node at `place` includes. Raises ConfigurationError as :func:`workerlib.text.read`, and FileError."""
        if path not in self.sources:
            place = place or Origin(path)
            source = self.sources[path] = read(path, self.fetch(path, place, self.limits.file_size), self.limits)
            self.spend(place, nodes=source.nodes, expanded=source.expanded)
        return self.sources[path]

    def fetch(self, path: str, place: Origin, most: int) -> bytes:
        """A file, or one byte more than `most` of it."""
        data = self.files.read(path, min(most, self.limits.project_size - self.spent["project_size"]) + 1)
        self.spend(place, project_size=len(data))
        return data

    def see(self, node: Node) -> Scalar | Mapping | Sequence:
        """What a node stands for, through aliases and included YAML files."""
        node = dealias(node)
        while (found := self.inclusions.get(id(node))) and isinstance(found.content, Source) and found.content.root:
            node = dealias(found.content.root)
        return node

    def look(self, node: Node, application: str | None, bases: tuple[str, ...], chain: tuple[str, ...] = ()) -> None:
        """Resolve every tag at and below a node, through aliases and included files.

        `bases` are the folders that a path may start from, likeliest first. Raises ConfigurationError for a path that is absolute, leaves
        the project or leads back to its own file, and where a limit is exceeded.
        """
        if not node.source.may_include:
            return
        pending = [node]
        done: set[int] = set()
        while pending:
            node = dealias(pending.pop())
            if id(node) in done:
                continue
            done.add(id(node))
            self.looks += 1
            if self.looks > self.limits.expanded:
                raise self.too_much("expanded", node.origin)
            if isinstance(node, Mapping) and not node.source.aliases and "!" not in node.source.text[node.start : node.end]:
                continue
            found = self.look_at_tag(node, application, bases, chain)
            if found is None:
                pending.extend(children(node))
            elif isinstance(found.content, Source) and found.content.root:
                file = found.content
                inner = tuple(dict.fromkeys((file.folder, *bases)))
                if (file.path, application, inner) not in self.looked:
                    self.looked.add((file.path, application, inner))
                    self.look(file.root or node, application, inner, (*chain, node.source.path))

    def look_at_tag(self, node: Node, application: str | None, bases: tuple[str, ...], chain: tuple[str, ...] = ()) -> Inclusion | None:
        """What the node includes, if it does."""
        node = dealias(node)
        if node.tag not in ("!include", "!archive"):
            return None
        if id(node) in self.inclusions:
            return self.inclusions[id(node)]
        found = _written(node, application, bases)
        if found is None:
            self.note("include-form", "expected a path, or `type` and `path`, behind the tag", node, "see the vendor's page on YAML tags")
            return None
        self.inclusions[id(node)] = found
        self.spend(found.path.origin, includes=1)
        self.resolve(found, chain)
        return found

    def resolve(self, found: Inclusion, chain: tuple[str, ...]) -> None:
        """Fill in target and content."""
        path = found.relative
        places = [joined(base, path) for base in found.bases]
        outside = [p for p in places if p == ".." or p.startswith("../")]
        if outside and len(outside) == len(places):
            raise self.refusal(
                "include-path", f"expected a path inside the project, found `{path}`", found, "move the file into the project"
            )
        places = [p for p in places if p not in outside]
        there = self.files.is_folder if found.kind == "archive" else self.files.is_file
        found.target = next((p for p in places if there(p)), None)
        if found.target is None:
            if path != found.path.value and not path.startswith(_CONTAINER):
                message = f"expected a path relative to the project, found `{found.path.value}`"
                raise self.refusal("include-path", message, found, "write it relative to the application's root")
            what = "folder" if found.kind == "archive" else "file"
            trail = f", included by {' > '.join((*chain, found.source.path))}" if chain else ""
            looked = " and ".join(f"`{one}`" for one in dict.fromkeys(places))
            message = f"expected a {what} `{path}`, found none{trail}"
            advice = f"add it, or correct the path: it was looked for at {looked}"
            inner = path.removeprefix(_CONTAINER)
            if inner != path and any(there(joined(base, inner)) for base in found.bases):
                advice = f"write `{inner}`: files are read from the repository, not from the application's container"
            self.note("include-missing", message, found.node, advice, Severity.ERROR)
            return
        if found.target != places[0]:
            message = f"expected `{path}` at `{places[0]}`, found it at `{found.target}`"
            self.note("include-elsewhere", message, found.node, f"write the path from `{found.bases[0] or '/'}`, or move the file there")
        if found.kind == "yaml":
            if found.target in (*chain, found.source.path):
                raise self.refusal(
                    "include-cycle",
                    f"`{found.target}` includes itself: {' > '.join((*chain, found.source.path, found.target))}",
                    found,
                    "break the cycle",
                )
            if len(chain) >= _DEPTH:
                raise self.refusal(
                    "limit-exceeded", f"expected at most {_DEPTH} files that include each other", found, "include from fewer files"
                )
            found.content = self.read(found.target, found.path.origin)
        else:
            if (found.kind, found.target) not in self.contents:
                self.contents[found.kind, found.target] = self.content(found, found.target)
            found.content = self.contents[found.kind, found.target]

    def content(self, found: Inclusion, target: str) -> Content:
        """What is in a file that is no YAML, or in a folder."""
        place, most = found.path.origin, self.limits.project_size
        if found.kind != "archive":
            return self.fetch(target, place, most)
        import hashlib  # slow to import, and few projects have archives

        files = []
        for path in sorted(self.files.walk(target)):  # views of a project differ in their order
            self.spend(place, includes=1)
            if not self.files.is_file(path):
                message = f"`{path}`: expected a file of the project, found a link that leads to none, or what is no file"
                self.note("archive-file", message, found.path, "delete it, or correct where it leads; it does not move along")
                continue
            files.append((path.removeprefix(f"{target}/"), hashlib.sha256(self.fetch(path, place, most)).hexdigest()))
        return tuple(files)

    def refuse_bombs(self, sources: Iterable[Source]) -> None:
        """Raise ConfigurationError for files that hold too much, or too deep, once what they include is written out."""
        if not any(isinstance(found.content, Source) for found in self.inclusions.values()):
            return
        total = 0
        for source in sources:
            total += self.size(source.root) if source.root else 0
            if total > self.limits.expanded:
                raise self.too_much("expanded", Origin(source.path))

    def size(self, node: Node) -> int:
        """How many nodes there are in a node, with aliases and includes as what they stand for. Raises ConfigurationError for too many."""
        top, known = self.see(node), self.measured
        pending = [(top, False)]
        while pending:
            one, is_known_below = pending.pop()
            if id(one) in known:
                continue
            below = [self.see(child) for child in children(one)]
            if not is_known_below:
                pending += [(one, True), *((child, False) for child in below)]
                continue
            counts = [known[id(child)] for child in below]
            size, depth = 1 + sum(size for size, _ in counts), 1 + max((depth for _, depth in counts), default=-1)
            known[id(one)] = size, depth
            for limit, amount in (("depth", depth), ("expanded", size)):
                if amount > getattr(self.limits, limit):
                    raise self.too_much(limit, one.origin)
        return known[id(top)][0]

    def refuse_crowds(self, applications: Iterable[Definition]) -> None:
        """Raise ConfigurationError where all workers together have too much: each has what its application states."""
        total, includes = 0, any(isinstance(found.content, Source) for found in self.inclusions.values())
        for one in applications:
            node = self.see(one.node)
            entry = merged_entries(node).get("workers") if isinstance(node, Mapping) else None
            workers = self.see(entry.value) if entry else None
            count = len(merged_entries(workers)) if isinstance(workers, Mapping) else 0
            if count and workers and (includes or total + count * self.spent["expanded"] > self.limits.expanded):  # else it cannot be
                size = self.size if includes or node.source.aliases else _written_in
                total += count * (size(node) - size(workers))
                if total > self.limits.expanded:
                    message = f"expected at most {self.limits.expanded} nodes in all workers, with what they take over, found more"
                    raise problem("limit-exceeded", message, workers.origin, "raise the limit `expanded`")

    def refusal(self, name: str, message: str, found: Inclusion, advice: str) -> ConfigurationError:
        return ConfigurationError(Diagnostic(_CODES[name], name, Severity.ERROR, message, found.path.origin, advice))

    def note(self, name: str, message: str, node: Node, advice: str, severity: Severity = Severity.WARNING) -> None:
        self.diagnostics.append(Diagnostic(_CODES[name], name, severity, message, node.origin, advice))


_MEASURES = {
    "project_size": "bytes",
    "depth": "collections around each other",
    "nodes": "nodes",
    "expanded": "nodes with aliases and includes written out",
    "includes": "includes and files of archives",
}
_CODES = {
    "limit-exceeded": "WL105",
    "include-path": "WL120",
    "include-cycle": "WL121",
    "include-missing": "WL122",
    "include-form": "WL123",
    "include-elsewhere": "WL124",
    "archive-file": "WL125",
}


def _written_in(node: Node) -> int:
    """How many nodes there are in a node, itself included, aliases not written out."""
    source, start, end = node.source, node.start, node.end + 1
    leaves = len(starting(source.scalars, start, end)) + len(starting(source.aliases, start, end))
    return leaves + len(starting(source.collections, start, end))


def _written(node: Scalar | Mapping | Sequence, application: str | None, bases: tuple[str, ...]) -> Inclusion | None:
    """What a tag says, before anything is looked up; None for a form that the format does not have."""
    kind = "archive" if node.tag == "!archive" else "yaml"
    if isinstance(node, Scalar):
        return Inclusion(node, kind, node, bases, application)
    if not isinstance(node, Mapping):
        return None
    path, stated = node.get("path"), node.get("type")
    if path is None or not isinstance(target := dealias(path.value), Scalar):
        return None
    if stated is not None:
        value = dealias(stated.value)
        kind = value.value if isinstance(value, Scalar) else ""
    return Inclusion(node, kind, target, bases, application) if kind in KINDS else None


def source_root(entries: dict[str, Entry], includer: Includer) -> Scalar | None:
    """The scalar that states an application's root, if one does."""
    source = entries.get("source")
    inner = includer.see(source.value) if source else None
    root = inner.get("root") if isinstance(inner, Mapping) else None
    value = dealias(root.value) if root else None
    return value if isinstance(value, Scalar) and not value.is_null else None
