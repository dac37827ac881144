"""What becomes of those that were declined, or are not ready yet."""

from __future__ import annotations

from dashboards.boards.claims import DAYS
from dashboards.model import MINIMUM, Field, Link, Panel

BOUGHT = (
    "Bought later: new business was won, with a deal made after the decline and within 24 months (or what the "
    "definition says), with that person, or with others of the same account. A lower bound: what they bought "
    "elsewhere nobody sees."
)


def _bought(by: str, label: str, old: bool = False) -> Field:
    name = f"old_{by}" if old else by
    args = {"reason": "{reason_class}", "bought_by": by, "when": "had_time" if old else "entered"}
    return Field(
        f"{name}_rate",
        label,
        "share",
        group="24 months over" if old else "So far",
        hits=name,
        of="old" if old else "declined",
        link=Link("declined", args, counts="rows"),
    )


REGRETTED = Panel(
    "regretted-rejection",
    "table",
    "Declined, and bought later",
    f"Declined leads of the period (once per cycle) by reason. {BOUGHT} 24 months over: those declined so long ago "
    f"that their time ended in the period. Eight in ten of those “not qualified” buy within 24 months, they say. "
    f"Shares from {MINIMUM} on. {DAYS}",
    "regretted_rejection",
    (
        Field("reason", "Reason", "label"),
        Field(
            "declined",
            "Declined",
            "count",
            link=Link("declined", {"reason": "{reason_class}", "when": "entered"}, counts="rows"),
        ),
        _bought("person", "By the person"),
        _bought("account", "By the account"),
        _bought("person", "By the person", old=True),
        _bought("account", "By the account", old=True),
    ),
    width=6,
    empty="Nobody was declined in this period.",
)
REGRETTED_ACCOUNTS = Panel(
    "regretted-accounts",
    "table",
    "Declined by us, then customers",
    f"The ten largest of them, declined in the period. {BOUGHT} The amount is that of their first such deal. {DAYS}",
    "regretted_accounts",
    (
        Field("company", "Lead", "lead"),
        Field("rejected_at", "Declined", "time"),
        Field("reason", "Reason", "label"),
        Field("bought_by", "Bought by", "label"),
        Field("days", "Deal after", "days"),
        Field("amount", "Amount", "money"),
        Field("crm_record_id", "CRM", "crm"),
    ),
    width=6,
    empty="Nobody who was declined in this period has bought since, as far as we see.",
    links=(("All of them", Link("declined", {"bought_by": ("person", "account"), "when": "entered"}, counts="rows")),),
)


def _since(name: str, label: str, trait: str, help: str) -> Field:
    link = Link("nurture", {"cycle": "{cycle}", "trait": trait}, counts="rows")
    rates = {"left_it": "left_rate", "again": "again_rate", "buyers": "buyer_rate", "quiet": "quiet_rate"}
    return Field(rates[name], label, "share", help=help, hits=name, of="in_nurture", link=link)


RECYCLING = Panel(
    "recycling",
    "table",
    "What comes back out of nurture",
    f"Leads that were put into nurture in the period, by how often they have begun anew (cycle). Ready again: MQL "
    f"after it; went quiet: marketing once let the time between two touches run out while the lead was there. Shares "
    f"from {MINIMUM} on. {DAYS} Nurture belongs to marketing, so it has no owner.",
    "recycling",
    (
        Field("cycle", "Cycle", "count"),
        Field("in_nurture", "Put into nurture", "count", link=Link("nurture", {"cycle": "{cycle}"}, counts="rows")),
        _since("quiet", "Went quiet", "lapsed", "No touch within the agreed time"),
        _since("left_it", "Left it", "left", "For any stage"),
        _since("again", "Ready again", "again", "MQL after it"),
        _since("buyers", "Customers", "customer", "A deal was won after it"),
    ),
    width=12,
    empty="Nobody was put into nurture in this period.",
    untold=("owner",),
)


def _group(side: str, group: str) -> tuple[Field, ...]:
    args = {"nurtured": "yes" if side == "with" else "no", "size": "{size_band}", "score": "{score_band}",
            "region": "{region}"}  # fmt: skip
    return (
        Field(f"{side}_rate", "Became a deal", "share", group=group, hits=f"{side}_deals", of=f"{side}_leads",
              link=Link("nurtured", args | {"trait": "opportunity"}, counts="rows")),
        Field(f"{side}_won", "Customers", "count", group=group,
              link=Link("nurtured", args | {"trait": "customer"}, counts="rows")),
        Field(f"{side}_amount", "Amount", "money", group=group, help="Mean amount won per customer"),
        Field(f"{side}_days", "Days", "days", group=group, help="Median days from ready to won"),
    )  # fmt: skip


NURTURE_EFFECT = Panel(
    "nurture-effect",
    "table",
    "Does nurture help? The same kind of lead, with and without",
    f"Leads that became ready (their first MQL) in the period: those nurtured before they became a deal beside the "
    f"others of the same company size, region and score band at that time. Shares from {MINIMUM} leads on; amounts in "
    f"the reporting currency, per customer. The twelve kinds with the most of both. {DAYS} Compared by region; "
    f"channel and owner are left open.",
    "nurture_effect",
    (
        Field("size_band", "Size", "size"),
        Field("region", "Region", "region"),
        Field("score_band", "Score", "label"),
        *_group("with", "Nurtured"),
        *_group("without", "Not nurtured"),
    ),
    empty="Nobody who became ready in this period was nurtured before.",
    untold=("channel", "owner"),
)
