from __future__ import annotations

import subprocess
import sys

import pytest

from workerlib import images
from workerlib.images import carried_extension, channel, channels, image, newest_channel, nix_package, php_extensions


def test_what_there_is_none_of_is_none() -> None:
    assert image("cobol") is None
    assert channel("19.03") is None
    assert nix_package("nodejs", "left-pad") is None
    assert php_extensions("4.0") == {}


def test_an_image_knows_what_became_of_its_versions() -> None:
    php = image("php")
    assert php is not None
    assert php.kind == "runtime"
    assert (php.status("8.4"), php.status("8.2"), php.status("7.4"), php.status("9.9")) == ("supported", "deprecated", "retired", None)
    assert php.current == ("8.5", "8.4", "8.3", "8.2")
    assert php.minimum_disk is None


@pytest.mark.parametrize(
    ("name", "endpoint", "disk"),
    [("mariadb", "mysql", 256), ("redis", "redis", None), ("kafka", None, 512), ("varnish", "http", None), ("network-storage", None, 256)],
    ids=str,
)
def test_a_service_knows_its_default_endpoint_and_its_least_disk(name: str, endpoint: str | None, disk: int | None) -> None:
    service = image(name)
    assert service is not None
    assert (service.kind, service.default_endpoint, service.minimum_disk) == ("service", endpoint, disk)


def test_only_java_starts_with_much_memory() -> None:
    assert {i.name: i.profile for i in images.images().values() if i.kind == "runtime" and i.profile != "HIGH_CPU"} == {
        "java": "HIGH_MEMORY"
    }


def test_channels_go_from_the_newest_to_the_oldest() -> None:
    assert list(channels()) == sorted(channels(), reverse=True)
    assert newest_channel().status == "supported"
    assert {c.status for c in channels().values()} <= {"supported", "deprecated", "retired", "decommissioned"}


def test_the_nearest_version_is_the_next_higher_one() -> None:
    found = channel("26.05")
    assert found is not None
    assert found.offers("php", "8.4")
    assert not found.offers("php", "8.1")
    assert found.nearest("php", "8.1") == "8.2"
    assert found.nearest("python", "3.9") == "3.12"
    assert found.nearest("nodejs", "99") == "26"
    assert found.nearest("dotnet", "8.0") is None


def test_a_channel_without_published_runtimes_offers_none() -> None:
    old = channel("24.05")
    assert old is not None
    assert not old.offers("php", "8.2")


def test_extensions_differ_between_versions_of_php() -> None:
    assert php_extensions("8.4")["redis"] == "available"
    assert php_extensions("8.4")["gd"] == "default"
    assert php_extensions("8.4")["json"] == "built-in"
    assert "openswoole" not in php_extensions("8.5")


@pytest.mark.parametrize(
    ("name", "kind", "new"),
    [
        ("redis", "extension", "redis"),
        ("gd", "extension", "gd"),
        ("ioncube", "extension", "ioncube-loader"),
        ("facedetect", "package", "facedetect"),
        ("json", "built-in", ""),
        ("Reflection", "built-in", ""),
        ("newrelic", "missing", ""),
        ("mcrypt", "missing", ""),
    ],
    ids=str,
)
def test_what_becomes_of_an_extension(name: str, kind: str, new: str) -> None:
    carried = carried_extension(name, "8.4")
    assert (carried.kind, carried.name) == (kind, new)
    assert bool(carried.advice) == (kind == "missing")


def test_what_is_always_loaded_is_no_extension() -> None:
    always = "date filter hash json libxml opcache openssl pcntl pcre phar Reflection session SPL standard zlib".split()
    assert [name for name in always if carried_extension(name, "8.5").kind != "built-in"] == []


def test_every_extension_there_is_has_a_fate() -> None:
    for version in ("8.2", "8.3", "8.4", "8.5"):
        for name in php_extensions(version):
            assert carried_extension(name, version).advice != f"PHP {version} has no such extension"


def test_nothing_is_read_before_it_is_asked_for() -> None:
    code = "import sys, workerlib.images; sys.exit('workerlib._images' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
    code = "import sys, workerlib; sys.exit('workerlib.images' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
