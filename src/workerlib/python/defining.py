"""Definitions that a program holds: the display that a value is, what becomes of it, and what is assigned to keys of it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

import libcst as cst
from attrs import frozen

from workerlib.diagnostic import Diagnostic, Severity
from workerlib.editing.edits import Edit
from workerlib.python.codemod import Site
from workerlib.python.displays import Display
from workerlib.python.flows import Write
from workerlib.python.leaving import advice, leaves_below, may_change
from workerlib.python.lookups import How, Use, uses
from workerlib.python.module import Module
from workerlib.python.places import CannotFollowError, Old
from workerlib.python.virtual import WORDS, Data, Migrated, Planner, migrate_at, migrate_data
from workerlib.sizing.removal import KEYS

_BY_HAND = "adapt it yourself"
_DEEPEST = 8  # steps from a value to the display that it is
_RESOURCES = "resources are set with `upsun resources:set`"


def planner(site: Site) -> Planner:
    """What migrates definitions in a program. Raises CannotFollowError where there is nothing that does."""
    if site.context.planner is None:
        raise CannotFollowError("what it holds cannot be migrated here", "run `python -m workerlib.migrate --python`")
    return site.context.planner


# ---- what is written ----------------------------------------------------------------------------------------------------------------


@frozen
class Definition:
    """A display that is written to an old file, and what it becomes."""

    display: Display
    migrated: Migrated
    old: Old

    @property
    def keys(self) -> tuple[str, ...]:
        """The keys under which it stands in the new file."""
        return ("applications", self.migrated.application) if self.old.section == "application" else (self.old.section,)

    @property
    def new(self) -> Data:
        """What the display is to say: the definition of the application, or all services or routes."""
        named = self.migrated.definitions[self.keys[0]]
        return named[self.migrated.application] if self.old.section == "application" else dict(named)

    def key(self, key: str, site: Site) -> str:
        """The source of one of the keys."""
        node = self.display.unknown.get(key)
        return site.quoted(key) if node is None else site.module.source(node)

    def become(self) -> list[Edit]:
        """The edits that make the display say the new definition. Raises CannotFollowError where that cannot be."""
        return self.display.become(self.new, self.keys)


def definition_of(site: Site, value: cst.BaseExpression, old: Old) -> Definition | None:
    """The definition that a written value is; None where it is no display.

    Raises CannotFollowError where it is one whose content is not known, or whose name is not where it is written.
    """
    module = site.module
    node, names = _shown(module, value)
    is_call = isinstance(node, cst.Call) and module.names(node.func) == frozenset(("builtins.dict",))
    if not isinstance(node, cst.Dict) and not is_call:
        return None
    if old.section == "applications":
        raise CannotFollowError("a display of several applications is not followed", _BY_HAND)
    display = Display(module, node, site.rewrite.name)
    for name in [*display.names, *names]:
        site.private(name)
    found = Definition(display, migrate_data(planner(site), old, display.data), old)
    if names and any(key in display.unknown for key in found.keys):
        raise CannotFollowError("the name of its application is known only where it is made", _BY_HAND)
    return found


def _shown(module: Module, value: cst.BaseExpression) -> tuple[cst.BaseExpression, list[cst.Name]]:
    """What a value is: behind names, and calls of functions that only this call uses. With it, these names."""
    node, names = value, list[cst.Name]()
    for _ in range(_DEEPEST):
        if isinstance(node, cst.Name) and (binding := module.only_binding(node)) is not None:
            names.append(node)
            inner = module.value(binding)
        elif isinstance(node, cst.Call) and isinstance(node.func, cst.Name) and module.uses(node.func) == [node.func]:
            names.append(node.func)
            inner = _returned(module, module.only_binding(node.func))
        elif isinstance(node, cst.NamedExpr):
            names.append(cst.ensure_type(node.target, cst.Name))
            inner = node.value
        else:
            break
        if inner is None:
            break
        node = inner
    return node, names


def _returned(module: Module, function: cst.CSTNode | None) -> cst.BaseExpression | None:
    """The one value that a function returns."""
    if not isinstance(function, cst.FunctionDef) or not module.is_plain(function) or len(found := module.returns(function)) != 1:
        return None
    return cst.ensure_type(found[0], cst.Return).value


def other_uses(site: Site, found: Definition, sink: Write) -> list[Use]:
    """The uses of a definition, beside that it is written, after which it is to be adapted: lookups of the name, and keys that are set.

    Raises CannotFollowError where it is used in a way that would no longer be the same.
    """
    module, node = site.module, found.display.node
    if node is sink.value:
        return []
    # A helper that is called once with the value does with it what is known.
    once = isinstance(sink.value, cst.Name) and sum(isinstance(module.parent(one), cst.Arg) for one in module.uses(sink.value)) == 1
    out = []
    for use in uses(module, node, found.keys)[0]:
        shown = f"`{module.source(use.node)}`"
        if use.node is sink.value or ((once or not isinstance(sink.value, cst.Name)) and module.within(use.node, sink.node)):
            continue
        if advice(use.keys) and not (use.keys == (*found.keys, "name") and use.how is How.LOOKED_UP and use.sure):
            raise CannotFollowError(f"{shown} depends on keys that leave", _BY_HAND)
        if use.how is How.SET and use.sure and _stays(found, use.keys):
            out.append(use)
        elif use.how is not How.LOOKED_UP and leaves_below(use.keys):
            raise CannotFollowError(f"{shown} depends on keys that leave", _BY_HAND)
        elif use.keys[-1] is None or use.how is How.SET or (leaves_below(use.keys) and not advice(use.keys)):
            raise CannotFollowError(f"{shown} may depend on what changes", _BY_HAND)
        elif advice(use.keys):
            out.append(use)
    return out


def _stays(found: Definition, keys: Sequence[str | None]) -> bool:
    """Whether what is set at some keys stands there in the new definition, too."""
    _, _, *rest = keys
    old, new = found.display.data, found.new
    if found.old.section != "application" or not rest or rest[0] is None or not isinstance(old, dict) or not isinstance(new, dict):
        return False
    return rest[0] in ("mounts", "crons", "workers") or old.get(rest[0]) == new.get(rest[0])


def rename(site: Site, found: Definition, use: Use) -> None:
    """Let a lookup of the name be the name."""
    start, end = site.module.span(use.node)
    site.replace(start, end, site.module.quoted_like(use.node, found.migrated.application))


# ---- what is set --------------------------------------------------------------------------------------------------------------------


def set_to(site: Site, use: Use, *, written: bool) -> Iterator[Diagnostic]:
    """Have what is assigned to keys of a definition in the form of the new files, if it is `written`; else say that it is not."""
    module, shown = site.module, f"`{site.module.source(use.node)}`"
    if use.keys[-1] is None and leaves_below(use.keys[:-1]):
        yield site.note(use.node, f"{shown} may be a key that left", "see that it is none")
    value = _assigned(module, use.node)
    if value is None:
        return
    display = Display(module, value, site.rewrite.name)
    try:
        new = migrate_at(planner(site), use.keys, display.data)
        edits = [] if new is None else display.become(new, ())
    except CannotFollowError as problem:
        yield site.note(use.node, f"what {shown} is set to is left as it is: {problem.reason}", problem.help)
        return
    if edits and not written:
        yield site.note(use.node, f"{shown} is set to what old files held", "set it to what the new files hold")
        return
    for name in display.names:
        site.private(name)
    site.edits += edits
    if new is not None and _left(display.data, new):
        yield site.note(use.node, "resources left this definition", _RESOURCES, severity=Severity.INFO)
    yield from _doubts(site, use.keys, new, sources(display))


def was_loaded(site: Site, sink: Write) -> bool:
    """Whether what is written is what was loaded, which the codemod for reading looks after."""
    return any(site.module.within(node, sink.node) for node in site.context.written_back)


def _assigned(module: Module, node: cst.CSTNode) -> cst.BaseExpression | None:
    """What is assigned to a target, or by a call that sets keys: a mapping of them for ``update``."""
    parent = module.parent(node)
    match parent:
        case cst.AssignTarget() if len(cst.ensure_type(module.parent(parent), cst.Assign).targets) == 1:
            return module.value(node)
        case cst.AnnAssign():
            return parent.value
        case cst.AugAssign(operator=cst.BitOrAssign()):
            return parent.value
    match node:
        case cst.Call(func=cst.Attribute(attr=cst.Name("setdefault")), args=[_, cst.Arg(value=value, star="")]):
            return value
        case cst.Call(func=cst.Attribute(attr=cst.Name("update")), args=[cst.Arg(value=value, keyword=None, star="")]):
            return value
    return None


def _left(old: Data, new: Data) -> bool:
    """Whether keys left."""
    if not isinstance(old, dict) or not isinstance(new, dict):
        return False
    return any((key in KEYS and key not in new) or _left(value, new.get(key)) for key, value in old.items())


# ---- what is said -------------------------------------------------------------------------------------------------------------------

Sources = Mapping[str, tuple[str, cst.CSTNode]]  # of the words that stand for what is no literal: how it is written, and where


def sources(display: Display) -> Sources:
    """What the words in a display's data stand for."""
    return {word: (display.module.source(node), node) for word, node in display.unknown.items()}


def told(site: Site, node: cst.CSTNode, migrated: Migrated, words: Sources) -> Iterator[Diagnostic]:
    """What is to be known of a definition that was migrated."""
    if migrated.command:
        command = migrated.command
        for word, (source, _) in words.items():
            command = command.replace(word, source)
        yield site.note(node, "resources left this definition", f"run `{command}`", severity=Severity.INFO)
    for word, (source, _) in words.items():
        if word not in migrated.text:
            yield site.note(node, f"`{source}` is not written any more: it was the value of a key that left", _RESOURCES)
    for section, named in migrated.definitions.items():
        yield from _doubts(site, (section,), dict(named), words)
    for warning in migrated.warnings:
        if not WORDS.search(warning):  # it is not about what is not known
            yield site.note(node, warning, "see whether what is written is right")


def _doubts(site: Site, keys: tuple[str | None, ...], data: Data, words: Sources) -> Iterator[Diagnostic]:
    """Notes on what may still be as in old files, since it is no literal."""
    if isinstance(data, str) and data in words and may_change(keys):
        source, node = words[data]
        yield site.note(node, f"what `{source}` holds is not known", "see that it is as in the new files")
    elif isinstance(data, dict):
        for key, value in data.items():
            if key in words and leaves_below(keys):
                source, node = words[key]
                yield site.note(node, f"`{source}` may be a key that left", "see that it is none")
            yield from _doubts(site, (*keys, None if key in words else key), value, words)
