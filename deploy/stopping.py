from __future__ import annotations


class Stopped(BaseException):
    """By a signal; like KeyboardInterrupt it is caught by the outermost caller only."""

    def __init__(self, number: int = 0) -> None:
        super().__init__(number)
        self.number = number
