from __future__ import annotations

import os
from pathlib import Path

import pytest

from deploy.settings import TEST_PREFIX
from tests.support.skips import lacking

pytest_plugins = ["tests.support.kafka", "tests.support.clickhouse", "tests.support.company", "tests.support.made"]

SHARED = Path(os.environ.get("FUNNELWATCH_TEST_SHARED") or Path(__file__).parents[2] / "shared")


@pytest.fixture(scope="session")
def shared() -> Path:
    """The folder with data that does not belong to this repository; FUNNELWATCH_TEST_SHARED says where else it is."""
    if not SHARED.is_dir():
        lacking(f"the shared folder: {SHARED}")
    return SHARED


@pytest.fixture(autouse=True)
def no_settings_from_outside(monkeypatch: pytest.MonkeyPatch) -> None:
    """A test sees no setting but its own."""
    for name in os.environ:
        if not name.startswith(TEST_PREFIX) and name.startswith(
            ("FUNNELWATCH_", "KAFKA_", "CLICKHOUSE_", "SCHEMA_REGISTRY_", "GRAFANA_")
        ):
            monkeypatch.delenv(name)
