"""Columns that many lists have."""

from __future__ import annotations

from dashboards.model import Field

LEAD = Field("company", "Lead", "lead")
CRM = Field("crm_record_id", "CRM", "crm")
STAGE = Field("stage", "Stage", "stage")
STAGE_NOW = Field("stage", "Now", "stage")
OWNER = Field("owner", "Owner", "person")
CHANNEL = Field("channel", "Channel", "channel")
REGION = Field("region", "Region", "region")
ORIGIN = Field("origin", "Found by", "origin")
LAST = Field("last_event_at", "Last heard of", "time")
