"""The public names with their signatures, as `tests/public_api.txt` records them: ``python -m tests.public_api`` records them anew."""

from __future__ import annotations

import enum
import inspect
from collections.abc import Iterator
from pathlib import Path

import attrs

import workerlib

RECORD = Path(__file__).with_name("public_api.txt")


def lines() -> Iterator[str]:
    """Each name with what one may rely on: parameters with their types and defaults, fields, members, base classes."""
    for name in workerlib.__all__:
        value = getattr(workerlib, name)
        if inspect.isclass(value):
            bases = ", ".join(base.__name__ for base in value.__bases__ if base is not object)
            yield f"class {name}({bases})" if bases else f"class {name}"
            yield from (f"    {line}" for line in members(value))
        elif inspect.isfunction(value):
            yield f"def {name}{signature(value)}"
        else:
            yield f"{name}: {type(value).__name__}"


def members(kind: type) -> Iterator[str]:
    """What a class has of its own: values of an enumeration, fields, then methods and properties in the order of their names."""
    if issubclass(kind, enum.Enum):
        yield from (f"{one.name} = {one.value!r}" for one in kind)
        return
    if attrs.has(kind):
        for one in attrs.fields(kind):
            if not one.name.startswith("_") and one.init:
                yield f"{one.name}: {one.type}" + ("" if one.default is attrs.NOTHING else " = ...")
    for name, member in sorted(vars(kind).items()):
        inner = getattr(member, "__func__", member)
        if name.startswith("_"):
            continue
        if isinstance(member, property) and member.fget is not None:
            yield f"{name} -> {inspect.get_annotations(member.fget)['return']}"
        elif inspect.isfunction(inner):
            yield f"def {name}{signature(inner)}"


def signature(function: object) -> str:
    """Parameters and result, with types as they are written; a default of ours is only said to be one."""
    assert callable(function)
    found = inspect.signature(function)
    shown = [
        one if one.default is one.empty or isinstance(one.default, (str, int, type(None))) else one.replace(default=...)
        for one in found.parameters.values()
    ]
    return str(found.replace(parameters=shown)).replace("'", "").replace("Ellipsis", "...")


def main() -> None:
    RECORD.write_text("\n".join(lines()) + "\n", encoding="utf-8")
    print(f"written: {RECORD}")


if __name__ == "__main__":
    main()
