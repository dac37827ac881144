"""Where a lead comes from: channels, touches, and the origin with what it counts as."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from streams.definition.duration import WallMicros
from streams.definition.match import Condition
from streams.definition.part import Names, Part
from streams.definition.signatures import Department

Direction = Literal["inbound", "outbound", "two_way"]
OriginName = Literal["partner", "referral", "marketing", "sales", "direct", "unknown"]
OriginKind = Literal["inbound", "outbound", "referral", "partner"]


class ChannelRule(Part):
    channel: str
    when: Condition


class TouchRule(Part):
    kind: str
    when: Condition
    by: Department
    """Whose work it was."""
    direction: Direction
    channel: str = ""
    """Where the rules for channels cannot tell."""


class Evidence(Part):
    when: Condition
    moments: Names = ()
    channel: str


class Origin(Part):
    look_back: WallMicros
    """Older touches did not start the lead."""
    record_grace: WallMicros
    """How long after the lead's start its CRM record may still say where it comes from."""
    partner: Evidence
    referral: Evidence
    sales: Evidence
    kinds: dict[OriginName, OriginKind] = Field(
        default={
            "marketing": "inbound",
            "direct": "inbound",
            "sales": "outbound",
            "referral": "referral",
            "partner": "partner",
        }
    )
    """What a lead of an origin is counted as; an origin that is not named, as none of these."""
    generated_by: dict[OriginName, Department] = Field(default={"marketing": "marketing", "sales": "sales"})
    """Which department generated a lead of an origin; an origin that is not named, neither."""
