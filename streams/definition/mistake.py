from __future__ import annotations


class Misplaced(ValueError):
    """A mistake at `path` below the part of the definition that was being read."""

    def __init__(self, path: tuple[str | int, ...], message: str) -> None:
        super().__init__(message)
        self.path = path
