from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from streams.identity.inbox import Inbox


def event(key: str, at: int = 1) -> dict[str, Any]:
    return {
        "key": key,
        "type": "session",
        "occurred_at": at,
        "recorded_at": at,
        "source": "site",
        "event_id": key,
        "precision": "second",
        "data": {},
    }


def told(version: int, items: dict[str, list[str] | None], full: bool = False, node: str = "n") -> dict[str, Any]:
    said = [
        {"item": item, "events": None if keys is None else [event(key) for key in keys]} for item, keys in items.items()
    ]
    return {
        "source_at": 0,
        "node": node,
        "node_version": version,
        "full": full,
        "items": said,
        "former": [],
        "beyond": 0,
    }


def keys(inbox: Inbox) -> list[str]:
    return [found.key for found in inbox.events()]


def test_newer_version_of_an_item_replaces_it() -> None:
    inbox = Inbox()
    assert inbox.apply(told(1, {"a": ["x"]}))
    assert inbox.apply(told(2, {"a": ["y"]}))
    assert not inbox.apply(told(1, {"a": ["x"]}))
    assert keys(inbox) == ["y"]


def test_late_message_cannot_bring_back_a_withdrawn_item() -> None:
    inbox = Inbox()
    inbox.apply(told(3, {"a": None}))
    inbox.apply(told(2, {"a": ["x"]}))
    assert keys(inbox) == []


def test_close_empties_a_node_and_what_is_older_stays_out() -> None:
    inbox = Inbox()
    inbox.apply(told(1, {"a": ["x"], "b": ["y"]}))
    inbox.apply(told(5, {}, full=True))
    assert not inbox.apply(told(4, {"a": ["x"]}))
    assert keys(inbox) == []
    assert inbox.nodes() == {}


def test_full_keeps_what_came_before_it_but_is_newer() -> None:
    inbox = Inbox()
    inbox.apply(told(1, {"a": ["x"]}))
    inbox.apply(told(6, {"b": ["y"]}))
    inbox.apply(told(5, {}, full=True))
    assert keys(inbox) == ["y"]


def test_full_in_parts_adds_up_and_may_be_repeated() -> None:
    inbox = Inbox()
    inbox.apply(told(1, {"gone": ["z"]}))
    parts = [told(5, {"a": ["x"]}, full=True), told(5, {"b": ["y"]})]
    for part in parts:
        assert inbox.apply(part)
    for part in parts:
        assert not inbox.apply(part)
    assert keys(inbox) == ["x", "y"]


def test_same_event_from_two_nodes_is_one() -> None:
    inbox = Inbox()
    inbox.apply(told(1, {"a": ["x"]}, node="n"))
    inbox.apply(told(1, {"a": ["x"]}, node="m"))
    assert keys(inbox) == ["x"]
    assert {name: brought.since for name, brought in inbox.nodes().items()} == {"n": 1, "m": 1}
    assert inbox.nodes()["n"].events == {"x"}


def test_an_event_is_then_whose_it_was() -> None:
    inbox = Inbox()
    former = [{"until": 5, "lead": "first"}, {"until": 8, "lead": "second"}]
    events = [event(f"e{at}", at) for at in (4, 5, 7, 8)]
    said = [{"item": "i", "events": events}]
    inbox.apply(told(1, {}, full=True) | {"items": said, "former": former})
    inbox = Inbox.load(inbox.dump())
    assert inbox.nodes()["n"].then == {"e4": "first", "e5": "second", "e7": "second"}
    inbox.apply(told(2, {}, full=True) | {"items": said})
    assert inbox.nodes()["n"].then == {}


@settings(deadline=None)
@given(st.data())
def test_any_order_and_repetition_ends_the_same(data: st.DataObject) -> None:
    history: list[dict[str, Any]] = []
    present: dict[str, list[str]] = {}
    for version in range(1, data.draw(st.integers(1, 8)) + 1):
        if data.draw(st.booleans()):
            item = data.draw(st.sampled_from("abc"))
            keys_ = data.draw(st.none() | st.lists(st.sampled_from("xyz"), min_size=1, max_size=2, unique=True))
            present.pop(item, None)
            if keys_ is not None:
                present[item] = keys_
            history.append(told(version, {item: keys_}))
        else:
            present = {} if data.draw(st.booleans()) else present
            history.append(told(version, dict(present), full=True))
    order = data.draw(st.permutations(history + history[: data.draw(st.integers(0, len(history)))]))
    inbox = Inbox()
    for message in order:
        inbox = Inbox.load(inbox.dump())
        inbox.apply(message)
    assert keys(inbox) == sorted({key for said in present.values() for key in said})
