"""The projects that are measured: those of a folder of real ones, or generated ones of the same shape."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator, Mapping
from itertools import count
from pathlib import Path

from workerlib.errors import WorkerlibError
from workerlib.layout import MemoryFiles, discover
from workerlib.migrate.fleet import find
from workerlib.migrate.planning import plan

Files = Mapping[str, bytes]

_APP = """\
# The application {name}: what it runs on, and how it is served.
name: {name}
type: 'php:8.3'

build:
    flavor: composer    # installs what composer.lock names

disk: 2048
size: S

relationships:
    database: 'db:mysql'
    cache: 'cache:redis'

mounts:
    '/public/uploads': 'shared:files/uploads'   # what editors upload
    '/var/cache':
        source: local
        source_path: cache

variables:
    env:
        APP_ENV: prod
        APP_DEBUG: 0

web:
    locations:
        '/':
            root: public
            passthru: '/index.php'
            expires: 1h
            rules:
                '\\.(css|js|gif|jpe?g|png|svg|woff2?)$':
                    allow: true

hooks:
    build: |
        set -e
        # not a comment of YAML
        yarn --frozen-lockfile
        yarn build
    deploy: |
        php bin/console doctrine:migrations:migrate --no-interaction

crons:
    sessions:
        spec: '17,47 * * * *'
        cmd: php bin/console session:clean
"""
_WORKER = """\
    {name}:
        # consumes the queue of the same name
        size: S
        commands:
            start: |
                php bin/console messenger:consume {name} --time-limit=3600
        mounts:
            '/var/queue':
                source: local
                source_path: queue
"""
_SERVICES = "db:\n    type: 'mariadb:10.11'\n    disk: 2048   # MB\n\ncache:\n    type: 'redis:7.2'\n"
_ROUTES = "'https://{default}/':\n    type: upstream\n    upstream: 'app0:http'\n\n'https://www.{default}/':\n    type: redirect\n    to: 'https://{default}/'\n"


def generated(applications: int = 1, workers: int = 2, variables: int = 0) -> Files:
    """A project in the old layout, as most real ones are. More `variables` make its files larger."""
    files = {".platform/services.yaml": _SERVICES, ".platform/routes.yaml": _ROUTES}
    for number in range(applications):
        folder = f"app{number}/" if applications > 1 else ""
        text = _APP.replace("{name}", f"app{number}")
        more = "".join(f"        SETTING_{one}: 'value {one}'   # what it is for\n" for one in range(variables))
        text = text.replace("        APP_DEBUG: 0\n", f"        APP_DEBUG: 0\n{more}")
        text += "\nworkers:\n" + "".join(_WORKER.replace("{name}", f"queue{worker}") for worker in range(workers)) if workers else ""
        files[f"{folder}.platform.app.yaml"] = text
    return {path: text.encode() for path, text in files.items()}


def chosen(most: int) -> tuple[str, list[Files]]:
    """What the projects are, and up to `most` of them, spread over all that can be migrated."""
    corpus = os.environ.get("WORKERLIB_CORPUS")
    if not corpus:
        return "generated projects", [generated(1 + number % 3, number % 4) for number in range(most)]
    found = []
    for path in find(corpus):
        try:
            plan(path)
        except WorkerlibError:
            continue
        found.append({p.relative_to(path).as_posix(): p.read_bytes() for p in Path(path).rglob("*") if p.is_file()})
    return "real projects", found[:: max(1, len(found) // most)][:most]


_rounds = count()


def fresh(files: Files) -> Files:
    """The project with another comment in each file of configuration, so that nothing can be remembered from an earlier round."""
    mark = b"# round %d\n" % next(_rounds)
    return {**files, **{path: mark + files[path] for path in configuration(files)}}


def configuration(files: Files) -> list[str]:
    """The files of a project that are read as YAML."""
    return [file.path for file in discover(MemoryFiles(files))]


def written(root: Path, projects: list[Files]) -> Iterator[Path]:
    """The projects as folders below `root`."""
    for number, files in enumerate(projects):
        folder = root / f"{number:05}"
        for path, data in files.items():
            (folder / path).parent.mkdir(parents=True, exist_ok=True)
            (folder / path).write_bytes(data)
        yield folder


def shown(projects: list[Files]) -> str:
    """How large the projects are."""
    sizes = [sum(len(files[path]) for path in configuration(files)) for files in projects]
    return json.dumps({"projects": len(projects), "bytes": sum(sizes), "bytes of each": sum(sizes) // max(1, len(sizes))})
