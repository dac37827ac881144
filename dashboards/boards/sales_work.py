"""How quickly, and whom, sales calls."""

from __future__ import annotations

from dashboards.boards.claims import DAYS
from dashboards.model import MINIMUM, Field, Link, Panel

WAITS = (
    "From MQL and owned by a person to the first call or mail of a salesperson. Who was never called, or only moved on "
    "with nothing logged, waits forever in the median, so it can be “–”: more than half were never called."
)
NEVER = Link("waits", {"touched": "no"}, counts="rows")

RESPONSE = Panel(
    "response",
    "stat",
    "First call or mail",
    f"The median wait. {WAITS} By the day the wait began; junk and duplicates are left out. {DAYS}",
    "response",
    (
        Field("median_minutes", unit="minutes", role="value", link=Link("waits", counts="rows"), hits="waited"),
        Field("median_office", unit="minutes", role="hidden"),
        Field("never", unit="count", role="hidden"),
        Field("waited", unit="count", role="hidden"),
    ),
    width=3,
    caption="half of {waited} waited no longer; {median_office} of it in office hours; {never} were never called",
    empty="Nobody was to be called in this period.",
    unknown="More than half were never called",
)
RESPONSE_BY_OWNER = Panel(
    "response-by-owner",
    "table",
    "How long leads wait for the first call",
    f"{WAITS} 90 %: nine in ten waited no longer. Office: counted in the owner's working hours only. Busiest first, "
    f"not ranked. {DAYS} The share is shown from {MINIMUM} on.",
    "response_by_owner",
    (
        Field("owner", "Owner", "person"),
        Field("waited", "To call", "count", link=Link("waits", {"owner": "{owner}"}, counts="rows")),
        Field("never_rate", "Never called", "share", hits="never", of="waited",
              link=Link("waits", {"owner": "{owner}", "touched": "no"}, counts="rows")),
        Field("median_minutes", "Half within", "minutes", group="Around the clock"),
        Field("p90_minutes", "90 % within", "minutes", group="Around the clock"),
        Field("median_office", "Half within", "minutes", group="Office"),
        Field("p90_office", "90 % within", "minutes", group="Office"),
    ),
    width=12,
    empty="Nobody was to be called in this period.",
)  # fmt: skip


def _of(band: str, label: str, hits: str, of: str, help: str) -> Field:
    link = Link("given", {"owner": "{owner}", "trait": (band, "in_time")}, counts="rows")
    return Field(f"{band}_rate", label, "share", group="Called within a business day", hits=hits, of=of, help=help,
                 link=link)  # fmt: skip


CHERRY_PICKING = Panel(
    "cherry-picking",
    "table",
    "Are the hot ones picked, and the rest left?",
    f"Leads given to each salesperson in the period. Of those that met the definition and whose first business day is "
    f"over (or that were called in it): how many were called within it, of the hot band and of the rest; heat is that "
    f"at the time they were given. Gap = hot − rest. Read the load first: who has too many must choose. Gap and its "
    f"shares are shown where both bands have {MINIMUM} leads at least. {DAYS}",
    "cherry_picking",
    (
        Field("owner", "Owner", "person"),
        Field("given", "Given", "count", link=Link("given", {"owner": "{owner}"}, counts="rows")),
        Field("never_rate", "Never called", "share", hits="never", of="given",
              link=Link("given", {"owner": "{owner}", "trait": "never"}, counts="rows")),
        _of("hot", "Hot ones", "hot_touched", "hot_n", "Asked for a demo or a call, or in the top score band"),
        _of("rest", "The rest", "rest_touched", "rest_n", "Met the definition, and are not hot"),
        Field("gap", "Gap", "points", group="Called within a business day"),
    ),
    width=12,
    empty="Nobody was given a lead in this period.",
)  # fmt: skip
