"""Alignment: marketing and sales over the same facts. It blames nobody: no tone of it is a department's."""

from __future__ import annotations

from dashboards.boards.claims import CLAIMS, DISPUTE, GAPS, TARGETS
from dashboards.boards.handovers import AGE, FATE, QUALITY, QUALITY_OF_HANDOVERS, WHO_WAS_RIGHT
from dashboards.boards.sales_work import CHERRY_PICKING, RESPONSE, RESPONSE_BY_OWNER
from dashboards.boards.second_chances import NURTURE_EFFECT, RECYCLING, REGRETTED, REGRETTED_ACCOUNTS
from dashboards.model import Board

ALIGNMENT = Board(
    "funnelwatch-alignment",
    "Alignment",
    "What does marketing give, what does sales make of it, and where do the two disagree?",
    (
        DISPUTE,
        QUALITY_OF_HANDOVERS,
        RESPONSE,
        AGE,
        FATE,
        QUALITY,
        CLAIMS,
        GAPS,
        TARGETS,
        WHO_WAS_RIGHT,
        RESPONSE_BY_OWNER,
        CHERRY_PICKING,
        REGRETTED,
        REGRETTED_ACCOUNTS,
        RECYCLING,
        NURTURE_EFFECT,
    ),
    period="12m",  # leads are judged 90 days after they were ready
)
