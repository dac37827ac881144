"""What became of the leads that marketing found ready and gave to sales."""

from __future__ import annotations

from dashboards.boards.claims import DAYS
from dashboards.model import MINIMUM, Field, Link, Panel

QUALITY_OF_HANDOVERS = Panel(
    "handover-quality",
    "stat",
    "Handed over as agreed",
    f"Hand-overs that met the signed definition at that moment ÷ all hand-overs of the period (the first time in a "
    f"cycle that others gave the lead to a salesperson). Leads that a salesperson took, or passed on, are none. "
    f"{DAYS} Shown from {MINIMUM} on.",
    "handover_quality",
    (
        Field(
            "rate",
            unit="share",
            role="value",
            hits="met",
            of="given",
            link=Link("given", {"trait": "handover", "ready": "yes"}, counts="rows"),
        ),
        Field("met", unit="count", role="hidden"),
        Field("given", unit="count", role="hidden"),
    ),
    width=3,
    caption="of {given} hand-overs {met} met the definition",
    empty="Nothing was handed over in this period.",
    unknown="Too few to say",
)
AGE = Panel(
    "handover-age",
    "stat",
    "Age at hand-over",
    f"Median time from the first response of this cycle to the hand-over, of the hand-overs of the period for which "
    f"that is known, and from the person's own last action. Older: more than 30 days, or what the definition says. "
    f"{DAYS}",
    "handover_age",
    (
        Field("median_age", unit="minutes", role="value"),
        Field("with_start", unit="count", role="hidden"),
        Field("median_inbound", unit="minutes", role="hidden"),
        Field("older", unit="count", role="hidden"),
    ),
    width=3,
    caption="half of {with_start} were quicker; {median_inbound} after their own last action; {older} were too old",
    empty="Nothing was handed over in this period.",
    unknown="When they first responded is not known",
    links=(("The old ones", Link("given", {"trait": ("handover", "old")}, counts="rows")),),
)
FATE = Panel(
    "lead-fate",
    "bargauge",
    "What became of leads that were ready for sales",
    f"Each MQL (once per cycle) whose 90 days, or what the definition says, ended in the period: it advanced "
    f"(accepted or beyond), or the first way it left: declined (with the reason that is known now), nurture, deal "
    f"lost; else it is still open (something happened in the last 30 days) or has vanished. Four in five are lost "
    f"between the departments, they say. Younger ones are not judged. Shares from {MINIMUM} on. {DAYS}",
    "lead_fate",
    (
        Field("became", unit="label", role="label"),
        Field("rate", "of them", "share", "value", hits="mqls", of="of_all"),
        Field("mqls", unit="count", link=Link("mqls", {"fate": "{became}", "when": "matured"}, counts="rows")),
    ),
    width=7,
    empty="No lead that was ready for sales has had its time in this period: look at a longer one.",
    note="90 days after they were ready",
)
QUALITY = Panel(
    "quality",
    "bargauge",
    "What leads that were ready were worth",
    f"MQLs of the period, once per cycle, by owner at that time. Accepted ÷ decided (accepted or declined), accepted ÷ "
    f"handed over (given to any person); a deal and a customer in this or a later cycle ÷ all. Precision of “sales "
    f"ready”: customers within 12 months ÷ those that met the rule and whose 12 months ended in the period. Those "
    f"younger than 90 days can still change, and are counted beside it. Shares from {MINIMUM} on. {DAYS}",
    "quality",
    (
        Field("what", unit="label", role="label"),
        Field("rate", "of them", "share", "value", hits="hits", of="among"),
        Field("hits", unit="count", link=Link("mqls", {"trait": "{trait}", "when": "{counted}"}, counts="rows")),
        Field("among", unit="count", role="hidden"),
        Field("young", unit="count", role="hidden"),
        Field("why", role="hidden"),
    ),
    width=5,
    caption="{young} of all are too young to judge; {why}",
    empty="No lead was ready for sales in this period.",
)
WHO_WAS_RIGHT = Panel(
    "who-was-right",
    "table",
    "Who was right?",
    f"Hand-overs of the period by whether the definition held at that moment, and by what their owner decided, with "
    f"what came of them afterwards, in a later cycle or with somebody else too. Many deals among those that were "
    f"declined: the decision was wrong; few among those that met the definition: the definition is. Shares from "
    f"{MINIMUM} on. {DAYS}",
    "who_was_right",
    (
        Field("definition", "Definition", "label"),
        Field("decision", "Sales' decision", "label"),
        Field("given", "Handed over", "count", link=Link("given", {"trait": "handover", "ready": "{met}",
              "decision": "{decision}"}, counts="rows")),
        Field("young", "Of them too young to judge", "count", help="Younger than 90 days: more may come"),
        Field("deal_rate", "Became a deal", "share", hits="deals", of="given",
              link=Link("given", {"trait": ("handover", "opportunity"), "ready": "{met}", "decision": "{decision}"},
                        counts="rows")),
        Field("rate", "Became a customer", "share", hits="customers", of="given",
              link=Link("given", {"trait": ("handover", "customer"), "ready": "{met}", "decision": "{decision}"},
                        counts="rows")),
    ),
    width=12,
    empty="Nothing was handed over in this period.",
)  # fmt: skip
