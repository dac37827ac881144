from __future__ import annotations


class Stopped(BaseException):
    """By a signal; like KeyboardInterrupt it is caught by the outermost caller only."""
