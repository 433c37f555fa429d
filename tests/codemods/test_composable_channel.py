from __future__ import annotations

import pytest
from tests.support import check_noop, check_rewritten

OLD = """\
applications:
  shop:
    type: "composable:25.11"  # Nix
    stack:
      runtimes: ["php@8.4"]
      packages: [yarn]
"""


def test_a_supported_channel_is_fine() -> None:
    assert check_noop("composable_channel", OLD.replace("25.11", "26.05")) == []
    assert check_noop("composable_channel", OLD.replace("25.11", "26.05"), channel="26.05") == []


def test_a_single_runtime_image_has_no_channel() -> None:
    assert check_noop("composable_channel", "applications: {shop: {type: 'php:8.4'}}\n", channel="26.05") == []
    assert check_noop("composable_channel", "applications: {shop: {stack: ['php@8.4']}}\n", channel="26.05") == []


def test_a_retired_channel_is_reported_and_stays() -> None:
    assert check_noop("composable_channel", OLD) == ["warning: applications.shop.type: channel 25.11 is retired"]


def test_a_channel_that_nobody_knows_is_reported() -> None:
    assert check_noop("composable_channel", OLD.replace("25.11", "17.09")) == [
        "warning: applications.shop.type: channel 17.09 is not known"
    ]


@pytest.mark.parametrize(("channel", "state"), [("25.05", "is retired"), ("99.99", "does not exist")])
def test_a_channel_that_cannot_be_had_is_refused(channel: str, state: str) -> None:
    assert check_noop("composable_channel", OLD, channel=channel) == [f"warning: applications.shop.type: channel {channel} {state}"]


def test_a_version_that_the_new_channel_lacks_is_refused_in_any_spelling() -> None:
    expected = ["warning: applications.shop.type: stays on channel 25.11: channel 26.05 has no python 3.11"]
    assert check_noop("composable_channel", OLD.replace("php@8.4", "python@3.11"), channel="26.05") == expected
    spelled = "applications: {shop: {type: 'composable:25.11', stack: ['python@3.11', ffmpeg]}}\n"
    assert check_noop("composable_channel", spelled, channel="26.05") == expected


def test_a_type_that_another_application_shares_stays() -> None:
    shared = "applications:\n  shop: {type: &t 'composable:25.11'}\n  api: {type: *t}\n"
    notes = check_noop("composable_channel", shared, channel="26.05")
    assert notes[0] == "warning: applications.shop.type: stays on channel 25.11: its `type` is shared with others"


def test_the_channel_changes_in_its_quotes() -> None:
    assert check_rewritten("composable_channel", OLD, OLD.replace("25.11", "26.05"), channel="26.05") == []
