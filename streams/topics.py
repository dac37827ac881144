"""The topics of one generation."""

from __future__ import annotations

from dataclasses import dataclass

# A lead's whole history may travel in one message, and so does a key's whole state to its changelog.
LARGEST_MESSAGE = 20 * 1024 * 1024
STEPS_WITH_STATE = ("sessionize", "route", "identify", "journey")


@dataclass(frozen=True, slots=True)
class Topics:
    """Topic names: the sources and alerts as the company names them, the internal ones by generation."""

    web: str
    form: str
    crm: str
    generation: int
    leaks: str = "funnel.leaks"  # one for all generations, of which the live one writes

    @property
    def rekey_devices(self) -> str:
        return f"{self.prefix}.rekey.devices"

    @property
    def rekey_records(self) -> str:
        return f"{self.prefix}.rekey.records"

    @property
    def identity(self) -> str:
        return f"{self.prefix}.identity"

    @property
    def links(self) -> str:
        return f"{self.prefix}.identity.links"

    @property
    def lead(self) -> str:
        return f"{self.prefix}.lead.events"

    @property
    def sources(self) -> tuple[str, ...]:
        return (self.web, self.form, self.crm)

    @property
    def internal(self) -> tuple[str, ...]:
        return (self.rekey_devices, self.rekey_records, self.identity, self.lead, self.links)

    @property
    def group(self) -> str:
        """The consumer group, and Faust's app id."""
        return f"funnelwatch-g{self.generation}"

    @property
    def changelogs(self) -> tuple[str, ...]:
        return tuple(map(self.changelog, STEPS_WITH_STATE))

    def changelog(self, step: str) -> str:
        """Where the states of a step are kept, as Faust calls it."""
        return f"{self.group}-{step}-changelog"

    def rejected(self, topic: str) -> str:
        """Where the refused records of `topic` go; those of our own messages, and what caps drop of them, together."""
        return f"{topic if topic in self.sources else self.prefix}.rejected"

    @property
    def prefix(self) -> str:
        """What the names of all internal ones begin with."""
        return f"funnelwatch.g{self.generation}"
