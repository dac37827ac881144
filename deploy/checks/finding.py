"""What a check has found."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Finding:
    part: str
    ok: bool
    detail: str
    advice: str = ""
    warning: bool = False  # worth a look, yet nothing is wrong
