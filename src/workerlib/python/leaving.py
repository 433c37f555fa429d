"""The keys that are not in the new files where they were in the old ones, and what replaces them."""

from __future__ import annotations

from collections.abc import Iterator

from workerlib.keypath import KeyPath

_RESOURCES = "resources are set with `upsun resources:set`, and read with `upsun resources`"
_LOCATIONS = 'it is part of ["web"]["locations"]["/"] now'
_INSTANCES = ("applications.*", "applications.*.web", "applications.*.workers.*")
# Vendor documentation: Move from Upsun Fixed to Upsun Flex; Changelog > Upgrading.
ROWS: tuple[tuple[str, str], ...] = (
    ("applications.*.name", "the name is the key that the application stands under"),
    *((f"{level}.{key}", _RESOURCES) for level in (*_INSTANCES, "services.*") for key in ("size", "disk", "resources")),
    ("applications.*.crons.*.cmd", 'look up ["commands"]["start"]'),
    *(
        (f"applications.*.web.{key}", _LOCATIONS)
        for key in ("document_root", "passthru", "index_files", "whitelist", "blacklist", "expires")
    ),
    ("applications.*.toolstack", "look up `type`, and `flavor` in `build`"),
)
# What is written in another form now, beside what the rows say. Vendor documentation: Mounts.
_FORMS = tuple(
    tuple(KeyPath.parse(f"{level}.{key}")) for level in ("applications.*", "applications.*.workers.*") for key in ("mounts", "mounts.*")
)
_PATTERNS = tuple((tuple(KeyPath.parse(pattern)), advice) for pattern, advice in ROWS)


def advice(keys: tuple[str | None, ...]) -> str | None:
    """What replaces the value at some keys, None for one that is still there. One that is None may be any, but not the last."""
    for pattern, text in _PATTERNS:
        if len(keys) == len(pattern) and keys[-1] == pattern[-1] and _fits(keys, pattern):
            return text
    return None


def leaves_below(keys: tuple[str | None, ...]) -> tuple[str, ...]:
    """The names of keys that are no longer directly in the mapping at some keys."""
    return tuple(dict.fromkeys(_below(keys)))


def may_change(keys: tuple[str | None, ...]) -> bool:
    """Whether a value at some keys may hold keys that left, or be written in a form that did."""
    return bool(leaves_below(keys) or leaves_below((*keys, None))) or any(
        len(keys) == len(pattern) and _fits(keys, pattern) for pattern in _FORMS
    )


def _below(keys: tuple[str | None, ...]) -> Iterator[str]:
    for pattern, _ in _PATTERNS:
        if len(pattern) == len(keys) + 1 and _fits(keys, pattern):
            yield str(pattern[-1])


def _fits(keys: tuple[str | None, ...], pattern: tuple[object, ...]) -> bool:
    return all(key is None or part in ("*", key) for key, part in zip(keys, pattern, strict=False))
