"""Why something is refused, whether it still would be, and what is kept of it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from schemas.codec import Codec
from streams.definition import load_definition
from streams.judge import LARGEST_KEPT, is_cut, kept
from streams.model import Micros, Origin, Record
from streams.reasons import CAPS, REASONS
from streams.still_refused import StillRefused, timestamp_ms
from streams.topics import LARGEST_MESSAGE
from tests.support.in_memory import TOPICS
from tests.support.schema_registry import serving
from tests.whole.malformed import KINDS, SOURCES, Malformed, Sent

ROOT = Path(__file__).parents[2]
GIVEN = re.compile(r"""(?:Reject|Undecodable)\(\s*"(\w+)"|return "(\w+)", f""")
NOW: Micros = 1_790_000_000_000_000


def test_every_reason_in_the_code_is_explained_and_no_other() -> None:
    files = [ROOT / "schemas/codec.py", *(ROOT / "streams").rglob("*.py")]
    given = {one or other for file in files for one, other in GIVEN.findall(file.read_text())}
    assert given == REASONS.keys()
    assert {reason for reason in REASONS if reason.startswith("too_many")} == CAPS


@pytest.fixture(scope="module")
def made() -> Iterator[tuple[Malformed, StillRefused]]:
    with serving() as registry:
        codec = Codec(registry.url)
        yield Malformed(codec, registry), StillRefused(TOPICS, codec, load_definition(None))


def refused(source: str, sent: Sent) -> Record:
    appended_at = sent.timestamp_ms * 1000 or NOW
    return {"topic": getattr(TOPICS, source), "appended_at": appended_at, "key": sent.key, "value": sent.value}


@pytest.mark.parametrize("source", SOURCES)
@pytest.mark.parametrize("kind", KINDS)
def test_what_the_worker_would_do_is_foretold(made: tuple[Malformed, StillRefused], kind: str, source: str) -> None:
    """The same table as the real worker's: tests/whole/test_rejects.py."""
    malformed, still = made
    make, reason = KINDS[kind]
    why = still.why(refused(source, make(malformed, source)))
    assert (why and why.reason) == reason


def test_what_was_cut_can_never_be_retried(made: tuple[Malformed, StillRefused]) -> None:
    malformed, still = made
    value = malformed.encoded("web", "d")
    whole = Origin("web", 0, 1, NOW, b"k", value)
    assert kept(whole) is whole and still.why(refused("web", Sent(value))) is None
    cut = kept(Origin("web", 0, 1, NOW, b"k" * LARGEST_KEPT, value))
    assert is_cut(cut.key, cut.value)
    why = still.why(refused("web", Sent(cut.value, cut.key)))
    assert why is not None and why.reason == "too_large"


def test_what_is_kept_fits_into_a_message() -> None:
    """With its key, which is the Kafka key, too."""
    one = kept(Origin("t", 0, 1, NOW, bytes(LARGEST_MESSAGE), bytes(2 * LARGEST_MESSAGE)))
    where = {
        "topic": one.topic,
        "partition": 0,
        "offset": 1,
        "appended_at": NOW,
        "reason": "r" * 20,
        "detail": "d" * 500,
    }
    message = Codec(None).encode("internal/rejected", where | {"key": one.key, "value": one.value})
    assert len(message) + len(one.key or b"") < LARGEST_MESSAGE


def test_no_time_is_not_now() -> None:
    assert timestamp_ms(0) == 1, "a producer takes 0 for now"
    assert timestamp_ms(NOW) == NOW // 1000
