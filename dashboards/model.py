"""What a board is made of. Boards, lists and the lead's page are built from these, and so is whatever draws them.

A `Panel` names its query (dashboards/queries/<name>.sql) and says what each result column means; it holds no SQL.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

Unit = Literal[
    "text",
    "count",
    "share",  # 0..1, shown in percent
    "money",  # in the currency that stands in the row's column `currency`
    "minutes",
    "days",
    "points",  # a difference of shares, shown in percentage points with its sign
    "time",
    "day",
    "left",  # minutes until due; negative: overdue
    "lead",  # a lead id: leads to its page
    "crm",  # a record id of the CRM: leads there
    "kind",  # an obligation: said as the broken promise, or as the promise where the row's state is settled
    "promise",
    "stage",
    "state",
    "side",
    "person",
    "channel",
    "origin",
    "size",
    "region",
    "label",  # a short word of ours, looked up in the words
]
Tone = Literal["plain", "leak", "warn", "good", "quiet"]
Role = Literal[
    "cell",
    "label",  # bargauge: the row's name
    "value",  # bargauge: the bar's length; stat: the number
    "instead",  # stat: the number where the value is null
    "part",  # bargauge, timeseries: the share of the bar that is marked; a number of the same unit
    "series",  # timeseries: one small chart per value
    "total",  # timeseries: the height of a column
    "rate",  # timeseries: part ÷ total, null where there are too few
    "young",  # timeseries: 1 where it is too early to judge
    "hidden",
]
MINIMUM = 30  # a rate of fewer than this is not shown, only its counts


@dataclass(frozen=True, slots=True)
class Link:
    """From a number to the list behind it.

    `args` are arguments of the list, or board variables: one or more literals, or `{column}` of the number's own row.
    `counts` says what the number counts there, so that a test can compare the two. With `only` (column, value) it is
    the link of such rows, and `otherwise` that of the others.
    """

    to: str
    args: Mapping[str, str | tuple[str, ...]] = field(default_factory=dict)
    counts: Literal["rows", "leads"] = "leads"
    only: tuple[str, str] | None = None
    otherwise: Link | None = None

    def of(self, row: Mapping[str, Any]) -> Link:
        if self.only is None or self.otherwise is None or row.get(self.only[0]) == self.only[1]:
            return self
        return self.otherwise.of(row)


@dataclass(frozen=True, slots=True)
class Field:
    """A result column: how it is called, read and linked. A share names the columns of its counts: `hits` of `of`.

    Money that is a cost for each names the column that says of how many: `of`.
    """

    name: str
    label: str = ""
    unit: Unit = "text"
    role: Role = "cell"
    group: str = ""
    help: str = ""
    tone: Tone = "plain"
    link: Link | None = None
    hits: str = ""
    of: str = ""


@dataclass(frozen=True, slots=True)
class Threshold:
    """From this value upwards a stat takes this tone."""

    value: float
    tone: Tone


@dataclass(frozen=True, slots=True)
class Panel:
    """`caption` is a sentence with {columns} in it; a clause of it (up to `;`) that counts nothing is left out.

    `empty` is what no rows mean, where that is good to know; `unknown` what is said where every value is null (under
    the number of a stat). `untold`: variables that its measure does not know; while one is chosen it shows nothing.
    """

    id: str
    kind: Literal["stat", "table", "timeseries", "bargauge"]
    title: str
    description: str
    query: str
    fields: tuple[Field, ...]
    width: int = 12
    caption: str = ""
    empty: str = ""
    unknown: str = ""
    thresholds: tuple[Threshold, ...] = ()
    links: tuple[tuple[str, Link], ...] = ()
    cards: bool = False  # a table whose rows become cards on a phone
    note: str = ""  # what the marks mean
    untold: tuple[str, ...] = ()

    def find(self, role: Role) -> Field | None:
        return next((f for f in self.fields if f.role == role), None)

    def the(self, role: Role) -> Field:
        """The field of this role. Raises LookupError where a panel of its kind must have one and has none."""
        found = self.find(role)
        if found is None:
            raise LookupError(f"panel {self.id} has no {role}")
        return found


@dataclass(frozen=True, slots=True)
class Variable:
    """What every query of every board can be narrowed to; `query` lists its values."""

    name: str
    label: str
    everyone: str
    query: str
    unit: Unit = "text"


@dataclass(frozen=True, slots=True)
class Board:
    uid: str
    title: str
    question: str
    panels: tuple[Panel, ...]
    period: str = "30d"  # on which it opens

    def panel(self, panel_id: str) -> Panel | None:
        return next((p for p in self.panels if p.id == panel_id), None)


@dataclass(frozen=True, slots=True)
class LeadList:
    """The rows behind numbers. Its arguments are, like variables, absent for all.

    `counts` is what one row is; empty: a person.
    """

    name: str
    title: str
    description: str
    query: str
    arguments: Mapping[str, Unit]
    fields: tuple[Field, ...]
    empty: str = "Nobody is on this list right now."
    counts: str = ""
