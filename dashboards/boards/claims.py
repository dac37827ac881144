"""What each department says that marketing brings, beside what the events show, and beside the targets."""

from __future__ import annotations

from dashboards.model import MINIMUM, Field, Link, Panel

DAYS = "Whole days (UTC)."
ANSWERS = (
    "Marketing says and sales says: the source field that each department fills in names one of marketing's channels. "
    "Computed: the origin that the events show is marketing; of who is known by a claim alone the origin is unknown, "
    "so the computed share is a range, from what is shown to that and all unknown."
)


def _claim(trait: str, of: str = "customers") -> Link:
    return Link("claims", {"of": of, "trait": trait}, counts="rows")


DISPUTE = Panel(
    "dispute",
    "stat",
    "Dispute about customers",
    f"By how many points marketing's claim is above sales' claim, of the deals of new business won in the period, "
    f"those of accounts alone too. A survey of 600 firms found 38 % − 23 % = 15 points. {ANSWERS} Shown from "
    f"{MINIMUM} won deals on. {DAYS} Claims have no owner.",
    "dispute",
    (
        Field(
            "dispute",
            unit="points",
            role="value",
            hits="units",
            link=Link("claims", {"of": "customers"}, counts="rows"),
        ),
        Field("marketing_says", unit="count", role="hidden"),
        Field("sales_says", unit="count", role="hidden"),
        Field("by_marketing", unit="count", role="hidden"),
        Field("untold", unit="count", role="hidden"),
        Field("units", unit="count", role="hidden"),
    ),
    width=3,
    caption="{units} won deals; marketing claims {marketing_says}; sales grants {sales_says}; the events show "
    "{by_marketing}; for {untold} nobody can tell",
    empty="No deal was won in this period.",
    unknown="Too few to say",
    untold=("owner",),
)
CLAIMS = Panel(
    "claims",
    "timeseries",
    "How many customers does marketing bring? Three answers",
    f"Each column is the new business won then; the filled part is what the answer counts as marketing's. {ANSWERS} "
    f"{DAYS} A share is shown from {MINIMUM} won deals on. Claims have no owner.",
    "claims_over_time",
    (
        Field("time", role="hidden", unit="time"),
        Field("answer", unit="label", role="series"),
        Field("units", "won", "count", "total"),
        Field(
            "claimed",
            "of the won deals",
            "count",
            "part",
            link=Link("claims", {"of": "customers", "trait": "{answer}", "bucket": "{bucket}"}, counts="rows"),
        ),
        Field("rate", "share", "share", "rate"),
    ),
    empty="No deal was won in this period.",
    note="filled: counted so",
    untold=("owner",),
)


def _answer(name: str, rate: str, label: str, group: str, help: str, trait: str) -> Field:
    link = Link("claims", {"of": "{of}", "trait": trait}, counts="rows")
    return Field(rate, label, "share", group=group, help=help, hits=name, of="units", link=link)


SAID, SHOWN, APART = "Said", "Computed", "How far apart"
GAPS = Panel(
    "claim-gaps",
    "table",
    "Who claims how much, and how far from what the events show",
    f"{ANSWERS} Gap: how far a claim lies above (+) or below (−) that range; 0 inside of it. Dispute: marketing's "
    f"claim − sales' claim. Touched: any marketing touch within the look-back before the deal (of a lead: ever); it "
    f"shows that marketing took part, not that it brought them. Customers by the day they were won, leads by the day "
    f"they began. {DAYS} Shares from {MINIMUM} on. Claims have no owner.",
    "claim_gaps",
    (
        Field("of", "Of all", "label"),
        Field("units", "", "count", link=Link("claims", {"of": "{of}"}, counts="rows")),
        _answer(
            "marketing_says", "marketing_rate", "By marketing", SAID, "Marketing's source field", "claimed_by_marketing"
        ),
        _answer("sales_says", "sales_rate", "By sales", SAID, "Sales' source field", "claimed_by_sales"),
        _answer("by_marketing", "low_rate", "At least", SHOWN, "The events show marketing", "computed"),
        _answer("at_most", "high_rate", "At most", SHOWN, "And all of unknown origin", "at_most"),
        Field("marketing_gap", "Marketing's gap", "points", group=APART),
        Field("sales_gap", "Sales' gap", "points", group=APART),
        Field("dispute", "Dispute", "points", group=APART),
        _answer("touched", "touched_rate", "Marketing took part", "", "Any marketing touch before", "influenced"),
    ),
    empty="Nobody began and nothing was won in this period.",
    untold=("owner",),
)
TARGETS = Panel(
    "targets",
    "table",
    "Targets, delivered and accepted",
    "Each target that overlaps the period: leads (once per cycle) that entered its stage in its days, and those of "
    "them that sales accepted in that cycle, against as much of the target as its working days so far are of all of "
    "them. Region, industry and origin are those at the entry; none said: any. Satisfied: delivered is at least nine "
    "tenths (or what the definition says). Targets are the department's: they have a region, but no channel or owner.",
    "targets",
    (
        Field("its_stage", "Stage", "stage"),
        Field("its_region", "Region", "region"),
        Field("its_industry", "Industry", "label"),
        Field("its_origin", "Found by", "label"),
        Field("first_day", "From", "day"),
        Field("last_day", "To", "day"),
        Field("target", "Target", "count"),
        Field("target_to_date", "To date", "count", help="The target for the working days that are over"),
        Field(
            "share",
            "Delivered, of the target to date",
            "share",
            hits="delivered",
            of="target_to_date",
            link=Link("delivered", {"target": "{target_name}"}, counts="rows"),
        ),
        Field(
            "accepted_share",
            "Accepted, of the target to date",
            "share",
            hits="accepted",
            of="target_to_date",
            link=Link("delivered", {"target": "{target_name}", "accepted": "yes"}, counts="rows"),
        ),
        Field("satisfied", "", "label"),
    ),
    empty="No target is loaded for this period: funnelwatch load targets.csv --as targets",
    untold=("channel", "owner"),
)
