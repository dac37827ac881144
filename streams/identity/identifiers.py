"""From what people and systems typed to identifiers: normalised, judged by the guards, hashed.

An identifier is a string: `email:<keyed hash>`, `crm_lead:<id>` or `crm_contact:<id>`.
"""

from __future__ import annotations

import hmac
import unicodedata
from dataclasses import dataclass
from functools import lru_cache
from hashlib import blake2b
from typing import NamedTuple

from streams.model import DAY, Micros

BLOCKED_VALUES = frozenset(
    {
        "",
        "-",
        "0",
        "[objectobject]",
        "anonymous",
        "default",
        "empty",
        "false",
        "guest",
        "n/a",
        "nan",
        "nil",
        "none",
        "not_authenticated",
        "notauthenticated",
        "null",
        "true",
        "undefined",
        "unknown",
    }
)
ROLE_INBOXES = frozenset(
    {
        "abuse",
        "accounting",
        "accounts",
        "admin",
        "billing",
        "careers",
        "contact",
        "enquiries",
        "finance",
        "hello",
        "help",
        "hostmaster",
        "hr",
        "info",
        "inquiries",
        "invoice",
        "invoices",
        "it",
        "jobs",
        "kontakt",
        "mail",
        "marketing",
        "news",
        "newsletter",
        "no-reply",
        "noreply",
        "office",
        "orders",
        "postmaster",
        "press",
        "purchasing",
        "reception",
        "sales",
        "security",
        "service",
        "support",
        "team",
        "webmaster",
    }
)
FREE_MAIL = frozenset(
    {
        "126.com",
        "163.com",
        "aol.com",
        "fastmail.com",
        "free.fr",
        "gmail.com",
        "gmx.com",
        "gmx.de",
        "gmx.net",
        "googlemail.com",
        "hey.com",
        "hotmail.com",
        "icloud.com",
        "libero.it",
        "live.com",
        "mac.com",
        "mail.com",
        "mail.ru",
        "me.com",
        "msn.com",
        "orange.fr",
        "outlook.com",
        "pm.me",
        "proton.me",
        "protonmail.com",
        "qq.com",
        "t-online.de",
        "uol.com.br",
        "wanadoo.fr",
        "web.de",
        "yahoo.co.uk",
        "yahoo.com",
        "yandex.ru",
        "ymail.com",
        "zoho.com",
    }
)


_NEVER_IN_ADDRESSES = frozenset('<>()[]\\,;:"')


@dataclass(frozen=True, slots=True)
class IdentityRules:
    """The guards. Another set of them is another generation."""

    hub_neighbours: int = 50
    """K: an identifier with more distinct neighbours than this, ever, is no person; it links nobody."""
    lead_identifiers: int = 50
    """C: a component of more identifiers than this is a mistake; everyone in it is their own lead."""
    remembered_neighbours: int = 200
    """KX: how many neighbours an identifier remembers, at least any K ever used; beyond it says every link again."""
    look_back: Micros = 90 * DAY
    """How long before its first identification a device's sessions belong to that first person."""
    events_per_session: int = 500
    """Of each kind of page; a session counts no further."""
    forms_per_session: int = 10
    """Forms without an e-mail."""
    sessions_per_device: int = 200
    identifiers_per_device: int = 50
    """A device with more is a crowd: its sessions belong to nobody."""
    events_per_identifier: int = 2000
    events_per_lead: int = 2000
    """All of its identifiers have the same share of it."""
    events_per_deal: int = 500
    blocked_values: frozenset[str] = BLOCKED_VALUES
    """Lower case, without any white space. All-zero ids are blocked, too."""
    role_inboxes: frozenset[str] = ROLE_INBOXES
    """Local parts of shared mailboxes: such an address is a lead of its own and joins nobody."""
    free_mail: frozenset[str] = FREE_MAIL
    """Domains that make no account."""
    own_domains: frozenset[str] = frozenset()
    """Ours: staff is no lead. Subdomains are meant, too."""
    test_domains: frozenset[str] = frozenset({"test.com", "mailinator.com", "invalid"})

    def is_blocked(self, value: str | None) -> bool:
        """Whether a device, session or record id says nothing."""
        if not value:
            return True
        bare = "".join(value.split()).lower()
        return bare in self.blocked_values or not bare.strip("0-{}")


class Address(NamedTuple):
    """A usable e-mail address. weak: a role inbox. domain: None where it makes no account."""

    identifier: str
    weak: bool
    domain: str | None


def normalise_email(text: str) -> str | None:
    """Lower case, without spaces, what cannot be seen, a name beside it and trailing dots; plus-tags stay.

    None: this is no address.
    """
    bare = "".join(c for c in unicodedata.normalize("NFKC", text) if unicodedata.category(c)[0] not in "CZ").lower()
    if bare.endswith(">"):  # Ann Lee <ann@firm.org>
        bare = bare[bare.rfind("<") + 1 : -1]
    bare = bare.removeprefix("mailto:").strip("<>\"'").rstrip(".,;")
    if not _NEVER_IN_ADDRESSES.isdisjoint(bare):
        return None
    local, at, domain = bare.rpartition("@")
    if not at or not local or "@" in local or "." not in domain or not all(domain.split(".")):
        return None
    return bare


class Hasher:
    """Makes identifiers and lead ids. `key` is FUNNELWATCH_EMAIL_KEY: another key is another generation."""

    def __init__(self, key: bytes, rules: IdentityRules) -> None:
        self.rules = rules
        self._key = key
        self.address = lru_cache(maxsize=100_000)(self._address)
        self.lead_id = lru_cache(maxsize=100_000)(self._lead_id)

    def _address(self, text: str | None) -> Address | None:
        """None: nothing usable, i.e. empty, malformed, blocked, our own or a test domain."""
        email = normalise_email(text) if text else None
        if email is None:
            return None
        local, _, domain = email.rpartition("@")
        rules = self.rules
        if rules.is_blocked(local) or _within(domain, rules.own_domains) or _within(domain, rules.test_domains):
            return None
        weak = local.partition("+")[0] in rules.role_inboxes
        return Address(f"email:{self._hash(email)[:32]}", weak, None if domain in rules.free_mail else domain)

    def pseudonym(self, text: str) -> str:
        """The text, or what stands for it if it may hold an address."""
        if "@" not in text and "%40" not in text and "＠" not in text:
            return text
        return f"email:{self._hash(normalise_email(text.replace('%40', '@')) or text)[:32]}"

    def _lead_id(self, root: str) -> str:
        return f"L{self._hash(root)[:16]}"

    def _hash(self, text: str) -> str:
        return hmac.digest(self._key, text.encode(), "sha256").hex()

    def record(self, kind: str, record_id: str | None) -> str | None:
        """The identifier of a CRM record; kind is lead or contact. None: a blocked id."""
        if record_id is None or self.rules.is_blocked(record_id):
            return None
        return f"crm_{kind}:{record_id.strip()}"


def _within(domain: str, domains: frozenset[str]) -> bool:
    """Whether the domain is one of these or below one."""
    while domain not in domains:
        _, dot, domain = domain.partition(".")
        if not dot:
            return False
    return True


def rank(name: str) -> bytes:
    """The order by which a cap keeps the first ones: fixed for a name, and nobody's to choose."""
    return blake2b(name.encode(), digest_size=8).digest()
