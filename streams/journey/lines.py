"""One readable line for an event, without personal data: no names, addresses, or query strings."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from urllib.parse import urlsplit

from streams.journey.history import Seen
from streams.model import Value

Facts = Mapping[str, Value]


def line_of(seen: Seen, channel: str = "") -> str:
    """`channel`: of the touch that the event is, '' if it is none."""
    facts = seen.facts
    write = _LINES.get(seen.event.type)
    text = write(facts) if write else seen.event.type.replace("_", " ") + _of(facts, "{}", "record_kind")
    if channel and seen.event.type in ("session", "form_submitted", "campaign_response"):
        text += f", by {channel.replace('_', ' ')}"
    if status := facts.get("status"):
        text += f", status {status}"
    return text


def path_of(url: str) -> str:
    """Host and path of a URL: what follows may hold an address."""
    try:
        parts = urlsplit(url)
        return (parts.hostname or "") + parts.path
    except ValueError:
        return ""


def _of(facts: Facts, text: str, *names: str) -> str:
    """' ' + text with the named facts, '' if one is missing."""
    values = [facts.get(name) for name in names]
    return " " + text.format(*values) if all(value not in (None, "") for value in values) else ""


def _session(facts: Facts) -> str:
    pages = facts.get("pages", 1)
    text = f"visit of {pages} page{'' if pages == 1 else 's'}"
    if landing := path_of(str(facts.get("url", ""))):
        text += f", landing on {landing}"
    looked = [name for name in ("pricing", "demo") if facts.get(f"{name}_pages")]
    return text + (f", looked at {' and '.join(looked)}" if looked else "")


def _activity(facts: Facts) -> str:
    human = "" if facts.get("activity_human") else "automatic "
    direction = str(facts.get("activity_direction", "")).replace("_", "-")
    text = f"{direction} {human}{facts.get('activity_kind')}".strip()
    return text + _of(facts, "by {}", "actor_id") + _of(facts, "({})", "activity_outcome")


def _deal(what: str) -> Callable[[Facts], str]:
    def line(facts: Facts) -> str:
        text = f"deal {what}" + _of(facts, "of {} {}", "amount", "currency")
        if what in ("made", "moved"):
            return text + _of(facts, "at stage {}", "stage")
        return text + _of(facts, "because: {}", "reason")

    return line


_LINES: dict[str, Callable[[Facts], str]] = {
    "session": _session,
    "form_submitted": lambda facts: f"form {facts.get('form_kind', '')}" + _of(facts, "({})", "campaign"),
    "campaign_response": lambda facts: "response to a campaign" + _of(facts, "({})", "campaign"),
    "marketing_email": lambda facts: (
        "marketing e-mail" + _of(facts, "{}", "email_action") + _of(facts, "({})", "campaign")
    ),
    "activity_logged": _activity,
    "assigned": lambda facts: "assigned" + _of(facts, "to {}", "owner_id") + _of(facts, "({})", "owner_kind"),
    "rejected": lambda facts: "rejected" + (_of(facts, "because: {}", "reason") or ", no reason given"),
    "recycled": lambda facts: "sent back to marketing" + _of(facts, "because: {}", "reason"),
    "converted": lambda facts: "converted into contact" + _of(facts, "{}", "contact_id"),
    "opportunity_created": _deal("made"),
    "opportunity_stage_changed": _deal("moved"),
    "opportunity_won": _deal("won"),
    "opportunity_lost": _deal("lost"),
}
