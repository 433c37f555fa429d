"""Paths of keys through a configuration, such as ``applications.api.workers.queue``."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from attrs import field, frozen

from workerlib.errors import UsageError, expect

_PLAIN = re.compile(r"[^.\[\]\"\s]+")
_PART = re.compile(r'\.?(?:"((?:[^"\\]|\\.)*)"|([^.\[\]"\s]+)|\[([0-9]{1,4000})\])')  # of more digits Python makes no number


def _tuple(parts: Iterable[str | int]) -> tuple[str | int, ...]:
    if isinstance(parts, str):  # whose letters would be taken for the parts
        raise UsageError(f"expected the parts of a key path, found the text `{parts}`; write `KeyPath.parse({parts!r})`")
    if type(parts) is not tuple:
        expect("parts", parts, Iterable)
    return tuple(parts)


def _order(parts: tuple[str | int, ...]) -> tuple[tuple[bool, str | int], ...]:
    """What paths are sorted by: at one place, numbers come before names."""
    return tuple((isinstance(part, str), part) for part in parts)


@frozen(order=True)
class KeyPath:
    """A place in a configuration: keys of mappings (text) and positions in sequences (numbers, from 0).

    ``str(path)`` and :meth:`parse` are inverse. A key that holds a dot, a bracket, a quote or white space is quoted. Raises UsageError for
    text, which :meth:`parse` reads.

    >>> str(KeyPath(("applications", "api", "web", "locations", "/a.b")))
    'applications.api.web.locations."/a.b"'
    """

    parts: tuple[str | int, ...] = field(default=(), converter=_tuple, order=_order)

    @classmethod
    def parse(cls, text: str) -> KeyPath:
        """Read a path as ``str`` writes it.

        Raises UsageError where `text` is not such a path.
        """
        expect("path", text, str)
        parts: list[str | int] = []
        at = 0
        while at < len(text):
            found = _PART.match(text, at)
            if found is None or text.startswith(".", at) != (at > 0 and found[3] is None):
                raise UsageError(f"`{text}` is not a key path: expected a key at character {at + 1}")
            quoted, plain, index = found.groups()
            if index is not None:
                parts.append(int(index))
            else:
                parts.append(plain if quoted is None else re.sub(r"\\(.)", r"\1", quoted))
            at = found.end()
        return cls(tuple(parts))

    def __str__(self) -> str:
        out = ""
        for part in self.parts:
            if isinstance(part, int):
                out += f"[{part}]"
                continue
            plain = _PLAIN.fullmatch(part)
            text = part if plain else '"' + part.replace("\\", "\\\\").replace('"', '\\"') + '"'
            out += f".{text}" if out else text
        return out

    def __truediv__(self, part: str | int) -> KeyPath:
        return KeyPath((*self.parts, part))

    def __iter__(self) -> Iterator[str | int]:
        return iter(self.parts)

    def __len__(self) -> int:
        return len(self.parts)

    @property
    def parent(self) -> KeyPath:
        """The path without its last part; the empty path is its own parent."""
        return KeyPath(self.parts[:-1])

    def starts_with(self, other: KeyPath) -> bool:
        """Whether this path is `other`, or lies below it."""
        expect("other", other, KeyPath)
        return self.parts[: len(other.parts)] == other.parts

    def matches(self, pattern: KeyPath) -> bool:
        """Whether this path is one that `pattern` stands for, where a ``*`` part stands for any one part."""
        expect("pattern", pattern, KeyPath)
        return len(self.parts) == len(pattern.parts) and all(
            want in ("*", part) for want, part in zip(pattern.parts, self.parts, strict=True)
        )


def key_path(path: KeyPath | str) -> KeyPath:
    """A path, or the one that a text stands for. Raises UsageError for a text that is none, and for all else."""
    return path if isinstance(path, KeyPath) else KeyPath.parse(path)
