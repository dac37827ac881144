"""What no event says of the simulated company, as the files that its people would load."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from deploy.demo.deals import ROLES
from deploy.demo.people import COMPANIES, LARGE, company
from deploy.demo.story import World
from deploy.demo.team import EVA, OPS, REPS
from streams.reference import KindName
from streams.reference.values import months_between

_TARGET_ACCOUNTS = 12
_SPEND = (  # channel, campaign, currency, an average month
    ("paid_search", "brand", "EUR", 2100),
    ("paid_search", "planning-software", "EUR", 6800),
    ("paid_search", "competitors", "EUR", 3200),
    ("social", "q-report", "EUR", 1900),
    ("social", "retargeting", "USD", 1300),
    ("organic_search", "", "EUR", 2400),
    ("referral", "", "EUR", 600),
    ("email", "nurture-basics", "EUR", 450),
    ("partner", "", "GBP", 1500),
    ("event", "fairs", "EUR", 5200),
)
_TARGETS = (("inquiry", "", "", 120), ("mql", "", "", 60), ("mql", "dach", "", 24), ("sql", "", "sales", 8))
_ABROAD = {"USD": 0.92, "GBP": 1.17}


def files(seed: int, first: date, last: date) -> Iterator[tuple[KindName, str]]:
    """Kind and CSV for each month that has days from `first` to `last`."""
    world = World(seed)
    months = list(months_between(first, last))
    yield "users", _csv("user_id,name,department,role,calendar", _users())
    yield "rates", _csv("currency,from,rate", _rates(world, months))
    yield "spend", _csv("month,channel,campaign,amount,currency", _spend(world, months))
    yield "targets", _csv("month,stage,region,origin,leads", _targets(months))
    yield "target_accounts", _csv("account,name,division,committee_role", _target_accounts(world))


def _users() -> Iterator[str]:
    for rep in REPS:
        yield f"{rep.id},{rep.id.title()},sales,account executive,central_europe"
    yield f"{EVA.id},{EVA.id.title()},sales,business development,central_europe"
    yield f"{OPS},Olga,operations,revenue operations,central_europe"
    yield "mara.marketing,Mara,marketing,demand generation,central_europe"


def _rates(world: World, months: list[date]) -> Iterator[str]:
    yield f"EUR,{months[0]},1"
    for currency, usual in _ABROAD.items():
        for month in months:
            yield f"{currency},{month},{usual * world.rng(currency, month).uniform(0.97, 1.03):.4f}"


def _spend(world: World, months: list[date]) -> Iterator[str]:
    for month in months:
        for channel, campaign, currency, usual in _SPEND:
            amount = usual * world.rng("spend", month, channel, campaign).uniform(0.8, 1.2)
            yield f"{month:%Y-%m},{channel},{campaign},{amount:.2f},{currency}"


def _targets(months: list[date]) -> Iterator[str]:
    for month in months:
        for stage, region, origin, leads in _TARGETS:
            yield f"{month:%Y-%m},{stage},{region},{origin},{leads}"


def _target_accounts(world: World) -> Iterator[str]:
    rng = world.rng("target accounts")
    large = [one for one in map(company, range(COMPANIES)) if one.employees >= LARGE]
    for account in rng.sample(large, _TARGET_ACCOUNTS):
        for division in ("Operations", "IT"):
            for role in ROLES:
                yield f"{account.account_id},{account.name},{division},{role}"


def _csv(header: str, lines: Iterator[str]) -> str:
    return "\n".join([header, *lines, ""])
