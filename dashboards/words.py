"""Plain words for the terms of the trade. A term that is missing here is shown as it is, readable."""

from __future__ import annotations

from typing import NamedTuple


class Kind(NamedTuple):
    """An obligation: the promise, what is wrong while it is not kept, what has to be done, and what keeps it."""

    promise: str
    broken: str
    owes: str
    kept_by: str


KINDS: dict[str, Kind] = {
    "capture_gap": Kind("Form into the CRM", "Not in the CRM yet", "get the form into the CRM", "a CRM record"),
    "unnurtured": Kind(
        "Sorted after the inquiry",
        "Asked, not sorted yet",
        "sort it (ready for sales, nurture or declined)",
        "being sorted (ready for sales, nurture or declined)",
    ),
    "unqualified_handover": Kind(
        "Only ready leads to sales", "Handed over too early", "hand over leads that are ready", "a ready lead"
    ),
    "unrouted": Kind("An owner for the lead", "Belongs to nobody", "give it to a person", "an owner who is a person"),
    "untouched": Kind("First call or mail", "No one has called yet", "make the first call or write", "a first contact"),
    "undecided": Kind("Accept or decline", "Neither accepted nor declined", "accept or decline it", "a decision"),
    "under_attempted": Kind("Six tries at least", "Given up too early", "try at least six times", "six tries"),
    "rejected_without_reason": Kind("Reason for a decline", "Declined, nobody said why", "say why", "a reason"),
    "not_recycled": Kind("Back to marketing", "Not given back to marketing", "put it into nurture", "nurture"),
    "nurture_lapsed": Kind("Regular nurture", "Nurture went quiet", "send something useful", "a marketing touch"),
    "qualification_stall": Kind(
        "Qualify or decline", "Accepted, then nothing", "qualify or decline it", "qualification or a decline"
    ),
    "handoff": Kind("Deal opened", "Qualified, but no deal opened", "open the deal", "a deal"),
    "stalled_deal": Kind("Deal moves on", "Deal stands still", "move the deal on", "a next step, a win or a loss"),
    "silent_deal": Kind("Customer keeps talking", "Customer went quiet", "get an answer", "an answer from them"),
    "aged": Kind("Something happens", "Nothing for a long time", "do something, or give it back", "any activity"),
}
SETTLED = ("met", "recovered", "voided")  # in these states the broken promise is not what is to be said

STATES: dict[str, tuple[str, str]] = {
    "open": ("In time", "not due yet"),
    "warned": ("About to leak", "most of the time is used up"),
    "leaking": ("Leaking", "past due, and still not done"),
    "met": ("Done in time", "done before it was due"),
    "recovered": ("Saved late", "done, but after it was due"),
    "lost": ("Lost", "ended without being done"),
    "voided": ("Set aside", "junk, duplicate, deleted or opted out"),
}

STAGES: dict[str, tuple[str, str]] = {
    "": ("Only a name", "no response yet"),
    "known": ("Only a name", "no response yet"),
    "visitor": ("Visited", "visitor"),
    "inquiry": ("Got in touch", "inquiry"),
    "mql": ("Ready for sales", "MQL"),
    "sal": ("Accepted by sales", "SAL"),
    "sql": ("Qualified by sales", "SQL"),
    "opportunity": ("Deal opened", "opportunity"),
    "customer": ("Customer", "deal won"),
    "nurture": ("In nurture", "not ready yet"),
    "rejected": ("Declined by sales", "rejected"),
    "lost": ("Deal lost", "lost"),
}

TEAMS = {side: f"The {side} team" for side in ("marketing", "sales", "operations", "data")}
SIDES = {"marketing": "Marketing", "sales": "Sales", "operations": "Operations", "data": "Data"}

LABELS = {
    "new_business": "New business",
    "won": "Won",
    "lost": "Lost",
    "open": "Open",
    "campaign_response": "Answered a campaign",
    "marketing_email": "Marketing mail",
    "rep_link": "Link from a salesperson",
    "session": "Visit",
    "form": "Form",
    "crm_lead": "CRM lead",
    "crm_contact": "CRM contact",
    "email": "E-mail (stored as a code only)",
    "linked": "An address or a record was found to be theirs",
    "merged": "Merged in the CRM",
    "unmerged": "A merge was undone in the CRM",
    "blocked": "Somebody here blocked an address or a record",
    "unblocked": "A block was lifted",
    "hub": "Shared by too many to be one person",
    "oversize": "Too many addresses and records to be one person",
    "claimed_by_marketing": "Marketing says",
    "claimed_by_sales": "Sales says",
    "computed": "Computed: marketing",
    "cannot_tell": "Nobody can tell",
    "at_most": "Computed, and unknown",
    "influenced": "Marketing took part",
    "accepted_of_decided": "Accepted, of those decided",
    "accepted_of_given": "Accepted, of those handed over",
    "opportunity_of_mql": "Became a deal",
    "customer_of_mql": "Became a customer",
    "customer_of_ready": "Ready, and bought within 12 months",
    "ready_customer": "Bought within 12 months",
    "opportunity": "Became a deal",
    "customer": "Became a customer",
    "handover": "Handed over",
    "handed_over": "Handed over",
    "met": "Met",
    "not_met": "Not met",
    "rejected": "Declined",
    "recycled": "Put into nurture",
    "none": "Not decided yet",
    "never": "Never called",
    "in_time": "Called within a business day",
    "hot": "Hot",
    "rest": "Not hot",
    "below": "Below ready",
    "old": "Too old",
    "again": "Ready again",
    "left": "Left nurture",
    "lapsed": "Went quiet",
    "account": "The account",
    "person": "The person",
    "deal": "Own deal",
    "by_marketing": "Touched by marketing",
    "by_sales": "Touched by sales",
    "yes": "yes",
    "no": "",
}

NOT_KNOWN = "not known"
CHANNELS = {"": "No channel given", "unknown": "Source says unknown"}
REGIONS = {"dach": "DACH", "uk_ireland": "UK & Ireland"}
SIZES = {"small": "Small", "mid": "Mid-size", "enterprise": "Enterprise"}


def readable(term: str) -> str:
    """`paid_search` → `Paid search`."""
    text = term.replace("_", " ").strip()
    return text[:1].upper() + text[1:]


def channel(term: str) -> str:
    return CHANNELS.get(term) or readable(term)


def region(term: str) -> str:
    """`southern_europe` → `Southern Europe`; a name that somebody wrote out stays as written."""
    if term in REGIONS:
        return REGIONS[term]
    return term.replace("_", " ").title() if term.islower() else term


def size(term: str) -> str:
    return SIZES.get(term, term)


def broken(term: str) -> str:
    return KINDS[term].broken if term in KINDS else readable(term)


def promise(term: str) -> str:
    return KINDS[term].promise if term in KINDS else readable(term)


def owes(term: str) -> str:
    return KINDS[term].owes if term in KINDS else f"keep the promise “{readable(term).lower()}”"


def kept_by(term: str) -> str:
    return KINDS[term].kept_by if term in KINDS else "what was promised"


def state(term: str) -> str:
    return STATES[term][0] if term in STATES else readable(term)


def stage(term: str) -> str:
    return STAGES[term][0] if term in STAGES else readable(term)


def stage_term(term: str) -> str:
    return STAGES[term][1] if term in STAGES else ""


def side(term: str) -> str:
    return SIDES.get(term, readable(term))


def label(term: str) -> str:
    return LABELS.get(term, readable(term))
