"""What somebody looks at, as it stands in the address, and the way from there to other pages."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any
from urllib.parse import quote, urlencode

from dashboards.boards import BOARDS, VARIABLES
from dashboards.macros import DEFAULT_PERIOD, PERIODS, BadValue, Period, Scope, quoted
from dashboards.model import LeadList, Link

ALL = "$__all"
_VARIABLES = tuple(v.name for v in VARIABLES)
Chosen = dict[str, tuple[str, ...]]


@dataclass(frozen=True, slots=True)
class Look:
    """The period, the variables that are not at all, and on a list its arguments.

    `picked`: the address names the period; else it is the usual one of the page.
    """

    period: Period = DEFAULT_PERIOD
    variables: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    arguments: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    picked: bool = False

    @property
    def scope(self) -> Scope:
        return Scope(self.period, {**self.variables, **self.arguments})

    def chosen(self, variable: str) -> str | None:
        values = self.variables.get(variable)
        return values[0] if values else None

    def href(self, path: str, **also: str | tuple[str, ...]) -> str:
        """`path` with this look; a board's or a lead's address carries no list arguments."""
        period = usual_period(path) if not self.picked and path.startswith("/boards/") else self.period
        return self._address(path, period, dict(self.variables), also)

    def names_period(self, path: str) -> bool:
        """Whether the address of `path` with this look has to say the period."""
        return self.picked or self.period != usual_period(path)

    def here(self, path: str, period: Period | None = None) -> str:
        """`path` with this look, its list arguments and perhaps another period."""
        look = replace(self, period=period, picked=True) if period else self
        return look._address(path, look.period, {**self.variables, **self.arguments}, {})

    def without(self, path: str, name: str) -> str:
        kept = {n: v for n, v in {**self.variables, **self.arguments}.items() if n != name}
        return self._address(path, self.period, kept, {})

    def follow(self, link: Link, row: Mapping[str, Any]) -> str:
        """The address of the list behind a number of `row`; arguments that the row does not give are left out."""
        link, arguments = link.of(row), Chosen()
        for name, value in link.args.items():
            if isinstance(value, tuple):
                arguments[name] = value
            elif not value.startswith("{"):
                arguments[name] = (value,)
            elif row.get(value[1:-1]) is not None:
                arguments[name] = (str(row[value[1:-1]]),)
        return self._address(f"/lists/{link.to}", self.period, dict(self.variables), arguments)

    def _address(self, path: str, period: Period, chosen: Chosen, also: Mapping[str, str | tuple[str, ...]]) -> str:
        named = self.picked or period != usual_period(path)
        pairs: list[tuple[str, str]] = [("period", period.name)] if named else []
        for name, values in {**chosen, **also}.items():
            pairs += [(name, value) for value in ((values,) if isinstance(values, str) else values)]
        return f"{path}?{urlencode(pairs)}" if pairs else path


def usual_period(path: str) -> Period:
    """The period of a page whose address names none."""
    board = BOARDS.get(path.split("/")[2]) if path.startswith("/boards/") else None
    return PERIODS[board.period] if board else DEFAULT_PERIOD


def look_from(
    pairs: Iterable[tuple[str, str]], lead_list: LeadList | None = None, usual: Period = DEFAULT_PERIOD
) -> Look:
    """Reads an address's query. What it does not know is ignored. Raises BadValue for impossible values."""
    given: dict[str, list[str]] = {}
    for name, value in pairs:
        if value != ALL:
            quoted(value)
            given.setdefault(name, []).append(value)
    period = given.get("period", [usual.name])[-1]
    if period not in PERIODS:
        raise BadValue(f"no such period; there are {', '.join(PERIODS)}")
    arguments = lead_list.arguments if lead_list else ()
    return Look(
        PERIODS[period],
        {name: tuple(given[name]) for name in _VARIABLES if name in given},
        {name: tuple(given[name]) for name in arguments if name in given},
        "period" in given,
    )


def crm_address(template: str, record_id: str) -> str:
    """The CRM's page of a record; empty without a template or a record."""
    return template.replace("{id}", quote(record_id, safe="")) if template and record_id else ""
