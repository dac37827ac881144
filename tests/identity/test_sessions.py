"""Whose is a session? One device at a time, told event by event."""

from __future__ import annotations

from typing import Any

import pytest

from streams.identity.identifiers import Hasher, IdentityRules
from streams.identity.messages import FOREVER
from streams.identity.sessions import Sessionize, device_of
from streams.model import DAY, Effect, Record, Reject, Row, Send
from tests.identity.events import EMAIL_KEY, form, web

ANN, BOB, INFO = "ann@firm.org", "bob@firm.org", "info@firm.org"


class Tablet:
    """A device and what was said last of each item to each identifier."""

    def __init__(self, **rules: Any) -> None:
        self.rules = IdentityRules(**rules)
        self.hasher = Hasher(EMAIL_KEY, self.rules)
        self.step = Sessionize(self.rules, self.hasher, lambda landing: str(landing.get("utm_medium", "direct")))
        self.state = self.step.fresh("d")
        self.items: dict[tuple[str, str], Record] = {}
        self.visits: dict[str, dict[str, Any] | None] = {}
        self.rejects: list[str] = []

    def hear(self, topic: str, record: Record) -> list[Effect]:
        effects = list(self.step.apply(self.state, 0, {"topic": topic, "record": record, "source_at": 7}))
        for effect in effects:
            if isinstance(effect, Send):
                said = effect.message["item"]
                known = self.items.get((effect.key, said["item"]))
                if known is None or said["version"] > known["version"]:
                    self.items[effect.key, said["item"]] = said
            elif isinstance(effect, Row):
                self.visits[effect.key[1]] = effect.values
            else:
                self.rejects.append(effect.reason)
        return effects

    def web(self, *args: Any, **fields: Any) -> list[Effect]:
        return self.hear("web", web("d", *args, **fields))

    def form(self, *args: Any, **fields: Any) -> list[Effect]:
        return self.hear("form", form("d", *args, **fields))

    def has(self, email: str) -> dict[str, Record]:
        address = self.hasher.address(email)
        assert address is not None
        mine = {name: said for (who, name), said in self.items.items() if who == address.identifier}
        return {_name(name, said["events"][0]): said for name, said in mine.items() if said["events"] is not None}

    def sessions(self, email: str) -> set[str]:
        return {name for name in self.has(email) if not name.startswith("form:")}


def _name(item: str, event: Record) -> str:
    return item if item.startswith("form:") else str(event["data"]["session_id"])


def test_anonymous_visit_is_only_a_row() -> None:
    tablet = Tablet()
    [effect] = tablet.web("s", 1, url="/a", country="DE", utm_medium="cpc")
    assert isinstance(effect, Row)
    assert (effect.table, effect.key) == ("visits", ("d", "s"))
    assert effect.values is not None
    assert effect.values["ownership"] == "anonymous"
    assert (effect.values["channel"], effect.values["country"], effect.values["landing"]) == ("cpc", "DE", "/a")


def test_the_session_of_a_form_is_whose_the_form_is() -> None:
    tablet = Tablet()
    tablet.web("s", 1, url="/a", page_kind="pricing")
    tablet.web("s", 5, url="/b", rep_link=True)
    tablet.form(ANN, 6, session_id="s")
    [event] = tablet.has(ANN)["s"]["events"]
    assert event["type"] == "session"
    assert event["data"]["url"] == "/a"
    assert (event["data"]["pages"], event["data"]["pricing_pages"], event["data"]["rep_link"]) == (2, 1, True)
    assert event["data"]["ended_at"] - event["occurred_at"] == 4
    assert tablet.visits["s"] is not None
    assert tablet.visits["s"]["ownership"] == "identified"
    assert len(tablet.has(ANN)) == 2


def test_earlier_sessions_within_the_look_back_are_the_first_persons() -> None:
    tablet = Tablet(look_back=DAY)
    tablet.web("old", 0)
    tablet.web("recent", 2 * DAY)
    tablet.form(ANN, 2 * DAY + 5, session_id="last")
    assert tablet.sessions(ANN) == {"recent"}


def test_after_a_second_person_unnamed_sessions_need_both_to_be_one() -> None:
    tablet = Tablet()
    tablet.web("a", 1, email=ANN)
    tablet.web("between", 2)
    tablet.web("b", 3, email=BOB)
    tablet.web("after", 4)
    assert tablet.sessions(ANN) == {"a", "between"}
    assert tablet.sessions(BOB) == {"b", "after"}
    assert len(tablet.has(BOB)["after"]["requires"]) == 2
    assert tablet.has(BOB)["b"]["requires"] == []
    assert tablet.visits["after"] is not None
    assert tablet.visits["after"]["ownership"] == "shared"


def test_the_latest_named_in_a_session_owns_it_and_the_other_is_told() -> None:
    tablet = Tablet()
    tablet.web("s", 1, email=ANN)
    tablet.web("s", 2, email=BOB)
    assert tablet.sessions(ANN) == set()
    assert tablet.sessions(BOB) == {"s"}
    tablet.web("s", 3, email=ANN)
    assert tablet.sessions(ANN) == {"s"}


def test_a_role_inbox_stands_back_where_there_is_a_person() -> None:
    tablet = Tablet()
    tablet.web("i", 1, email=INFO)
    tablet.web("s", 2)
    assert tablet.sessions(INFO) == {"i", "s"}
    tablet.web("a", 3, email=ANN)
    assert tablet.sessions(INFO) == {"i"}
    assert tablet.sessions(ANN) == {"s", "a"}
    assert tablet.has(ANN)["s"]["requires"] == []


def test_an_imported_name_says_nothing_of_the_device() -> None:
    tablet = Tablet()
    tablet.web("s", 1)
    tablet.form(ANN, 2, form_kind="imported_list", session_id="s")
    assert [name[:5] for name in tablet.has(ANN)] == ["form:"]


def test_a_form_without_address_goes_with_its_time() -> None:
    tablet = Tablet()
    tablet.form(None, 5, session_id="f")
    assert tablet.items == {}
    tablet.web("s", 4, email=ANN)
    [name] = [name for name in tablet.has(ANN) if name.startswith("form:")]
    assert tablet.has(ANN)[name]["events"][0]["type"] == "form_submitted"


def test_a_repeated_event_is_said_again_and_changes_nothing() -> None:
    tablet = Tablet()
    tablet.web("other", 0)
    first = tablet.web("s", 1, email=ANN)
    assert first == tablet.web("s", 1, email=ANN)


def test_without_a_session_id_a_day_is_a_session() -> None:
    tablet = Tablet()
    tablet.web(None, 1)
    tablet.web("undefined", 2)
    tablet.web(None, DAY + 1)
    assert len(tablet.visits) == 2


def test_many_sessions_keep_some_and_count_the_rest() -> None:
    tablet = Tablet(sessions_per_device=3)
    tablet.web("s0", 0, email=ANN)
    for number in range(1, 8):
        tablet.web(f"s{number}", number)
    assert len(tablet.state.sessions) == 3
    assert tablet.rejects == ["too_many_sessions"] * 5
    gone = [said for said in tablet.items.values() if said["version"] == FOREVER]
    assert len(gone) == 5
    assert len(tablet.sessions(ANN)) == 3
    assert sum(values is None for values in tablet.visits.values()) == 5


def test_a_long_session_counts_no_further_but_still_ends_later() -> None:
    tablet = Tablet(events_per_session=3)
    for number in range(6):
        tablet.web("s", number, url=f"/{number}")
    assert tablet.visits["s"] is not None
    assert tablet.visits["s"]["pages"] == 3
    assert tablet.visits["s"]["ended_at"] - tablet.visits["s"]["started_at"] == 5
    assert len(tablet.state.sessions["s"].seen) == 3


def test_every_change_of_a_full_session_has_a_higher_version() -> None:
    tablet = Tablet(events_per_session=1)
    revisions = []
    for at in (50, 60, 70, 40, 30, 31):
        [row] = tablet.web("s", at, url=f"/{at}")
        assert isinstance(row, Row)
        revisions.append(row.revision)
    assert revisions[:-1] == sorted(set(revisions))  # type: ignore[type-var]
    assert revisions[-1] == revisions[-2], "nothing changed"


@pytest.mark.parametrize(
    ("topic", "record", "device"),
    [
        ("web", web("d1", None, 0), "d1"),
        ("form", form("d1", ANN, 0), "d1"),
        ("web", web("NULL", None, 0, email=ANN), None),
        ("form", form(None, "none", 0), None),
    ],
)
def test_the_device_of_a_record(topic: str, record: Record, device: str | None) -> None:
    found = device_of(topic, record, Hasher(EMAIL_KEY, IdentityRules()))
    assert found == device if device else isinstance(found, Reject)


def test_a_form_without_device_goes_by_its_address_and_an_address_as_device_is_hidden() -> None:
    hasher = Hasher(EMAIL_KEY, IdentityRules(own_domains=frozenset({"us.com"})))
    by_form = device_of("form", form("0", ANN, 0), hasher)
    assert by_form == device_of("web", web("Ann@Firm.org", None, 0), hasher)
    assert isinstance(by_form, str)
    assert by_form.startswith("email:")
    assert device_of("web", web("kim@us.com", None, 0), hasher) != device_of("web", web("lea@us.com", None, 0), hasher)


def test_a_crowd_is_told_at_once_that_nothing_is_theirs_and_again_when_it_is_said_again() -> None:
    tablet = Tablet(identifiers_per_device=1)
    tablet.web("a", 1, email=ANN)
    assert tablet.sessions(ANN) == {"a"}
    crossing = tablet.web("b", 2, email=BOB)
    assert tablet.sessions(ANN) == tablet.sessions(BOB) == set()
    assert crossing == tablet.web("b", 2, email=BOB)
    assert {values["ownership"] for values in tablet.visits.values() if values} == {"shared"}
    assert len(tablet.web("a", 3)) == 1, "no message for every page that a crowd looks at"


def test_what_an_erased_device_did_and_does_is_nobodys_and_nowhere() -> None:
    tablet = Tablet()
    tablet.web("a", 1, email=ANN)
    tablet.form(None, 2, session_id="a")
    assert len(tablet.has(ANN)) == 2
    tablet.web(None, 3, type="erased")
    assert tablet.has(ANN) == {}
    assert tablet.visits == {"a": None}
    assert tablet.state.sessions["a"].landing == {}
    tablet.web("a", 4)
    tablet.web("b", 5, email=BOB)
    tablet.form(None, 6, session_id="b")
    tablet.form(ANN, 7, session_id="b")
    assert tablet.visits == {"a": None, "b": None}
    assert tablet.has(BOB) == {}
    assert [name.startswith("form:") for name in tablet.has(ANN)] == [True], "a form with an address is that address's"
    states = [tablet.step.dump(tablet.state), tablet.step.dump(tablet.step.load(tablet.step.dump(tablet.state)))]
    assert states[0] == states[1]
    assert states[0]["erased"]
