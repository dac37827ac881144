"""Plain words for the terms of the trade. A term that is missing here is shown as it is, readable."""

from __future__ import annotations

from typing import NamedTuple


class Kind(NamedTuple):
    """An obligation: what is wrong while it is not kept, what has to be done, and what keeps it."""

    plain: str
    owes: str
    kept_by: str


KINDS: dict[str, Kind] = {
    "capture_gap": Kind("Not in the CRM yet", "get the form into the CRM", "a CRM record for this person"),
    "unnurtured": Kind("Asked, no answer yet", "qualify, nurture or decline it", "qualification, nurture or rejection"),
    "unqualified_handover": Kind("Handed over too early", "hand over leads that meet the definition", "a ready lead"),
    "unrouted": Kind("Belongs to nobody", "give it to a person", "an owner who is a person"),
    "untouched": Kind("No one has called yet", "make the first call or write", "a first call, mail or meeting"),
    "undecided": Kind("Neither accepted nor declined", "accept or decline it", "an accept or a decline"),
    "under_attempted": Kind("Given up too early", "try at least six times", "six attempts"),
    "rejected_without_reason": Kind("Declined, nobody said why", "say why it was declined", "a reason"),
    "not_recycled": Kind("Not given back to marketing", "put it into nurture", "nurture"),
    "nurture_lapsed": Kind("Nurture went quiet", "send something useful", "a marketing touch"),
    "qualification_stall": Kind("Accepted, then nothing", "qualify or decline it", "qualification or a decline"),
    "handoff": Kind("Qualified, but no deal opened", "open the deal", "a deal"),
    "stalled_deal": Kind("Deal stands still", "move the deal on", "a next step, a win or a loss"),
    "silent_deal": Kind("Customer went quiet", "get an answer", "an answer from them"),
    "aged": Kind("Nothing for a long time", "do something, or give it back", "any activity"),
}

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
    "": ("Only a name", "imported, no response yet"),
    "visitor": ("Visitors", "came to the site"),
    "inquiry": ("Inquiries", "got in touch"),
    "mql": ("Ready for sales", "MQL"),
    "sal": ("Accepted by sales", "SAL"),
    "sql": ("Qualified by sales", "SQL"),
    "opportunity": ("Deal open", "opportunity"),
    "customer": ("Customers", "deal won"),
    "nurture": ("Nurtured", "not ready yet"),
    "rejected": ("Declined", "rejected by sales"),
    "lost": ("Deal lost", "last open deal lost"),
}

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
    "yes": "yes",
    "no": "",
}

NOT_KNOWN = "not known"


def readable(term: str) -> str:
    """`paid_search` → `Paid search`."""
    text = term.replace("_", " ").strip()
    return text[:1].upper() + text[1:]


def kind(term: str) -> str:
    return KINDS[term].plain if term in KINDS else readable(term)


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
