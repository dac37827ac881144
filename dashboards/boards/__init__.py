"""All boards, in the order in which they are offered, and the variables that every query of them respects."""

from __future__ import annotations

from dashboards.boards.accounts import ACCOUNTS
from dashboards.boards.alignment import ALIGNMENT
from dashboards.boards.closed_loop import CLOSED_LOOP
from dashboards.boards.leakage import LEAKAGE
from dashboards.model import Board, Variable

VARIABLES: tuple[Variable, ...] = (
    Variable("channel", "Channel", "All channels", "values_channel", "channel"),
    Variable("owner", "Owner", "Everybody", "values_owner", "person"),
    Variable("region", "Region", "All regions", "values_region", "region"),
)
BOARDS: dict[str, Board] = {board.uid: board for board in (LEAKAGE, CLOSED_LOOP, ALIGNMENT, ACCOUNTS)}

__all__ = ["ACCOUNTS", "ALIGNMENT", "BOARDS", "CLOSED_LOOP", "LEAKAGE", "VARIABLES"]
