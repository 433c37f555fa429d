"""What other validators of this format refuse although it is documented: no check objects to it."""

from __future__ import annotations

import pytest
from tests.checks.cases import everything

from workerlib.diagnostic import Severity

ROUTED = "applications: {shop: {type: 'php:8.4'}}\nroutes: {'https://{default}/': {type: upstream, upstream: 'shop:http', %s}}\n"
FINE = {
    "an instance mount": "mounts: {data: {source: instance}}",
    "a tmp mount by its other name": "mounts: {data: {source: temporary, source_path: ''}}",
    "the storage of another application": (
        "applications:\n  shop: {type: 'php:8.4', mounts: {in: {source: storage, service: api, source_path: exchange}}}\n"
        "  api: {type: 'php:8.4'}\nroutes: {'https://{default}/': {type: upstream, upstream: 'shop:http'}}\n"
    ),
    "a composable image": "type: 'composable:26.05'\nstack: {runtimes: [php@8.4], packages: [yarn]}",
    "a composable image of packages only": "type: 'composable:26.05'\nstack: {packages: [hugo]}",
    "a runtime with options": "type: 'composable:26.05'\nstack: {runtimes: [{php@8.4: {extensions: [redis, sodium]}}]}",
    "a package with a channel and more": (
        "type: 'composable:26.05'\nstack: {runtimes: [python@3.14], packages: [{package: yq, channel: unstable, more: 1}]}"
    ),
    "a container profile": "container_profile: BALANCED",
    "a container profile of a worker": "workers: {q: {commands: {start: ./q}, container_profile: HIGH_MEMORY}}",
    "a container profile that is null": "container_profile: ",
    "a null relationship": (
        "applications: {shop: {type: 'php:8.4', relationships: {db, kv: }}}\nservices: {db: {type: 'redis:8.0'}, kv: {type: 'redis:8.0'}}\n"
    ),
    "a relationship without an endpoint": (
        "applications: {shop: {type: 'php:8.4', relationships: {x: {service: db}}}}\nservices: {db: {type: 'redis:8.0'}}\n"
    ),
    "a cron with a timeout": "crons: {c: {spec: 'H 2 * * *', commands: {start: ./c, stop: ./s}, timeout: 3600, shutdown_timeout: 5}}",
    "a runtime operation": "operations: {flush: {role: viewer, commands: {start: ./flush}}}",
    "a web instance without a command": "web: {locations: {/: {root: public, passthru: /index.php}}}",
    "what runs after the start": "web: {commands: {start: ./w, post_start: ./p}}\nworkers: {q: {commands: {start: ./q, post_start: ./p}}}",
    "a location without an index": "web: {locations: {/: {root: public, index: }}}",
    "an address without a mask": "firewall: {outbound: [{ips: [192.0.2.1], ports: [443]}]}",
    "sticky sessions": ROUTED % "sticky: {enabled: true}",
    "server side includes": ROUTED % "ssi: {enabled: true}",
    "services and routes that are null": "applications: {shop: {type: 'php:8.4'}}\nservices:\nroutes:\n",
    "an application without web and routes": "workers: {q: {commands: {start: ./q}}}",
    "names with signs": "applications: {my-shop_2: {type: 'php:8.4', workers: {messenger-2: {commands: {start: ./q}}}}}\n",
    "variables of any kind": "variables: {env: {A: [1, {b: c}], 'B:C.D': true, E: 1.5}, php: {memory_limit: 256M}}",
    "all that is included": {
        ".upsun/config.yaml": (
            "applications: {shop: !include parts/shop.yaml}\n"
            "services: {search: {type: 'solr:10.0', configuration: {conf_dir: !archive solr}}}\n"
        ),
        ".upsun/parts/shop.yaml": (
            "type: 'php:8.4'\nhooks: {build: !include {type: string, path: build.sh}}\nweb: !include {type: yaml, path: web.yaml}\n"
            "workers: {q: !include q.yaml}\nvariables: {env: {KEY: !include {type: binary, path: key}}}\n"
        ),
        ".upsun/parts/build.sh": "make\n",
        ".upsun/parts/web.yaml": "locations: {/: {root: public}}\n",
        ".upsun/parts/q.yaml": "commands: {start: ./q}\n",
        ".upsun/parts/key": "k",
        ".upsun/solr/schema.xml": "",
    },
    "services in a file of their own": {
        ".upsun/app.yaml": "applications: {shop: {type: 'php:8.4', relationships: {db: }}}\n",
        ".upsun/services.yaml": "services: {db: {type: 'redis:8.0'}}\n",
    },
    "a merge key by its tag": {
        ".upsun/config.yaml": (
            "applications:\n  shop:\n    type: 'php:8.4'\n    workers:\n      a: &a {commands: {start: ./a}}\n"
            "      b: {!!merge <<: *a, commands: {start: ./b}}\n"
        )
    },
    "a null disk": {".platform.app.yaml": "name: shop\ntype: 'php:8.4'\ndisk:\n"},
    "applications in a list": {".platform/applications.yaml": "- {name: shop, type: 'php:8.4', source: {root: /}}\n"},
    "operations of the old layout": {".platform.app.yaml": "name: shop\ntype: 'php:8.4'\noperations: {flush: {commands: {start: ./f}}}\n"},
    "type and stack together": {".platform.app.yaml": "name: shop\ntype: 'composable:26.05'\nstack: {runtimes: [php@8.4]}\n"},
}


@pytest.mark.parametrize("files", FINE.values(), ids=FINE.keys())
def test_no_check_objects(files: str | dict[str, str]) -> None:
    assert [str(one) for one in everything(files) if one.severity is not Severity.INFO] == []
