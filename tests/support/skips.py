"""What a machine lacks is a loud skip for a person, and a failure where nobody reads skips."""

from __future__ import annotations

import os
from typing import NoReturn

import pytest


def lacking(what: str) -> NoReturn:
    """Ends the test: skipped, or failed under CI=true."""
    if os.environ.get("CI", "").lower() == "true":
        pytest.fail(f"lacking under CI: {what}", pytrace=False)
    pytest.skip(f"LACKING: {what}")
