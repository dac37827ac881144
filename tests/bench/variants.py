"""What is compared: each variant is a process that reads one generation's topics by the settings that Company makes."""

from __future__ import annotations

import sys
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
QUIX_PYTHON = ROOT / ".cache" / "bench-venv" / "bin" / "python"


@dataclass(frozen=True)
class Variant:
    name: str
    what: str
    command: tuple[str, ...]
    share: int = 1  # it is given the first 1/share of the events: what is slow would take the afternoon

    @property
    def there(self) -> bool:
        return Path(self.command[0]).exists()


def _own(name: str, what: str, *module: str, python: Path | str = sys.executable, share: int = 1) -> Variant:
    return Variant(name, what, (str(python), "-m", *module), share)


VARIANTS = {
    variant.name: variant
    for variant in (
        _own("bare", "bare confluent-kafka loop, states in dicts, no guarantee", "tests.bench.bare"),
        _own("worker", "this worker, all guarantees", "deploy.cli", "worker"),
        _own("quix", "Quix Streams, at least once", "tests.bench.quix", python=QUIX_PYTHON),
        _own("stock", "stock Faust agents, at least once", "tests.bench.stock", share=6),
    )
}
