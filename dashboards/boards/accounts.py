"""Accounts: whom we know where we want to sell, and what salespeople find by themselves."""

from __future__ import annotations

from dashboards.boards.claims import DAYS
from dashboards.model import MINIMUM, Board, Field, Link, Panel

NONE_LOADED = "No target accounts are loaded: funnelwatch load target_accounts.csv --as target_accounts"
NO_VARIABLES = ("channel", "owner", "region")
PEOPLE = (
    "People are leads of the account. Touched: any marketing touch, or a person's activity; engaged: something came "
    "from them; met: a meeting. As of now, for everybody: target accounts have no channel, owner or region."
)


def _people(trait: str = "") -> Link:
    args = {"account": "{account}", "division": "{its_division}"}
    return Link("people", args | ({"trait": trait} if trait else {}))


KNOWN = Panel(
    "people-known",
    "stat",
    "People known in target accounts",
    f"{PEOPLE} Needed: the people who take part in a purchase, 21 of an account unless the file or the definition says "
    f"another number.",
    "covered",
    (
        Field("people", unit="count", role="value", link=Link("people")),
        Field("committee", unit="count", role="hidden"),
        Field("accounts", unit="count", role="hidden"),
    ),
    width=3,
    caption="of {committee} who take part in the purchases of {accounts} accounts",
    empty=NONE_LOADED,
    untold=NO_VARIABLES,
)
BLANK = Panel(
    "blank-accounts",
    "stat",
    "Accounts where we know nobody",
    f"Target accounts without a single lead of ours. {PEOPLE}",
    "covered",
    (
        Field("nobody", unit="count", role="value"),
        Field("accounts", unit="count", role="hidden"),
        Field("with_gaps", unit="count", role="hidden"),
    ),
    width=3,
    caption="of {accounts} target accounts; roles are missing in {with_gaps}",
    empty="There is none: we know somebody in every target account.",
    untold=NO_VARIABLES,
)
ENGAGED = Panel(
    "people-engaged",
    "stat",
    "People who answered us",
    f"People of target accounts from whom something came: a visit, a form, a call, a mail. {PEOPLE}",
    "covered",
    (
        Field("engaged_people", unit="count", role="value", link=Link("people", {"trait": "engaged"})),
        Field("touched_people", unit="count", role="hidden"),
    ),
    width=3,
    caption="{touched_people} were touched by us",
    untold=NO_VARIABLES,
)
MET = Panel(
    "people-met",
    "stat",
    "People we met",
    f"People of target accounts whom a person of ours met. {PEOPLE}",
    "covered",
    (
        Field("met_people", unit="count", role="value", link=Link("people", {"trait": "met"})),
        Field("met_somebody", unit="count", role="hidden"),
        Field("accounts", unit="count", role="hidden"),
    ),
    width=3,
    caption="in {met_somebody} of {accounts} accounts",
    untold=NO_VARIABLES,
)
COVERAGE = Panel(
    "coverage",
    "table",
    "Are we meeting the people who decide?",
    f"Each target account and, below it, its divisions (the lead's department). {PEOPLE} Known is of the committee, "
    f"which is no sample, so its share is shown for any number. Missing roles: those of the file that nobody known "
    f"there has, by job title or part in a deal.",
    "coverage",
    (
        Field("place", "Account and division", "text"),
        Field("share", "Known, of the committee", "share", hits="known", of="committee_size", link=_people()),
        Field("touched", "Touched", "count", link=_people("touched")),
        Field("engaged", "Engaged", "count", link=_people("engaged")),
        Field("met", "Met", "count", link=_people("met")),
        Field("touched_by_marketing", "by marketing", "count", group="Touched", link=_people("by_marketing")),
        Field("touched_by_sales", "by sales", "count", group="Touched", link=_people("by_sales")),
        Field("missing", "Roles missing", "label"),
    ),
    empty=NONE_LOADED,
    untold=NO_VARIABLES,
)


def _deals(name: str, label: str, group: str, by: str, customer: bool = False) -> Field:
    args = {"owner": "{owner}", "generated_by": by} | ({"customer": "yes"} if customer else {})
    return Field(name, label, "count", group=group, link=Link("prospects", args, counts="rows"))


PROSPECTING = Panel(
    "prospecting",
    "table",
    "What each salesperson finds, beside what comes in",
    f"Deals opened in the period by who generated the lead, as known then: a salesperson's own outreach, marketing, or "
    f"neither (partners, referrals, direct visits, unknown). Customers: those of them that bought by now. Own share = "
    f"own ÷ all, from {MINIMUM} on. Busiest first, not ranked. {DAYS}",
    "prospecting",
    (
        Field("owner", "Owner", "person"),
        Field("deals", "Deals", "count", link=Link("prospects", {"owner": "{owner}"}, counts="rows")),
        _deals("own_deals", "Deals", "Found by sales", "sales"),
        _deals("own_customers", "Customers", "Found by sales", "sales", customer=True),
        _deals("inbound_deals", "Deals", "Came by marketing", "marketing"),
        _deals("inbound_customers", "Customers", "Came by marketing", "marketing", customer=True),
        _deals("other_deals", "Deals", "Neither", "unknown"),
        _deals("other_customers", "Customers", "Neither", "unknown", customer=True),
        Field("own_rate", "Own share", "share", hits="own_deals", of="deals"),
    ),
    width=12,
    empty="No deal was opened in this period.",
)


def _sizes(came: str, group: str) -> tuple[Field, ...]:
    args = {"size": "{size_band}", "came": came}
    return (
        Field(f"{came}_rate", "Leads", "share", group=group, hits=came, of=f"all_{came}", link=Link("cohort", args)),
        Field(f"{came}_customers", "Customers", "count", group=group,
              link=Link("cohort", args | {"step": "customer"})),
    )  # fmt: skip


SIZE_MIX = Panel(
    "size-mix",
    "table",
    "How large are those who come, and those we go to?",
    f"Leads that began in the period by the size of their company and by how they came; the share is of all leads that "
    f"came this way, from {MINIMUM} on. Inbound: by marketing or directly; outbound: found by sales. Seven in ten "
    f"inbound leads come from small firms, they say. Customers: those who are by now.",
    "size_mix",
    (
        Field("size_band", "Company size", "size"),
        *_sizes("inbound", "Inbound"),
        *_sizes("outbound", "Outbound"),
        *_sizes("referred", "Referral and partner"),
        Field("untold", "Leads", "count", group="Not known how",
              link=Link("cohort", {"size": "{size_band}", "came": "unknown"})),
        Field("untold_customers", "Customers", "count", group="Not known how",
              link=Link("cohort", {"size": "{size_band}", "came": "unknown", "step": "customer"})),
    ),
    width=12,
)  # fmt: skip

ACCOUNTS = Board(
    "funnelwatch-accounts",
    "Accounts",
    "Do we know the people who decide, and who goes to find them?",
    (KNOWN, BLANK, ENGAGED, MET, COVERAGE, PROSPECTING, SIZE_MIX),
    period="12m",
)
