"""``!include`` and ``!archive``: which file or folder each stands for.

A path starts from the application's root inside an application, from the folder of the file itself elsewhere and in an included file; where
nothing is there, the other of the two is tried. Source: the vendor's page "YAML tags" (Upsun Flex and Upsun Fixed), and what its tools do.
"""

from __future__ import annotations

import hashlib
import posixpath

from attrs import define, field

from workerlib.definitions import Inclusion
from workerlib.diagnostic import Diagnostic, Severity
from workerlib.errors import ConfigurationError
from workerlib.layout import ProjectFiles
from workerlib.text import Entry, Limits, Mapping, Node, Scalar, Sequence, Source, children, dealias, read

KINDS = ("yaml", "string", "binary", "archive")
_DEPTH = 10  # of files that include files: real ones have two


@define
class Includer:
    """Resolves the tags of a project as its definitions are found, reading each file once."""

    files: ProjectFiles
    limits: Limits = field(factory=Limits)
    inclusions: dict[int, Inclusion] = field(factory=dict)
    diagnostics: list[Diagnostic] = field(factory=list)
    sources: dict[str, Source] = field(factory=dict)

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
        if not _may_hold_tags(node.source):
            return
        pending = [node]
        done: set[int] = set()
        while pending:
            node = dealias(pending.pop())
            if id(node) in done:
                continue
            done.add(id(node))
            if isinstance(node, Mapping) and not node.source.aliases and "!" not in node.source.text[node.start : node.end]:
                continue
            found = self.look_at_tag(node, application, bases, chain)
            if found is None:
                pending.extend(children(node))
            elif isinstance(found.content, Source) and found.content.root:
                file = found.content
                self.look(file.root or node, application, tuple(dict.fromkeys((file.folder, *bases))), (*chain, node.source.path))

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
        if len(self.inclusions) > self.limits.includes:
            raise self.refusal(
                "limit-exceeded", f"expected at most {self.limits.includes} includes in a project", found, "raise the limit `includes`"
            )
        self.resolve(found, chain)
        return found

    def resolve(self, found: Inclusion, chain: tuple[str, ...]) -> None:
        """Fill in target and content."""
        path = found.path.value
        if path.startswith("/"):
            raise self.refusal(
                "include-path",
                f"expected a path relative to the project, found `{path}`",
                found,
                "write it relative to the application's root",
            )
        places = [posixpath.normpath(posixpath.join(base, path)) for base in found.bases]
        outside = [p for p in places if p == ".." or p.startswith("../")]
        if outside and len(outside) == len(places):
            raise self.refusal(
                "include-path", f"expected a path inside the project, found `{path}`", found, "move the file into the project"
            )
        places = [p for p in places if p not in outside]
        there = self.files.is_folder if found.kind == "archive" else self.files.is_file
        found.target = next((p for p in places if there(p)), None)
        if found.target is None:
            what = "folder" if found.kind == "archive" else "file"
            trail = f", included by {' > '.join((*chain, found.source.path))}" if chain else ""
            looked = " and ".join(f"`{one}`" for one in dict.fromkeys(places))
            message = f"expected a {what} `{path}`, found none{trail}"
            self.note("include-missing", message, found.node, f"add it, or correct the path: it was looked for at {looked}", Severity.ERROR)
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
            if found.target not in self.sources:
                self.sources[found.target] = read(found.target, self.files.read(found.target), self.limits)
            found.content = self.sources[found.target]
        elif found.kind == "archive":
            found.content = tuple(
                (p[len(found.target) + 1 :], hashlib.sha256(self.files.read(p)).hexdigest()) for p in self.files.walk(found.target)
            )
        else:
            found.content = self.files.read(found.target)

    def refusal(self, name: str, message: str, found: Inclusion, advice: str) -> ConfigurationError:
        return ConfigurationError(Diagnostic(_CODES[name], name, Severity.ERROR, message, found.path.origin, advice))

    def note(self, name: str, message: str, node: Node, advice: str, severity: Severity = Severity.WARNING) -> None:
        self.diagnostics.append(Diagnostic(_CODES[name], name, severity, message, node.origin, advice))


_CODES = {
    "limit-exceeded": "WL105",
    "include-path": "WL120",
    "include-cycle": "WL121",
    "include-missing": "WL122",
    "include-form": "WL123",
    "include-elsewhere": "WL124",
}


def _may_hold_tags(source: Source) -> bool:
    return "!include" in source.text or "!archive" in source.text


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
