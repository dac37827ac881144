"""Closed loop: where customers come from, all the way from the first visit."""

from __future__ import annotations

from dashboards.boards.cost import COST_PER_STEP, ORIGIN_COMPARE
from dashboards.model import MINIMUM, Board, Field, Link, Panel

COHORT = "Cohort: leads that began in the period, whatever happened to them later."

NEW_LEADS = Panel(
    "new-leads",
    "stat",
    "New leads",
    "People who became known in the period, by form, campaign, call or from sales. Referred: the lead's start shows a "
    "referral or a partner.",
    "new_leads",
    (
        Field("leads", unit="count", role="value", link=Link("cohort", {})),
        Field("referred", unit="count", role="hidden"),
    ),
    width=3,
    caption="{referred} of them by referral or partner",
)
NEW_CUSTOMERS = Panel(
    "new-customers",
    "stat",
    "Became customers",
    f"{COHORT} Customers: a new-business deal was won. A share is shown from {MINIMUM} leads on.",
    "new_customers",
    (
        Field("customers", unit="count", role="value", link=Link("cohort", {"step": "customer"})),
        Field("leads", unit="count", role="hidden"),
        Field("rate", unit="share", role="hidden", hits="customers", of="leads"),
    ),
    width=3,
    caption="of these {leads} so far: {rate}",
)
REVENUE = Panel(
    "revenue",
    "stat",
    "Won in the period",
    "New-business deals won, by the day they were won: other people than those who began in the period, unless deals "
    "are quick. The amount is in the currency most deals are in; others are counted, not converted. Where no amount is "
    "known, the number is that of the deals.",
    "won_in_period",
    (
        Field(
            "revenue",
            unit="money",
            role="value",
            link=Link("deals", {"status": "won", "deal_kind": "new_business", "when": "closed"}, counts="rows"),
        ),
        Field(
            "deals",
            unit="count",
            role="instead",
            link=Link("deals", {"status": "won", "deal_kind": "new_business", "when": "closed"}, counts="rows"),
        ),
        Field("other_currencies", unit="count", role="hidden"),
        Field("without_amount", unit="count", role="hidden"),
    ),
    width=3,
    caption="deals won: {deals}; {other_currencies} of them in other currencies, not added in; "
    "{without_amount} without a known amount",
    empty="No deal was won in this period.",
    unknown="deals won; no amounts known",
)
DAYS = Panel(
    "days-to-close",
    "stat",
    "First contact to customer",
    "Median days from a lead's beginning to its won deal, for deals won in the period. Deals won before anybody knew "
    "the person have no such time; they are counted in the sentence, and left out of the median.",
    "won_in_period",
    (
        Field("days", unit="days", role="value"),
        Field("timed", unit="count", role="hidden"),
        Field("before_first_contact", unit="count", role="hidden"),
    ),
    width=3,
    caption="half of {timed} were quicker; {before_first_contact} more were won before the first contact",
    empty="No deal was won in this period.",
)
STEPS = Panel(
    "steps",
    "bargauge",
    "From visitor to customer",
    f"{COHORT} A lead counts at each stage from the first it entered itself to the highest it has reached; one that "
    f"skipped a stage in between counts there, too. Conversion = those who went on ÷ those at the stage before, so "
    f"leads that joined later from the side (made by sales, or in touch without a known visit) do not raise it. "
    f"Visitors are devices seen first in the period; they cannot be told by owner or "
    f"region, and then stay empty. A conversion is shown from {MINIMUM} on.",
    "cohort_steps",
    (
        Field("stage", unit="stage", role="label"),
        Field("rate", "of those before", "share", "value", hits="went_on", of="before"),
        Field(
            "entered",
            unit="count",
            link=Link(
                "visitors",
                counts="rows",
                only=("stage", "visitor"),
                otherwise=Link("cohort", {"step": "{stage}"}),
            ),
        ),
        Field("joined_here", unit="count", role="hidden"),
        Field("before", unit="count", role="hidden"),
        Field("went_on", unit="count", role="hidden"),
    ),
    width=7,
    caption="{joined_here} more joined here",
    note="bar: share of the step before",
)
ORIGINS = Panel(
    "origins",
    "bargauge",
    "Who found them",
    f"{COHORT} Origin is computed from evidence: referral or partner where the lead's start shows it, else the "
    f"earliest of a marketing touch and a salesperson's own outreach; direct visits are shown apart, and unknown stays "
    f"unknown. Marked: those that are customers.",
    "origins",
    (
        Field("origin", unit="origin", role="label"),
        Field("leads", "leads", "count", "value", link=Link("cohort", {"origin": "{origin}"})),
        Field(
            "customers", "customers", "count", "part", link=Link("cohort", {"origin": "{origin}", "step": "customer"})
        ),
    ),
    width=5,
    note="marked: customers",
)


def _step(name: str, label: str, step: str, help: str = "") -> Field:
    args = {"channel": "{channel}"} | ({"step": step} if step else {})
    return Field(name, label, "count", help=help, link=Link("cohort", args))


BY_CHANNEL = Panel(
    "by-channel",
    "table",
    "What each channel brings",
    f"{COHORT} Per channel of the lead's first contact: how many reached each stage, the share of leads that are "
    f"customers (from {MINIMUM} leads on), and what they bought (won new business of these leads, in the currency most "
    f"deals are in).",
    "by_channel",
    (
        Field("channel", "Channel", "channel"),
        Field("visitors", "Visitors", "count", link=Link("visitors", {"channel": "{channel}"}, counts="rows")),
        _step("leads", "Leads", ""),
        _step("inquiries", "Inquiries", "inquiry"),
        _step("mql", "Ready", "mql", "MQL: ready for sales by the signed definition"),
        _step("sal", "Accepted", "sal", "SAL: accepted by sales"),
        _step("sql", "Qualified", "sql", "SQL: qualified by sales"),
        _step("opportunities", "Deals", "opportunity", "Opportunity: a deal was opened"),
        _step("customers", "Customers", "customer", "A deal was won"),
        Field("rate", "Leads that buy", "share", hits="customers", of="leads", help="Customers ÷ leads"),
        Field("revenue", "Revenue of these leads", "money"),
    ),
    width=12,
)
REVENUE_BY_CHANNEL = Panel(
    "revenue-by-channel",
    "bargauge",
    "Won in the period, all leads",
    "New-business deals won in the period (by the day they were won), by the channel of the deal's lead, in the "
    "currency most deals are in. A deal counts once, for one lead.",
    "revenue_by_channel",
    (
        Field("channel", unit="channel", role="label"),
        Field(
            "revenue",
            "revenue",
            "money",
            "value",
            link=Link(
                "deals",
                {"channel": "{channel}", "status": "won", "deal_kind": "new_business", "when": "closed"},
                counts="rows",
            ),
        ),
        Field("deals", "deals", "count"),
    ),
    width=5,
    empty="No deal was won in this period.",
    unknown="Deals were won, but no amounts are known.",
    note="by channel",
)
CAMPAIGNS = Panel(
    "campaigns",
    "table",
    "Campaigns that began it",
    f"{COHORT} By the campaign of a lead's first inbound touch that had one: leads, deals and customers so far. The "
    f"ten with the most customers. A share is shown from {MINIMUM} leads on.",
    "campaigns",
    (
        Field("campaign", "Campaign", "text"),
        Field("leads", "Leads", "count", link=Link("cohort", {"campaign": "{campaign}"})),
        Field(
            "opportunities", "Deals", "count", link=Link("cohort", {"campaign": "{campaign}", "step": "opportunity"})
        ),
        Field("customers", "Customers", "count", link=Link("cohort", {"campaign": "{campaign}", "step": "customer"})),
        Field("rate", "Leads that buy", "share", hits="customers", of="leads"),
    ),
    width=7,
    empty="No lead of this period began with a campaign.",
)
COHORTS = Panel(
    "cohorts",
    "timeseries",
    "How far new leads came, by when they began",
    f"Each column is the leads that began then; the filled part has reached the stage by now. Pale: too young to "
    f"judge, because nine in ten of those who ever reach the stage needed longer than this cohort has had. A rate is "
    f"only shown for at least {MINIMUM} leads.",
    "cohorts_over_time",
    (
        Field("time", role="hidden", unit="time"),
        Field("stage", unit="stage", role="series"),
        Field("leads", "began", "count", "total"),
        Field(
            "reached",
            "reached it",
            "count",
            "part",
            link=Link("cohort", {"step": "{stage}", "bucket": "{bucket}"}),
        ),
        Field("rate", "rate", "share", "rate"),
        Field("young", role="young", unit="count"),
    ),
    note="filled: reached it · pale: too young to judge",
)
MOVED = Panel(
    "moved",
    "table",
    "Moved in the last 24 hours: people who turned out to be one, or two",
    "Yesterday's numbers change for one reason only: it became known who is who. Each line says what became known, "
    "and what of the past it moved from one lead to another: stages entered, promises and deals from before it. "
    "By the time when it became known; leads that are gone now have no link.",
    "moved_by_identity",
    (
        Field("changed_at", "Known since", "time"),
        Field("what", "What became known", "label"),
        Field("from_lead", "From", "lead"),
        Field("to_lead", "To", "lead"),
        Field("company", "Company"),
        Field("stages", "Stages that moved"),
        Field("obligations", "Promises", "count"),
        Field("deals", "Deals", "count"),
        Field("events", "Events", "count"),
    ),
    empty="Nothing of the past moved in the last 24 hours.",
)
APART = Panel(
    "apart",
    "table",
    "Kept apart",
    "Addresses and CRM records that are not used to tell who is one person, and so are leads of their own: somebody "
    "blocked them, too many others use them, or they would make a person of too many addresses. Better apart than one "
    "false lead. `funnelwatch identity show` says why of each.",
    "kept_apart",
    (
        Field("why", "Why", "label"),
        Field("leads", "Leads", "count"),
        Field("records", "For example"),
    ),
    empty="Nobody: no shared address, no block, no person of too many addresses.",
)

CLOSED_LOOP = Board(
    "funnelwatch-closed-loop",
    "Closed loop",
    "Where do customers come from, and where do the others stay?",
    (
        NEW_LEADS,
        NEW_CUSTOMERS,
        REVENUE,
        DAYS,
        STEPS,
        ORIGINS,
        BY_CHANNEL,
        COST_PER_STEP,
        COHORTS,
        CAMPAIGNS,
        REVENUE_BY_CHANNEL,
        ORIGIN_COMPARE,
        MOVED,
        APART,
    ),
    period="90d",  # a sale takes longer than the usual 30 days
)
