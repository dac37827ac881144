"""Leads, visitors and deals, and what is owed to people."""

from __future__ import annotations

from dashboards.lists.fields import CHANNEL, CRM, LAST, LEAD, ORIGIN, OWNER, REGION, STAGE, STAGE_NOW
from dashboards.model import Field, LeadList

OWED = LeadList(
    "owed",
    "Promises to people",
    "Counts promises: one person can be owed several. First what is within a day of its due time, hot leads before "
    "others.",
    "list_owed",
    {
        "kind": "kind",
        "state": "state",
        "side": "side",
        "when": "label",
        "bucket": "time",
        "rolling": "label",
        "verdict": "side",
        "measured": "label",
    },
    (
        LEAD,
        Field("kind", "What is wrong", "kind"),
        Field("state", "State", "state"),
        Field("owner", "Whose turn", "person"),
        Field("left", "Time", "left"),
        Field("opened_at", "Promised", "time"),
        Field("due_at", "Due", "time"),
        Field("settled_at", "Done or ended", "time"),
        STAGE,
        CHANNEL,
        Field("amount", "Deal", "money"),
        CRM,
    ),
    counts="promise",
)
LEADS = LeadList(
    "leads",
    "Leads",
    "Leads as they are now, the leaking ones first.",
    "list_leads",
    {"stage": "stage", "leaking": "label"},
    (
        LEAD,
        STAGE,
        Field("stage_since", "In it since", "time"),
        Field("kind", "Leaking", "kind"),
        OWNER,
        CHANNEL,
        REGION,
        Field("score", "Score", "count"),
        LAST,
        CRM,
    ),
)
COHORT = LeadList(
    "cohort",
    "Leads that began in the period",
    "Leads by when they began, the newest first.",
    "list_reached",
    {
        "step": "stage",
        "origin": "origin",
        "campaign": "text",
        "size": "size",
        "came": "label",
        "bucket": "time",
    },
    (
        LEAD,
        Field("began_at", "Began", "time"),
        Field("furthest_stage", "Came as far as", "stage"),
        STAGE_NOW,
        OWNER,
        CHANNEL,
        ORIGIN,
        REGION,
        LAST,
        CRM,
    ),
)
DEALS = LeadList(
    "deals",
    "Deals",
    "Deals, the largest first. A deal whose people nobody knows has no lead.",
    "list_deals",
    {"status": "label", "state": "state", "deal_kind": "label", "when": "label", "origin": "origin"},
    (
        LEAD,
        Field("deal_id", "Deal", "text"),
        Field("amount", "Amount", "money"),
        Field("status", "Status", "label"),
        Field("deal_stage", "Deal stage", "label"),
        OWNER,
        CHANNEL,
        Field("created_at", "Opened", "time"),
        Field("closed_at", "Closed", "time"),
        Field("days_to_close", "Days", "days", help="From the lead's beginning; none if won before the first contact"),
        Field("before_first_contact", "Before first contact", "label"),
        CRM,
    ),
    empty="No deal is on this list.",
    counts="deal",
)
VISITORS = LeadList(
    "visitors",
    "Visitors",
    "Devices, by when they were seen first in the period. Most of them never say who they are.",
    "list_visitors",
    {},
    (
        Field("anonymous_id", "Device", "text"),
        Field("channel", "Channel", "channel"),
        Field("country", "Country", "text"),
        Field("first_seen", "First seen", "time"),
        Field("last_seen", "Last seen", "time"),
        Field("sessions", "Visits", "count"),
        Field("pages", "Pages", "count"),
        Field("ownership", "Known?", "label"),
    ),
    empty="No visitor is on this list.",
    counts="device",
)
RISKS = LeadList(
    "risks",
    "What leaking leads are worth",
    "One line for each lead that is leaking: its own open deal, else an estimate from those like it.",
    "list_risks",
    {"basis": "label"},
    (
        LEAD,
        Field("amount", "Worth", "money"),
        Field("basis", "By", "label"),
        Field("chance", "Chance, %", "count", help="Of becoming a customer, as others in its stage and of its size"),
        STAGE,
        OWNER,
        CHANNEL,
        REGION,
        CRM,
    ),
)
