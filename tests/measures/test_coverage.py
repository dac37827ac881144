"""Whom we know, touched and met in target accounts and their divisions."""

from __future__ import annotations

from typing import Any

import pytest

from tests.support.made import Made, Row, only

pytestmark = pytest.mark.slow
DONE = ("known", "touched", "engaged", "met", "touched_by_marketing", "touched_by_sales")


def line(account: str, **given: Any) -> Row:
    row: Row = {"account": account, "name": "", "division": "", "committee_role": "", "committee_size": None}
    return row | given


def test_people_of_an_account_and_what_was_done_with_them(made: Made) -> None:
    """silent: known only. read: got a mail. came: a form of theirs. called: by sales. spoke: met. robot: a machine
    wrote, which is no touch. wrote: an answer to us, logged by no human hand: engaged, not touched."""
    made.load("target_accounts", line("acme", name="Acme", committee_size=14))
    people = ("silent", "read", "came", "called", "spoke", "robot", "wrote")
    for person in people:
        made.lead(person, account="acme")
    made.lead("stranger", account="other")
    made.lead("nobody's", account="")
    for person in ("stranger", "nobody's"):
        made.touch(person, "2026-03-02", direction="inbound")
    made.touch("read", "2026-03-02", direction="outbound")
    made.touch("came", "2026-03-02", direction="inbound")
    made.activity("called", "2026-03-02", kind="call", direction="outbound", actor_role="sales")
    made.activity("spoke", "2026-03-02", kind="meeting", direction="two_way", actor_role="marketing")
    made.activity("robot", "2026-03-02", kind="email", direction="outbound", actor_role="sales", human=0)
    made.activity("robot", "2026-03-02", kind="meeting", direction="two_way", actor_role="sales", human=0)
    made.activity("wrote", "2026-03-02", kind="email", direction="inbound", human=0)
    row = only(made.ask("coverage"), "grain", "account", "name", "division", "committee_size", "share", *DONE)
    assert row == ("account", "acme", "Acme", "", 14, 0.5, 7, 4, 2, 1, 3, 1)


def test_a_link_in_a_reps_mail_is_a_touch_of_sales_and_inbound(made: Made) -> None:
    made.load("target_accounts", line("acme"))
    made.lead("L1", account="acme")
    made.touch("L1", "2026-03-02", direction="inbound", side="sales")
    made.touch("L1", "2026-03-03", direction="outbound", side="marketing")
    assert only(made.ask("coverage"), *DONE) == (1, 1, 1, 0, 1, 1)


def test_an_account_without_people_is_a_row_and_without_a_size_has_twenty_one(made: Made) -> None:
    made.load("target_accounts", line("acme", committee_role="Buyer"))
    row = only(made.ask("coverage"), "committee_size", "known", "share", "roles_missing")
    assert row == (21, 0, 0, ["Buyer"])
    made.load("target_accounts", line("other"))
    assert only(made.ask("coverage"), "account") == "other"


def test_divisions_are_rows_of_their_own(made: Made) -> None:
    """Acme has two divisions in the file; whoever is in neither, or written otherwise, is the account's alone."""
    made.load(
        "target_accounts",
        line("acme", division="Pumps", committee_size=10),
        line("acme", division="Valves", committee_size=10),
    )
    for number, department in enumerate(["Pumps", "Pumps", "pumps", "Finance", ""]):
        made.lead(f"L{number}", account="acme", department=department)
    made.lead("L9", account="other", department="Valves")
    made.touch("L0", "2026-03-02")
    made.touch("L3", "2026-03-02")
    rows = made.ask("coverage")
    assert sorted((r["grain"], r["division"], r["known"], r["touched"], r["share"]) for r in rows) == [
        ("account", "", 5, 2, 0.5),
        ("division", "Pumps", 2, 1, 0.2),
        ("division", "Valves", 0, 0, 0),
    ]


def test_roles_are_missing_that_nobody_known_has(made: Made) -> None:
    """By their part in a deal, whatever its case and be it of another account, or by the job title."""
    roles = ("Economic Buyer", "Champion", "CFO", "Lawyer", "Engineer")
    made.load("target_accounts", *(line("acme", committee_role=role) for role in roles))
    made.lead("L1", account="acme", job_title="Deputy cfo")
    made.lead("L2", account="acme")
    made.lead("L3", account="other", job_title="Engineer")
    made.row("lead_identifiers", ("L2", "crm_contact:003B"), kind="crm_contact", record_id="003B")
    made.row("lead_identifiers", ("L3", "crm_contact:003C"), kind="crm_contact", record_id="003C")
    made.deal("L3", "D1", "2026-03-01", contacts="003C:Lawyer,003B:economic buyer")
    made.deal("L2", "D2", "2026-05-01", contacts="003B:Champion")
    assert only(made.ask("coverage", "2026-04-01"), "roles_missing") == ["Champion", "Engineer", "Lawyer"]
    assert only(made.ask("coverage"), "roles_missing") == ["Engineer", "Lawyer"]


def test_the_roles_of_a_division_are_missed_in_it(made: Made) -> None:
    made.load(
        "target_accounts",
        line("acme", committee_role="CFO"),
        line("acme", division="Pumps", committee_role="Buyer"),
        line("acme", division="Valves", committee_role="Buyer"),
    )
    made.lead("L1", account="acme", department="Pumps", job_title="Senior buyer")
    rows = {(row["grain"], row["division"]): row["roles_missing"] for row in made.ask("coverage")}
    assert rows == {("account", ""): ["CFO"], ("division", "Pumps"): [], ("division", "Valves"): ["Buyer"]}


def test_what_happened_later_does_not_count(made: Made) -> None:
    made.load("target_accounts", line("acme"))
    made.lead("L1", "2026-03-01", account="acme")
    made.lead("L2", "2026-03-20", account="acme")
    made.touch("L1", "2026-03-10", direction="inbound")
    made.activity("L1", "2026-03-12", kind="meeting", actor_role="sales")
    assert only(made.ask("coverage", "2026-02-01"), *DONE) == (0, 0, 0, 0, 0, 0)
    assert only(made.ask("coverage", "2026-03-09"), *DONE) == (1, 0, 0, 0, 0, 0)
    assert only(made.ask("coverage", "2026-03-11"), *DONE) == (1, 1, 1, 0, 1, 0)
    assert only(made.ask("coverage", "2026-03-12"), *DONE) == (1, 1, 1, 1, 1, 1)
    assert only(made.ask("coverage"), *DONE) == (2, 1, 1, 1, 1, 1)


def test_another_generations_people_are_not_known(made: Made) -> None:
    made.load("target_accounts", line("acme"))
    made.lead("L1", account="acme")
    made.written_elsewhere()
    assert only(made.ask("coverage"), "known") == 0
