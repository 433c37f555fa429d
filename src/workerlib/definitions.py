"""What the files of a project define, as nodes that know their place: the step between text and model.

An application, service or route is a node of some file. It may be an alias, hold merge keys, or be an ``!include`` of another file;
:meth:`Definitions.see` and :meth:`Definitions.entries` look through all three.
"""

from __future__ import annotations

from typing import TypeAlias

from attrs import define, field

from workerlib.diagnostic import Diagnostic
from workerlib.layout import ProjectFiles
from workerlib.text import Entry, Mapping, Node, Scalar, Sequence, Source, dealias, merged_entries

Content: TypeAlias = bytes | tuple[tuple[str, str], ...]


@define(eq=False, repr=False)
class Inclusion:
    """What an ``!include`` or ``!archive`` stands for.

    `kind` is ``yaml``, ``string``, ``binary`` or ``archive``; `path` the scalar that holds the path as written; `bases` the folders that
    the path may start from, likeliest first; `target` the file or folder below the project's root, None where nothing is there.
    `content` is a Source for ``yaml``, the bytes for ``string`` and ``binary``, and for ``archive`` the files below the folder with a
    digest of each. `application` names the application that the tag stands in, None for services and routes.
    """

    node: Scalar | Mapping
    kind: str
    path: Scalar
    bases: tuple[str, ...]
    application: str | None
    target: str | None = None
    content: Source | Content | None = None

    @property
    def source(self) -> Source:
        """The file that holds the tag."""
        return self.node.source

    @property
    def relative(self) -> str:
        """The path from any of the bases: a slash before it means the base, as the vendor's command line tool reads it."""
        return self.path.value.lstrip("/")


@define(eq=False, repr=False)
class Definition:
    """An application: its `name`, the node that the name is written in, its definition as written, and the folder of its code.

    `source` is the layout file that declares it. `root` is what ``source.root`` states, or the layout's default where it states nothing;
    it is relative to the project's root, without slashes around it.
    """

    name: str
    key: Node
    node: Node
    source: Source
    root: str


@define(eq=False, repr=False)
class Definitions:
    """Everything that the files of a project define, and these files. `other` holds unknown top-level keys.

    `ignored` are entries that define nothing, since their keys begin with a dot; `diagnostics` is what there was to say when the files
    were put together, such as an include of what is not there.
    """

    applications: dict[str, Definition] = field(factory=dict)
    services: dict[str, Entry] = field(factory=dict)
    routes: dict[str, Entry] = field(factory=dict)
    other: dict[str, Entry] = field(factory=dict)
    inclusions: dict[int, Inclusion] = field(factory=dict)  # by the id of the tagged node
    files: ProjectFiles | None = None
    whole: bool = True  # or one file of several
    ignored: list[Entry] = field(factory=list)
    diagnostics: list[Diagnostic] = field(factory=list)

    def see(self, node: Node) -> Scalar | Mapping | Sequence:
        """What the node stands for: the node of an alias, the root of an included YAML file, or itself.

        An include that cannot be looked through (a string, a binary, a missing or an empty file) is returned as its tagged node.
        """
        seen = dealias(node)
        while self.inclusions and (found := self.inclusions.get(id(seen))) and isinstance(found.content, Source) and found.content.root:
            seen = dealias(found.content.root)
        return seen

    def entries(self, mapping: Mapping) -> dict[str, Entry]:
        """The entries of a mapping by key, merge keys applied."""
        return merged_entries(mapping)
