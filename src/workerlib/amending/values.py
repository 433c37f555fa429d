"""Plain data with one change at a path: what an amendment is proved to have made of what was there."""

from __future__ import annotations

from collections.abc import Mapping as MappingABC
from collections.abc import Sequence as SequenceABC
from typing import TypeAlias, TypeGuard, Union, cast

from workerlib.editing import Written
from workerlib.editing.writing import Value as NewValue
from workerlib.errors import UsageError
from workerlib.keypath import KeyPath
from workerlib.model import Number, Part
from workerlib.plain import Data, plain_data
from workerlib.scalars import number_text

Value: TypeAlias = Union[str, int, float, bool, Number, Part, SequenceABC["Value"], MappingABC[str, "Value"], None]  # noqa: UP007
"""What can be written: plain values, and parts of the model, such as a :class:`~workerlib.model.Worker`."""


class _Gone(tuple[Data, ...]):
    """What is left of data that is taken away as a whole."""


GONE = _Gone()


def new(value: Value) -> NewValue:
    """A value as the editor takes it."""
    match value:
        case str():
            return value
        case float():
            return Written(number_text(value))
        case Number():
            return Written(value.text)
        case Part():
            return new(cast("Value", plain_data(value)))
        case MappingABC():
            return {key: new(inner) for key, inner in value.items()}
        case SequenceABC():
            return [new(inner) for inner in value]
        case _:
            return value


def refuse_unwritable(path: KeyPath, value: object) -> None:
    """Raise UsageError where a value, or something in it, is none that YAML has, or a key in it is no text."""
    match value:
        case None | str() | int() | float() | Number():
            return
        case Part():
            refuse_unwritable(path, plain_data(value))
        case MappingABC():
            for key, inner in value.items():
                if not isinstance(key, str):
                    raise UsageError(f"{path}: expected keys that are text, found `{key!r}`")
                refuse_unwritable(path / key, inner)
        case SequenceABC() if not isinstance(value, bytes | bytearray | memoryview):
            for index, inner in enumerate(value):
                refuse_unwritable(path / index, inner)
        case _:
            kinds = "text, a number, a truth value, None, a list, a mapping or a part of the model"
            raise UsageError(f"{path}: expected {kinds}, found a value of type `{type(value).__name__}`")


def as_data(value: Value) -> Data:
    """A value as it is read again."""
    match value:
        case str() | bool():
            return value
        case int() | float():
            return Number(number_text(value))
        case Part():
            return as_data(cast("Value", plain_data(value)))
        case MappingABC():
            return {key: as_data(inner) for key, inner in value.items()}
        case SequenceABC():
            return tuple(as_data(inner) for inner in value)
        case _:
            return value


def nested(parts: tuple[str | int, ...], value: Value) -> Value:
    """A value with the mappings and lists above it that a path names."""
    for part in reversed(parts):
        value = {part: value} if isinstance(part, str) else [value]
    return value


def _is_list(data: Data) -> TypeGuard[SequenceABC[Data]]:
    return isinstance(data, SequenceABC) and not isinstance(data, str)


def with_value(data: Data, parts: tuple[str | int, ...], value: Value) -> Data:
    """`data` with a value at a path."""
    if not parts:
        return as_data(value)
    head, *rest = parts
    if isinstance(head, int):
        items = list(data) if _is_list(data) else []
        longer = [*items, None] if head == len(items) else items
        return [with_value(item, tuple(rest), value) if at == head else item for at, item in enumerate(longer)]
    inner = data if isinstance(data, MappingABC) else {}
    return {**inner, str(head): with_value(inner.get(str(head)), tuple(rest), value)}


def with_inserted(data: Data, parts: tuple[str | int, ...], value: Value) -> Data:
    """`data` with a value before the item of a list that is at a path."""
    head, *rest = parts
    if _is_list(data) and isinstance(head, int):
        if not rest:
            return [*data[:head], as_data(value), *data[head:]]
        return [with_inserted(item, tuple(rest), value) if at == head else item for at, item in enumerate(data)]
    assert isinstance(data, MappingABC)
    return {key: with_inserted(inner, tuple(rest), value) if key == head else inner for key, inner in data.items()}


def without(data: Data, parts: tuple[str | int, ...]) -> Data:
    """`data` without what is at a path."""
    if not parts:
        return GONE
    head, *rest = parts
    if _is_list(data):
        left = [without(item, tuple(rest)) if at == head else item for at, item in enumerate(data)]
        return [item for item in left if item is not GONE]
    assert isinstance(data, MappingABC)
    changed = {key: without(value, tuple(rest)) if key == head else value for key, value in data.items()}
    return {key: value for key, value in changed.items() if value is not GONE}


def with_renamed(data: Data, parts: tuple[str | int, ...], name: str) -> Data:
    """`data` with another last key on a path, in its place."""
    if not parts:
        return data
    head, *rest = parts
    if _is_list(data):
        return [with_renamed(item, tuple(rest), name) if at == head else item for at, item in enumerate(data)]
    assert isinstance(data, MappingABC)
    return {name if key == head and not rest else key: with_renamed(v, tuple(rest), name) if key == head else v for key, v in data.items()}
