"""Who the lead is, as last said: company, size, region, and where each department claims that it came from."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cached_property

from streams.definition import Definition
from streams.model import Value

_NUMBER = re.compile(r"\d+(?:[.,'\s]\d{3})*")
_NOT_A_DIGIT = re.compile(r"\D")
_DIGITS = 15  # more people than there are; and Python makes no number of some thousand digits
_NOT_A_WORD = re.compile(r"[^a-z0-9]+")
_SAID_AS_IS = ("industry", "job_title", "department", "email_domain")
_PROFILE_FIELDS = frozenset(_SAID_AS_IS) | {
    "account_id",
    "account_name",
    "company",
    "company_size",
    "country",
    "region",
    "lead_source",
    "marketing_source",
}


@dataclass(frozen=True, slots=True)
class Profile:
    account: str = ""
    company: str = ""
    size_band: str = ""
    industry: str = ""
    region: str = ""
    country: str = ""
    job_title: str = ""
    department: str = ""
    email_domain: str = ""
    claimed_by_sales: str = ""
    claimed_by_marketing: str = ""

    def facts(self) -> dict[str, Value]:
        return {name: getattr(self, name) for name in self.__slots__}


NOBODY = Profile()


class ProfileReader:
    """Folds events into a Profile, by the value maps of a definition."""

    def __init__(self, definition: Definition) -> None:
        self._definition = definition

    @cached_property
    def _regions(self) -> dict[str, str]:
        regions = self._definition.regions.items()
        return {said.casefold(): name for name, region in regions for said in (name, *region.also)}

    @cached_property
    def _bands(self) -> dict[str, str]:
        return {said.casefold(): band.name for band in self._definition.size_bands for said in (band.name, *band.also)}

    @cached_property
    def _claims(self) -> dict[str, str]:
        return {slug(said): channel for said, channel in self._definition.claims.items()}

    def after(self, profile: Profile, kind: str, data: Mapping[str, Value], *, claims: bool = True) -> Profile:
        """The profile once an event of type `kind` said `data`; what an event leaves out stays as it was.

        Without `claims`, source fields are left out: what a deal's say is about the deal.
        """
        if _PROFILE_FIELDS.isdisjoint(data):
            return profile
        said: dict[str, str] = {}
        if kind == "session":  # where a browser stands is the weakest word on where a company is
            if not profile.region and (country := _text(data, "country")):
                said = {"country": country, "region": self.region(country)}
        else:
            for name in _SAID_AS_IS:
                if text := _text(data, name):
                    said[name] = text
            if account := _text(data, "account_id"):
                said["account"] = account
            if company := _text(data, "company") or _text(data, "account_name"):
                said["company"] = company
            if size := _text(data, "company_size"):
                said["size_band"] = self.size_band(size) or profile.size_band
            country = _text(data, "country")
            if country:
                said["country"] = country
            if region := _text(data, "region") or country:
                said["region"] = self.region(region)
            if claims and (claim := _text(data, "lead_source")):
                said["claimed_by_sales"] = self.claim(claim)
            if claims and (claim := _text(data, "marketing_source")):
                said["claimed_by_marketing"] = self.claim(claim)
        news = {name: text for name, text in said.items() if text != getattr(profile, name)}
        return replace(profile, **news) if news else profile

    def region(self, said: str) -> str:
        return self._regions.get(said.casefold(), said)

    def claim(self, said: str) -> str:
        """A claimed source as a channel of ours if the definition maps it, else as claimed, as a slug."""
        written = slug(said)
        return self._claims.get(written, written)

    def size_band(self, said: str) -> str:
        """'' if the size cannot be told; a range counts by its upper end."""
        if band := self._bands.get(said.casefold()):
            return band
        numbers = [_NOT_A_DIGIT.sub("", found) for found in _NUMBER.findall(said)]
        if not numbers:
            return ""
        bands = self._definition.size_bands
        people = int(numbers[-1].lstrip("0")[:_DIGITS] or 0)
        return next((band.name for band in bands if band.up_to is None or people <= band.up_to), "")


def slug(text: str) -> str:
    """'Direct Traffic' → 'direct_traffic'."""
    return _NOT_A_WORD.sub("_", text.casefold()).strip("_")


def _text(data: Mapping[str, Value], name: str) -> str:
    value = data.get(name)
    return "" if value is None else str(value).strip()
