"""Who agreed to the definition, and when."""

from __future__ import annotations

from datetime import date
from typing import Literal

from streams.definition.part import Part

Department = Literal["marketing", "sales"]
DEPARTMENTS: tuple[Department, ...] = ("marketing", "sales")


class Signature(Part):
    by: str
    """Who signed for the department."""
    date: date


class Signatures(Part):
    marketing: Signature | None = None
    sales: Signature | None = None

    def of(self, department: Department) -> Signature | None:
        return self.marketing if department == "marketing" else self.sales

    @property
    def missing(self) -> tuple[Department, ...]:
        """Who has not signed."""
        return tuple(department for department in DEPARTMENTS if self.of(department) is None)
