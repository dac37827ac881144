"""Words of the lead definition as they stand in reference data: as the facts have them, or a warning or mistake."""

from __future__ import annotations

from functools import cached_property

from streams.definition import Definition
from streams.journey.attribution import DIRECT, MARKETING, PARTNER, REFERRAL, SALES, UNKNOWN
from streams.journey.profile import ProfileReader
from streams.reference.cells import Cells, near
from streams.sources.values import BadValue, slug

DEPARTMENTS = ("marketing", "sales", "operations", "other")
_ORIGINS = (MARKETING, SALES, PARTNER, REFERRAL, DIRECT, UNKNOWN)


class Words:
    def __init__(self, definition: Definition) -> None:
        self._definition = definition
        self._profile = ProfileReader(definition)

    @cached_property
    def _channels(self) -> list[str]:
        definition = self._definition
        evidence = (definition.origin.partner, definition.origin.referral, definition.origin.sales)
        of_rules = {rule.channel for rule in definition.channels} | {rule.channel for rule in definition.touches}
        return sorted((of_rules | {one.channel for one in evidence}) - {""})

    def channel(self, cells: Cells) -> str | None:
        """As the leads have it; one that no lead can have is a warning, as its spend would meet no leads."""
        said = cells.need("channel", str, "what was paid for, like paid_search")
        if said is None:
            return None
        channel = self._profile.claim(said)
        if not channel:
            cells.wrong("channel", f"{said!r} is no name; write one of {', '.join(self._channels)}")
        elif channel not in self._channels:
            _warn(cells, "channel", channel, self._channels)
        return channel

    def region(self, cells: Cells) -> str:
        region = self._profile.region(cells.text("region"))
        if region and self._definition.regions and region not in self._definition.regions:
            _warn(cells, "region", region, sorted(self._definition.regions))
        return region

    def stage(self, text: str) -> str:
        return one_of(text, [stage.name for stage in self._definition.stages], "stage of the definition")

    def origin(self, text: str) -> str:
        return one_of(text, list(_ORIGINS), "origin")

    def calendar(self, text: str) -> str:
        return one_of(text, list(self._definition.calendars), "calendar of the definition")


def department(text: str) -> str:
    return one_of(text, list(DEPARTMENTS), "department")


def one_of(text: str, known: list[str], what: str) -> str:
    word = text if text in known else slug(text)
    if word not in known:
        raise BadValue(f"{text!r} is no {what}; write {_meant(word, known)}")
    return word


def _warn(cells: Cells, column: str, word: str, known: list[str]) -> None:
    cells.warn(column, f"{word!r} is no {column} of the definition; is it {_meant(word, known)}?")


def _meant(word: str, known: list[str]) -> str:
    *others, last = near(word, known) or known
    return f"{', '.join(others)} or {last}" if others else last
