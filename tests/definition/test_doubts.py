"""Each warning, by a definition that deserves it; and none for one that does not."""

from __future__ import annotations

import pytest

from streams.definition.doubts import doubts
from streams.definition.load import parse_file
from tests.definition.changed import FILE, SIGNED, line, text

ACCEPTED = "  accepted: {type: accepted}\n"
NEVER = (ACCEPTED, ACCEPTED + "  never: {type: x}\n")
NO_SAL = "  SAL: sal\n  Accepted: sal\n  Sales Accepted: sal\n"


def warnings(*replacements: tuple[str, str]) -> list[str]:
    file = parse_file(text(*replacements), FILE)
    return [file.said_of(doubt.location, doubt.message) for doubt in doubts(file.definition)]


def test_a_signed_default_has_nothing_to_doubt() -> None:
    assert warnings(SIGNED) == []


def test_whoever_has_not_signed_is_named() -> None:
    assert [one.split(": ", 1)[1] for one in warnings()] == [
        "signatures.marketing: marketing has not signed; every board says so",
        "signatures.sales: sales has not signed; every board says so",
    ]
    (half,) = warnings(("  marketing: null\n", "  marketing: {by: Ada, date: 2026-01-31}\n"))
    assert "signatures.sales: sales has not" in half


@pytest.mark.parametrize(
    ("replacements", "at", "said"),
    [
        pytest.param(
            [(ACCEPTED, "  accepted: {type: acepted}\n"), (NO_SAL, "")],
            "    enter: [accepted]",
            "stages[3].enter: nothing can enter sal: none of its moments (accepted) can happen",
            id="no event of such a type",
        ),
        pytest.param(
            [(ACCEPTED, "  accepted: {type: accepted, form_kind: demo_request}\n"), (NO_SAL, "")],
            "    enter: [accepted]",
            "nothing can enter sal",
            id="no event of the type has the field",
        ),
        pytest.param(
            [(ACCEPTED, "  accepted: {type: accepted, owner_kind: robot}\n"), (NO_SAL, "")],
            "    enter: [accepted]",
            "nothing can enter sal",
            id="no such value in the schema",
        ),
        pytest.param(
            [(ACCEPTED, "  accepted: {type: accepted, size_band: mid}\n"), (NO_SAL, "")],
            "    enter: [accepted]",
            "nothing can enter sal",
            id="known of a lead, but no event says it",
        ),
        pytest.param(
            [(ACCEPTED, ACCEPTED + "  never: {type: session, pages: x}\n"), ("exit: [inquiry]\n", "exit: [never]\n")],
            "    exit: [never]",
            "stages[0].exit: nothing can end visitor: none of these can happen",
            id="a stage that nothing can end",
        ),
        pytest.param(
            [("score_at_least: 60 ", "score_at_least: 600 ")],
            "sales_ready:\n  score",
            "sales_ready: nobody can ever be sales ready",
            id="more points than there are",
        ),
        pytest.param(
            [("met_by: [{does: reason_given}]", "met_by: [{does: never}]"), NEVER],
            "    met_by: [{does: never}]",
            "obligations.rejected_without_reason.met_by: nothing can meet rejected_without_reason",
            id="an obligation that nothing can meet",
        ),
        pytest.param(
            [("opened_by: {does: form}", "opened_by: {does: never}"), NEVER],
            "    opened_by: {does: never}",
            "obligations.capture_gap.opened_by: capture_gap is never owed",
            id="an obligation that nothing can open",
        ),
        pytest.param(
            [("and: [{does: recyclable}]  ", "and: [{does: never}]  "), NEVER],
            "    and: [{does: never}]",
            "obligations.not_recycled.and: not_recycled is never owed",
            id="an obligation whose condition never holds",
        ),
        pytest.param(
            [("{utm_medium: partner}", "{utm_medium: CPC}")],
            "  - {channel: partner, when: {utm_medium: CPC}}",
            "channels[7]: this line for partner is never reached: whenever it holds, channels[5] (paid_search) above",
            id="a channel that one above shadows",
        ),
        pytest.param(
            [("{utm_medium: partner}", "{utm_medium: [cpc, banner]}")],
            "  - {channel: partner, when: {utm_medium: [cpc, banner]}}",
            "whenever it holds, channels[4] (display) or channels[5] (paid_search) above does",
            id="a channel that several above shadow",
        ),
        pytest.param(
            [("utm_medium: referral", "utm_medium: {not: [cpc]}")],
            "  - {channel: event, when: {utm_medium: [event",
            "channels[9]: this line for event is never reached: whenever it holds, channels[8] (referral) above does",
            id="a channel below one that nearly always holds",
        ),
        pytest.param(
            [("  - {channel: event, when: {type: form_submitted, form_kind: event}}",
              "  - {channel: event, when: {type: form_submitted, click_id: present}}")],
            "  - {channel: event, when: {type: form_submitted, click_id: present}}",
            "this line for event is never reached: no event can be such",
            id="a channel of no event",
        ),
        pytest.param(
            [(ACCEPTED, ACCEPTED + "  waved: {type: activity_logged, activity_kind: wave}\n")],
            "  waved: {type",
            "moments.waved: nothing uses waved",
            id="a moment that nothing uses",
        ),
        pytest.param(
            [(ACCEPTED, ACCEPTED + "  waved: {type: wave}\n")],
            "  waved: {type",
            "moments.waved: waved can never happen: no event can be such",
            id="a moment that cannot happen",
        ),
    ],
)  # fmt: skip
def test_what_can_never_be_is_named_with_its_line(replacements: list[tuple[str, str]], at: str, said: str) -> None:
    found = warnings(SIGNED, *replacements)
    place = line(at, text(SIGNED, *replacements))
    assert any(one.startswith(f"lead.yaml:{place}: ") and said in one for one in found), found


@pytest.mark.parametrize(
    "replacement",
    [
        pytest.param((ACCEPTED, "  accepted: {type: nothing_like_it}\n"), id="a status stands for the stage"),
        pytest.param(("utm_medium: referral", "utm_medium: [cpc, referral]"), id="one value of two is shadowed"),
        pytest.param(("{utm_medium: partner}", "{utm_medium: {starts: cpc}}"), id="more than the value begins with it"),
    ],
)
def test_what_can_be_is_not_doubted(replacement: tuple[str, str]) -> None:
    found = warnings(SIGNED, replacement)
    assert not [one for one in found if "channels" in one or "stages" in one], found
