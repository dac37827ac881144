"""People of target accounts, and what salespeople found."""

from __future__ import annotations

from dashboards.lists.fields import CHANNEL, CRM, LAST, LEAD, ORIGIN, OWNER, REGION, STAGE_NOW
from dashboards.model import Field, LeadList

PEOPLE = LeadList(
    "people",
    "People of target accounts",
    "Leads of the accounts where we want to sell, by account and department.",
    "list_people",
    {"account": "text", "division": "text", "trait": "label"},
    (
        LEAD,
        Field("account_name", "Account"),
        Field("department", "Department", "label"),
        Field("job_title", "Role", "label"),
        Field("touched", "Touched", "label"),
        Field("engaged", "Engaged", "label"),
        Field("met", "Met", "label"),
        STAGE_NOW,
        OWNER,
        LAST,
        CRM,
    ),
)
PROSPECTS = LeadList(
    "prospects",
    "Deals opened, by who found them",
    "Each time that a lead became a deal, the newest first; found by as known then.",
    "list_prospects",
    {"generated_by": "label", "customer": "label"},
    (
        LEAD,
        Field("entered_at", "Deal opened", "time"),
        ORIGIN,
        Field("customer", "Customer", "label"),
        STAGE_NOW,
        OWNER,
        CHANNEL,
        REGION,
        CRM,
    ),
    counts="deal",
)
