"""Visits: how each channel brings somebody to the site, and which pages they look at."""

from __future__ import annotations

from typing import Any

from deploy.demo.story import Choices, Story
from streams.model import SECOND, Micros

SITE = "https://www.northlight.example"
CHANNELS: Choices = {
    "organic_search": 33,
    "paid_search": 21,
    "direct_traffic": 15,
    "social": 13,
    "referral": 8,
    "email": 6,
    "partner": 4,
}
# Some channels bring people who mean it; the whole comes to about one inquiry in twenty visitors.
INQUIRES = {
    "organic_search": 0.056,
    "paid_search": 0.048,
    "direct_traffic": 0.045,
    "social": 0.024,
    "referral": 0.092,
    "email": 0.065,
    "partner": 0.125,
}
_PATHS = {
    "home": ("/",),
    "product": ("/product", "/product/planning", "/product/integrations"),
    "pricing": ("/pricing",),
    "demo": ("/demo",),
    "customers": ("/customers", "/customers/cedarline"),
    "blog": ("/blog/forecasting", "/blog/erp-checklist", "/blog/lead-times", "/blog/benchmarks"),
}
_CURIOUS: Choices = {"blog": 45, "home": 22, "product": 18, "customers": 7, "pricing": 8}
_EARNEST: Choices = {"product": 35, "pricing": 27, "demo": 14, "customers": 16, "blog": 8}
_ENGINES = ("https://www.google.com/", "https://www.google.com/", "https://www.bing.com/", "https://duckduckgo.com/")
_PARTNERS = ("atlas-consulting", "brightsoft", "kontor-it")
_CAMPAIGNS = {"paid_search": ("brand", "planning-software", "competitors"), "social": ("q-report", "retargeting")}


def entry(story: Story, channel: str) -> dict[str, Any]:
    """The fields of a landing page view that tell the channel."""
    rng = story.rng
    match channel:
        case "organic_search":
            return {"referrer": rng.choice(_ENGINES)}
        case "paid_search":
            return {
                "referrer": "https://www.google.com/",
                "utm_source": "google",
                "utm_medium": "cpc",
                "utm_campaign": rng.choice(_CAMPAIGNS["paid_search"]),
                "click_id": f"gclid:{rng.getrandbits(48):012x}",
            }
        case "social":
            if story.chance(0.5):
                return {"referrer": rng.choice(("https://www.linkedin.com/", "https://www.reddit.com/"))}
            return {
                "referrer": "https://www.linkedin.com/",
                "utm_source": "linkedin",
                "utm_medium": "paid_social",
                "utm_campaign": rng.choice(_CAMPAIGNS["social"]),
                "click_id": f"li_fat_id:{rng.getrandbits(48):012x}",
            }
        case "referral":
            if story.chance(0.5):
                return {"referral_code": f"FRIEND{rng.randrange(60):02d}"}
            return {"referrer": rng.choice(("https://reviews.example/erp", "https://trade-weekly.example/tools"))}
        case "partner":
            partner = rng.choice(_PARTNERS)
            return {"referrer": f"https://{partner}.example/", "partner_code": partner}
        case "email":
            return {"utm_source": "newsletter", "utm_medium": "email", "utm_campaign": "monthly"}
    return {}


def visit(
    story: Story, at: Micros, device: str, country: str, landing: dict[str, Any], pages: int, *, earnest: bool = False
) -> tuple[str, Micros]:
    """One session; returns its id and the time of its last page."""
    session = story.new_id("s")
    choices = _EARNEST if earnest else _CURIOUS
    for number in range(pages):
        kind = story.pick(choices)
        url = SITE + story.rng.choice(_PATHS[kind])
        if number:
            at += story.within(8 * SECOND, 200 * SECOND)
            story.web(at, device, session, url=url, page_kind=kind, country=country, referrer=f"{SITE}/")
        else:
            story.web(at, device, session, url=url, page_kind=kind, country=country, **landing)
    return session, at


def page_count(story: Story, most: int) -> int:
    """Half of all sessions end on the page they began on."""
    return 1 if story.chance(0.5) else story.rng.randint(2, most)
