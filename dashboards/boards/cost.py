"""What customers cost by channel, and how deals of each origin do."""

from __future__ import annotations

from dashboards.model import MINIMUM, Field, Link, Panel

EACH = "Cost for each"


def _cost(name: str, label: str, of: str, step: str) -> Field:
    args = {"channel": "{channel}"} | ({"step": step} if step else {})
    return Field(name, label, "money", group=EACH, hits=of, of=of, link=Link("cohort", args))


COST_PER_STEP = Panel(
    "cost-per-step",
    "table",
    "What a customer costs, by channel",
    "Spend of the period (by whole days, in the reporting currency) ÷ leads that began in it and came so far by now; "
    "the small number says by how many it was divided. The cheapest customers first; then what was spent without a "
    "sale so far; a channel without a line of spend has no cost, which does not make it free. Young leads may still "
    "buy, so costs of a short period are too high. Spend has a channel, but no owner or region.",
    "cost_per_step",
    (
        Field("channel", "Channel", "channel"),
        Field("spend", "Spend", "money"),
        _cost("per_customer", "customer", "customers", "customer"),
        _cost("per_opportunity", "deal", "opportunities", "opportunity"),
        _cost("per_sql", "qualified", "sql", "sql"),
        _cost("per_sal", "accepted", "sal", "sal"),
        _cost("per_mql", "ready", "mql", "mql"),
        _cost("per_inquiry", "inquiry", "inquiries", "inquiry"),
        _cost("per_lead", "lead", "leads", ""),
    ),
    empty="No spend is loaded for this period: funnelwatch load spend.csv --as spend",
    untold=("owner", "region"),
)


_OPENED = {"origin": "{origin}", "deal_kind": "new_business", "when": "opened"}
ORIGIN_COMPARE = Panel(
    "origin-compare",
    "table",
    "How deals of each origin do",
    f"New business opened in the period, by where it comes from (of an account without a known person: the first of "
    f"its people). Won = won ÷ decided, from {MINIMUM} decided on; the amount is the mean of the won ones in the "
    f"reporting currency, the days are the median from the first contact to the win.",
    "origin_compare",
    (
        Field("origin", "Found by", "origin"),
        Field("origin_kind", "Compared as", "label"),
        Field("deals", "Deals", "count", link=Link("deals", _OPENED, counts="rows")),
        Field("rate", "Won, of those decided", "share", hits="won", of="decided",
              link=Link("deals", _OPENED | {"status": "won"},
                        counts="rows")),
        Field("amount", "Mean amount", "money", of="priced"),
        Field("days", "Median days", "days"),
    ),
    width=12,
    empty="No deal was opened in this period.",
)  # fmt: skip
