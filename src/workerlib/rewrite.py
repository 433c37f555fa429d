"""What a codemod is, what it is given, and what it leaves behind: values that the migration and its reports share."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from functools import cached_property, lru_cache
from typing import TYPE_CHECKING, TypeAlias, TypeGuard

from attrs import Attribute, define, evolve, field, fields, frozen

from workerlib import invoked
from workerlib.definitions import Definitions
from workerlib.diagnostic import Diagnostic, Severity
from workerlib.editing import Editor
from workerlib.errors import UsageError, several, typed
from workerlib.keypath import KeyPath
from workerlib.scalars import STANDARD
from workerlib.text import Entry, Mapping, Node, Scalar, Sequence, is_merge, merged_mappings

if TYPE_CHECKING:
    from workerlib.loading import Tree
    from workerlib.model import Application, Project

Path: TypeAlias = tuple[str, ...]


MOUNTS = ("instance", "storage")
STACKS = ("needed", "advised", "all", "never")  # what `stack` may say beside names of applications
STACK_FORMS = ("mapping", "list")


def _one_of(*known: str) -> Callable[[Options, Attribute[str], str], None]:
    def check(_options: Options, attribute: Attribute[str], value: str) -> None:
        if value not in known:
            expected = " or ".join(f"`{one}`" for one in known)
            raise UsageError(f"{attribute.name}: expected {expected}, found `{value}`")

    return check


@frozen
class Options:
    """What a migration may be told. Raises UsageError for a value that cannot be.

    `mounts` is what a ``local`` mount becomes, ``instance`` or ``storage``. `only` and `skip` are names of codemods. `split` writes one
    file for each application; `keep_old` leaves the old files; `overwrite` replaces a current configuration that is already there.

    `stack` says which applications get a composable image: ``needed`` (those that cannot run otherwise), ``advised``, ``all``, ``never``,
    and names of applications. `channel` is the channel of composable images, the newest where it is empty; one that is written already
    changes only if it is given. `stack_form` is ``mapping``, or ``list`` for a stack without `runtimes` and `packages`.

    `explicit_relationships` writes relationships that are strings as mappings; `factor` moves what all workers repeat.

    `python` rewrites Python source too, in which `app` is the application that a path without a folder means.
    """

    mounts: str = field(default="instance", validator=_one_of(*MOUNTS))
    only: tuple[str, ...] = field(default=(), validator=several)
    skip: tuple[str, ...] = field(default=(), validator=several)
    split: bool = field(default=False, validator=typed(bool))
    keep_old: bool = field(default=False, validator=typed(bool))
    overwrite: bool = field(default=False, validator=typed(bool))
    stack: tuple[str, ...] = field(default=("needed",), validator=several)
    channel: str = field(default="", validator=typed(str))
    stack_form: str = field(default="mapping", validator=_one_of(*STACK_FORMS))
    explicit_relationships: bool = field(default=False, validator=typed(bool))
    factor: bool = field(default=False, validator=typed(bool))
    python: bool = field(default=False, validator=typed(bool))
    app: str | None = field(default=None, validator=typed(str, type(None)))

    def words(self) -> tuple[str, ...]:
        """The options as they are given to ``migrate``, without those that are as they usually are."""
        out: list[str] = []
        for one in fields(Options):
            value = getattr(self, one.name)
            if value != one.default:
                given = [",".join(value)] if one.name == "stack" else value if isinstance(value, tuple) else [value]
                out += [word for part in given for word in (f"--{one.name.replace('_', '-')}", *([] if part is True else [part]))]
        return tuple(out)


@frozen(eq=False, repr=False)
class Example:
    """A configuration in the current layout before and after a codemod with these options; its first test, and part of its manual."""

    before: str
    after: str
    options: Options = Options()


@define(eq=False, repr=False)
class Match:
    """A key that a codemod asked for: the parts of its path, its entry, and the project around it.

    The entry may stand in another place than the path says, since it was reached through an alias, a merge key or an include; `mapping`
    is the one that has it, be it by a merge key. `project` is the model of what `tree` says, and `folder` where it stands, empty for the
    current folder.
    """

    parts: Path
    entry: Entry
    mapping: Mapping
    tree: Tree
    project: Project
    options: Options
    rewrite: Rewrite
    folder: str = ""

    @property
    def path(self) -> KeyPath:
        """The path of the key, from the top of the configuration."""
        return KeyPath(self.parts)

    @property
    def name(self) -> str:
        """What the key is part of: the name of an application, service or route."""
        return self.parts[1]

    @property
    def application(self) -> Application:
        """The model of the application that the key is part of."""
        return self.project.applications[self.name]

    @property
    def value(self) -> Scalar | Mapping | Sequence:
        """The value, looked at through aliases and includes."""
        return self.tree.definitions.see(self.entry.value)

    @property
    def everywhere(self) -> list[Entry]:
        """The entry, and those of the same key in merged mappings that it hides: without it, the next of them would count."""
        return list(named(self.mapping, self.entry.name))

    def get(self, key: str) -> Entry | None:
        """An entry of the value, merge keys applied."""
        value = self.value
        return self.tree.definitions.entries(value).get(key) if _has_keys(value) else None

    def hides(self, *keys: str) -> bool:
        """Whether a mapping that the value merges has one of the value's own keys as well: it would come back where that leaves."""
        value = self.value
        return isinstance(value, Mapping) and any(len(list(named(value, key))) > 1 for key in keys)

    def see(self, node: Node) -> Scalar | Mapping | Sequence:
        """A node, looked at through aliases and includes."""
        return self.tree.definitions.see(node)

    def command(self, options: Options) -> str:
        """The command that migrates this project with these options, ready to be pasted."""
        import shlex

        return shlex.join((*invoked.command("migrate"), *filter(None, [self.folder]), "--write", *options.words()))

    def note(self, message: str, help: str | None = None, *, severity: Severity = Severity.INFO) -> Diagnostic:
        """Something to tell the user about this place."""
        return Diagnostic(self.rewrite.code, self.rewrite.name, severity, f"{self.path}: {message}", self.entry.key.origin, help)


Handler: TypeAlias = Callable[[Match, Editor], Iterable[Diagnostic] | None]
Intention: TypeAlias = "Callable[[Project, list[KeyPath], Options], Project]"


def _written(manual: str | None) -> str:
    assert manual, "a codemod needs a docstring: it is its manual"
    return manual


@define(eq=False, repr=False)
class Rewrite:
    """A codemod: one kind of change to a configuration in the current layout.

    `module` is the name of its Python module, whose last part is the codemod's own; `manual` that module's docstring. A `safe` codemod does
    not change what runs. `intended` says how the model of a project changes at the paths that matched; without it nothing of it may change.
    One that is `last` works on what the others have made. `instead_of` names what reading says of a key less well than a note of this
    codemod on the same key; `as_asked` what it says of a form that the options ask for, and so is not to be said. `concerns` tells by a
    quick look whether there may be anything to do or to say at all; without it, there always may.
    """

    module: str
    manual: str = field(converter=_written)
    safe: bool
    example: Example
    code: str
    intended: Intention | None = None
    last: bool = False
    instead_of: tuple[str, ...] = ()
    as_asked: Callable[[Options], tuple[str, ...]] = lambda _options: ()
    concerns: Callable[[Tree, Options], bool] = lambda _tree, _options: True
    handlers: list[tuple[KeyPath, Handler]] = field(factory=list)

    @cached_property
    def name(self) -> str:
        """The name for ``--only``, ``--skip`` and ``--explain``."""
        return self.module.rpartition(".")[2].replace("_", "-")

    @property
    def summary(self) -> str:
        """What it does, in one sentence."""
        return self.manual.strip().partition("\n")[0]

    def yaml(self, *patterns: str) -> Callable[[Handler], Handler]:
        """Register a function for the keys at these paths, in which ``*`` stands for any one key.

        It is called with a :class:`Match` and the editor for its changes, and may return diagnostics.
        """

        def register(handler: Handler) -> Handler:
            self.handlers += [(KeyPath.parse(pattern), handler) for pattern in patterns]
            return handler

        return register


def instances(pattern: str) -> tuple[str, ...]:
    """A pattern below an application, its web instance and each worker: all that may set instance properties."""
    return tuple(f"{level}.{pattern}" for level in ("applications.*", "applications.*.web", "applications.*.workers.*"))


def each_application(project: Project, paths: Iterable[KeyPath], change: Callable[[Application], Application]) -> Project:
    """The project with a change to every application that a path leads into."""
    changed = {name: change(project.applications[name]) for name in dict.fromkeys(str(tuple(path)[1]) for path in paths)}
    return evolve(project, applications={**project.applications, **changed})


def named(mapping: Mapping, name: str | None) -> Iterator[Entry]:
    """The entries of a mapping, and of those that it merges, that have this key: one counts, and hides the others."""
    for entry in mapping.entries:
        if is_merge(entry):
            for base in merged_mappings(entry):
                yield from named(base, name)
        elif entry.name == name:
            yield entry


Found: TypeAlias = tuple[Path, Entry, Mapping]  # a key's whole path, its entry, and the mapping that has it, be it by a merge


def matches(tree: Tree, pattern: KeyPath) -> Iterator[tuple[KeyPath, Entry, Mapping]]:
    """Every key of a project that a pattern stands for: its whole path, its entry, and the mapping that has it."""
    for path, entry, mapping in find_keys(tree, [pattern])[0]:
        yield KeyPath(path), entry, mapping


def find_keys(tree: Tree, patterns: Iterable[KeyPath]) -> list[list[Found]]:
    """For each pattern, every key of a project that it stands for: one walk over the project, however many they are."""
    parts = tuple([pattern.parts for pattern in patterns])
    found: list[list[Found]] = [[] for _ in parts]
    definitions = tree.definitions
    for section, step in _steps(parts).next.items():
        apps, entries = definitions.applications, definitions.services if section == "services" else definitions.routes
        there = apps if section == "applications" else entries
        for name in there if "*" in step.next else [name for name in step.next if name in there]:
            node = apps[name].node if section == "applications" else entries[name].value
            for following in step.after(name):
                _find_below(definitions, node, following, (section, name), found)
    return found


@define(eq=False, repr=False)
class _Step:
    """A key of patterns: the numbers of those that end with it, and what may come below it."""

    ends: list[int] = field(factory=list)
    next: dict[str, _Step] = field(factory=dict)

    def after(self, name: str) -> Iterator[_Step]:
        """The steps that a key of this name takes."""
        if name in self.next:
            yield self.next[name]
        if name != "*" and "*" in self.next:
            yield self.next["*"]


@lru_cache
def _steps(patterns: tuple[tuple[str | int, ...], ...]) -> _Step:
    """The tree that patterns make."""
    top = _Step()
    for number, parts in enumerate(patterns):
        step = top
        for part in map(str, parts):
            step = step.next.setdefault(part, _Step())
        step.ends.append(number)
    return top


def _find_below(definitions: Definitions, node: Node, step: _Step, path: Path, found: list[list[Found]]) -> None:
    seen = definitions.see(node)
    if not _has_keys(seen):
        return
    entries = definitions.entries(seen)
    for name in entries if "*" in step.next else [name for name in step.next if name in entries]:
        entry, whole = entries[name], (*path, name)
        for following in step.after(name):
            for number in following.ends:
                found[number].append((whole, entry, seen))
            if following.next:
                _find_below(definitions, entry.value, following, whole, found)


def _has_keys(node: Node) -> TypeGuard[Mapping]:
    """Whether a node is a mapping; what a tag that is not YAML's makes of one is not known."""
    return isinstance(node, Mapping) and node.tag in (None, f"{STANDARD}map")


# ---- outcomes -----------------------------------------------------------------------------------------------------------------------


@frozen
class Changed:
    """A codemod changed a file, at so many places."""

    codemod: str
    file: str
    places: int


@frozen
class Unchanged:
    """A codemod found nothing to do."""

    codemod: str


@frozen
class Skipped:
    """A codemod was not run."""

    codemod: str
    reason: str


@frozen
class Failed:
    """A codemod could not be run."""

    codemod: str
    error: str


Outcome: TypeAlias = Changed | Unchanged | Skipped | Failed
