"""What leaks are worth, whose they are, and which of them this CRM cannot show at all."""

from __future__ import annotations

from dashboards.model import Field, Link, Panel

MONEY_AT_RISK = Panel(
    "money-at-risk",
    "stat",
    "Money at risk",
    "What leaking leads are worth: the amount of the lead's own open deal, else an estimate = how many leads of its "
    "stage and company size became customers, of those that had the time to (drawn to all sizes where there are few) "
    "× the mean amount won in its size. In the reporting currency; deals without a rate are counted, not added. By "
    "the lead's present channel, owner and region. The period does not matter here.",
    "money_at_risk",
    (
        Field("amount", unit="money", role="value", link=Link("risks")),
        Field("leads", unit="count", role="hidden"),
        Field("deals", unit="count", role="hidden"),
        Field("deal_amount", unit="money", role="hidden"),
        Field("estimates", unit="count", role="hidden"),
        Field("estimate_amount", unit="money", role="hidden"),
        Field("unvalued", unit="count", role="hidden"),
        Field("other_currencies", unit="count", role="hidden"),
    ),
    width=3,
    caption="{deal_amount} in own deals of {deals} leads; {estimate_amount} estimated for {estimates} without one; "
    "{unvalued} more cannot be estimated yet; {other_currencies} more in other currencies",
    empty="No leaking lead has a deal, and no lead like them has had the time to become a customer yet.",
)
VERDICTS = Panel(
    "verdicts",
    "bargauge",
    "Whose are the leaks?",
    "Each promise that is leaking now has one verdict. Data: the event that keeps it may be missing, as what came in "
    "is not all worked off yet, or a CRM source is silent for longer than usual, or it is for the data to bring; so "
    "nobody is blamed for it. Else who owes it: sales, marketing or operations. The period does not matter here.",
    "verdicts",
    (
        Field("verdict", unit="side", role="label"),
        Field("promises", "promises", "count", "value", link=Link("owed", {"state": "leaking", "verdict": "{verdict}"},
              counts="rows")),
        Field("leads", "people", "count", link=Link("owed", {"state": "leaking", "verdict": "{verdict}"})),
        Field("why", role="hidden"),
    ),
    width=6,
    caption="mostly: {why}",
    empty="Nothing is leaking.",
)  # fmt: skip
NOT_MEASURED = Panel(
    "not-measured",
    "table",
    "What this CRM cannot show",
    "Promises that look kept or broken only because the CRM does not say more: nothing that could keep them was ever "
    "seen, or what opens them and what keeps them is one and the same event. They are in no leak rate and are never "
    "100 %; their “done” is shown as “–”. Map the missing events, or take the promise out of the definition.",
    "not_measured",
    (
        Field("kind", "Promise", "promise"),
        Field("owed_by", "Owed by", "side"),
        Field("promises", "Promised", "count", link=Link("owed", {"kind": "{kind}"}, counts="rows")),
        Field("why", "Why it is not measured"),
    ),
    width=6,
    empty="Nothing: every promise that was made can be seen to be kept.",
)
