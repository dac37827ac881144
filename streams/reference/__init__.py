"""Reference data: what no event says (who works here, what was spent, what was promised), read from CSV files.

Nothing is guessed: a cell that may mean two things is a mistake, and a file with a mistake gives nothing.
"""

from __future__ import annotations

from typing import Literal

KindName = Literal["users", "spend", "targets", "target_accounts", "rates"]
