"""Files as somebody would load them."""

from __future__ import annotations

LEADS_MAPPING = """
source: shop
inputs:
  - files: "*.csv"
    events:
      - name: lead
        topic: crm
        id: [id]
        fields:
          type: {const: lead_created}
          record_kind: {const: lead}
          record_id: id
          email: email
          occurred_at: {column: when, time: "%Y-%m-%d", zone: Europe/Berlin}
"""
