from __future__ import annotations

import pytest

from streams.identity.identifiers import Hasher, IdentityRules, normalise_email

RULES = IdentityRules(own_domains=frozenset({"us.com"}))
HASHER = Hasher(b"key", RULES)


@pytest.mark.parametrize(
    "text",
    [" Ann@Firm.ORG", "ann@firm.org.", "a nn@firm.org", "<ann@firm.org>", "mailto:ann@firm.org", "ann\uff20firm.org"],
)
def test_spellings_of_one_address(text: str) -> None:
    assert normalise_email(text) == "ann@firm.org"


def test_plus_tags_and_dots_are_other_addresses() -> None:
    same = {HASHER.address(text) for text in ("annlee@gmail.com", "ann.lee@gmail.com", "annlee+x@gmail.com")}
    assert len(same) == 3


@pytest.mark.parametrize("text", ["", "ann", "@firm.org", "ann@", "ann@firm", "a@b@firm.org", "ann@firm..org", None])
def test_what_is_no_address(text: str | None) -> None:
    assert HASHER.address(text) is None


@pytest.mark.parametrize("text", ["None@firm.org", "guest@firm.org", "kim@us.com", "kim@mail.us.com", "a@test.com"])
def test_blocked_own_and_test_addresses(text: str) -> None:
    assert HASHER.address(text) is None


def test_a_domain_that_only_ends_like_ours_is_not_ours() -> None:
    assert HASHER.address("kim@versus.com") is not None


def test_role_inboxes_are_weak_and_free_mail_makes_no_account() -> None:
    info, ann, free = (HASHER.address(text) for text in ("info@firm.org", "ann@firm.org", "ann@gmail.com"))
    assert info is not None
    assert ann is not None
    assert free is not None
    assert (info.weak, ann.weak, free.weak) == (True, False, False)
    assert (info.domain, ann.domain, free.domain) == ("firm.org", "firm.org", None)


def test_the_address_itself_cannot_be_read_and_another_key_gives_others() -> None:
    one, other = HASHER.address("ann@firm.org"), Hasher(b"other", RULES).address("ann@firm.org")
    assert one is not None
    assert other is not None
    assert one.identifier != other.identifier
    assert len(one.identifier) == len("email:") + 32
    assert "ann" not in one.identifier


@pytest.mark.parametrize(
    "value",
    [
        "",
        " ",
        None,
        "NULL",
        "N/A",
        "[object Object]",
        "undefined",
        "None",
        "nan",
        "Anonymous",
        "guest",
        "true",
        "FALSE",
        "not_authenticated",
        "0",
        "000-000",
        "00000000-0000-0000-0000-000000000000",
    ],
)
def test_values_that_say_nothing(value: str | None) -> None:
    assert RULES.is_blocked(value)
    assert HASHER.record("lead", value) is None


def test_record_ids_and_lead_ids() -> None:
    assert HASHER.record("lead", " 7 ") == "crm_lead:7"
    assert HASHER.record("contact", "007") == "crm_contact:007"
    lead = HASHER.lead_id("crm_lead:7")
    assert lead[0] == "L"
    assert len(lead) == 17
