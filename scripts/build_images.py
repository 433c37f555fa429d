"""Write ``src/workerlib/_images.py`` from the registry of images that the vendor publishes.

Usage: ``python scripts/build_images.py FOLDER DATE``. FOLDER holds ``registry.json``, ``composable.json`` and ``php_extensions.json`` of
https://github.com/upsun/meta (``resources/image``, ``resources/extension``); DATE is the day or month that they are from. What they do not
tell, such as what an extension is called on a composable image, stands in ``src/workerlib/images.py``.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

TARGET = Path(__file__).parents[1] / "src" / "workerlib" / "_images.py"
STATUSES = ("supported", "deprecated", "retired", "decommissioned")
KINDS = ("available", "default", "built-in")
PAGE = '''\
"""What the vendor publishes about images; made by ``scripts/build_images.py``, read by :mod:`workerlib.images`."""
# ruff: noqa: E501

from __future__ import annotations

SOURCE = "https://github.com/upsun/meta: registry.json, composable.json, php_extensions.json"
DATE = "{date}"

# name | kind | default endpoint | endpoints | least disk in MB | profile | versions supported | deprecated | retired | decommissioned
IMAGES = """\\
{images}
"""

# channel | status | runtime | its versions
CHANNELS = """\\
{channels}
"""

# version of PHP | extensions that can be enabled | that are enabled | that are always there
EXTENSIONS = """\\
{extensions}
"""
'''


def newest_first(versions: Iterable[str]) -> str:
    """Versions in the order of their numbers, separated by blanks."""
    return " ".join(sorted(versions, key=lambda version: [int(part) for part in version.split(".")], reverse=True))


def images(registry: Mapping[str, Any]) -> Iterator[tuple[str, ...]]:
    """One row for each runtime and service."""
    for name, image in sorted(registry.items()):
        versions = image["versions"]
        manifests = [versions[version]["manifest"] or {} for version in newest_first(versions).split()]
        endpoints = {n: about for m in reversed(manifests) for n, about in (m.get("endpoints") or {}).items()} if image["service"] else {}
        yield (
            name,
            "service" if image["service"] else "runtime",
            next((endpoint for endpoint, about in endpoints.items() if about.get("default")), ""),
            " ".join(endpoints),
            next((str(m["min_disk_size"]) for m in manifests if m.get("min_disk_size")), "") if image["need_disk"] else "",
            next((m["default_container_profile"] for m in manifests if m.get("default_container_profile")), ""),
            *(newest_first(v for v, about in versions.items() if about["upsun"]["status"] == status) for status in STATUSES),
        )


def channels(composable: Mapping[str, Any]) -> Iterator[tuple[str, ...]]:
    """One row for each runtime of each channel, newest first; one without a runtime where none is published."""
    versions = composable["composable"]["versions"]
    for channel in newest_first(versions).split():
        status, runtimes = versions[channel]["upsun"]["status"], versions[channel].get("packages_versions", {})
        for runtime, about in sorted(runtimes.items()) or [("", {"versions": ()})]:
            yield channel, status, runtime, newest_first(about["versions"])


def extensions(published: Mapping[str, Any]) -> Iterator[tuple[str, ...]]:
    """One row for each version of PHP."""
    grid = published["cloud"]
    for php in newest_first({version for extension in grid.values() for version in extension["versions"]}).split():
        status = {name: about["versions"][php]["status"] for name, about in grid.items() if php in about["versions"]}
        yield php, *(" ".join(sorted(name for name, found in status.items() if found == kind)) for kind in KINDS)


def main(folder: Path, date: str) -> None:
    """Read the published files and write the table."""
    made = {"images": (images, "registry"), "channels": (channels, "composable"), "extensions": (extensions, "php_extensions")}
    tables = {}
    for table, (rows, file) in made.items():
        published = json.loads((folder / f"{file}.json").read_text("utf-8"))
        tables[table] = "\n".join("|".join(row) for row in rows(published))
    TARGET.write_text(PAGE.format(date=date, **tables), "utf-8", newline="\n")


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2])
