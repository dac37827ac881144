"""The lists of people behind the numbers. A number names its list and arguments; the list has one query."""

from __future__ import annotations

from dashboards.model import Field, LeadList

_LEAD = Field("company", "Lead", "lead")
_CRM = Field("crm_record_id", "CRM", "crm")
_STAGE = Field("stage", "Stage", "stage")
_OWNER = Field("owner", "Owner", "person")
_CHANNEL = Field("channel", "Channel", "channel")
_REGION = Field("region", "Region", "region")
_ORIGIN = Field("origin", "Found by", "origin")
_LAST = Field("last_event_at", "Last heard of", "time")

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
    },
    (
        _LEAD,
        Field("kind", "What is wrong", "kind"),
        Field("state", "State", "state"),
        Field("owner", "Whose turn", "person"),
        Field("left", "Time", "left"),
        Field("opened_at", "Promised", "time"),
        Field("due_at", "Due", "time"),
        Field("settled_at", "Done or ended", "time"),
        _STAGE,
        _CHANNEL,
        Field("amount", "Deal", "money"),
        _CRM,
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
        _LEAD,
        _STAGE,
        Field("stage_since", "In it since", "time"),
        Field("kind", "Leaking", "kind"),
        _OWNER,
        _CHANNEL,
        _REGION,
        Field("score", "Score", "count"),
        _LAST,
        _CRM,
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
        "bucket": "time",
    },
    (
        _LEAD,
        Field("began_at", "Began", "time"),
        Field("furthest_stage", "Came as far as", "stage"),
        Field("stage", "Now", "stage"),
        _OWNER,
        _CHANNEL,
        _ORIGIN,
        _REGION,
        _LAST,
        _CRM,
    ),
)
DEALS = LeadList(
    "deals",
    "Deals",
    "Deals, the largest first. A deal whose people nobody knows has no lead.",
    "list_deals",
    {"status": "label", "state": "state", "deal_kind": "label", "when": "label"},
    (
        _LEAD,
        Field("deal_id", "Deal", "text"),
        Field("amount", "Amount", "money"),
        Field("status", "Status", "label"),
        Field("deal_stage", "Deal stage", "label"),
        _OWNER,
        _CHANNEL,
        Field("created_at", "Opened", "time"),
        Field("closed_at", "Closed", "time"),
        Field("days_to_close", "Days", "days", help="From the lead's beginning; none if won before the first contact"),
        Field("before_first_contact", "Before first contact", "label"),
        _CRM,
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
LISTS: dict[str, LeadList] = {one.name: one for one in (OWED, LEADS, COHORT, DEALS, VISITORS)}
