"""Reference data of a company by chance."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from random import Random

from tests.measures.companies import CURRENCIES, ROLES
from tests.measures.oracle.words import Row


def reference_of(luck: Random, accounts: Sequence[str], days: Sequence[date]) -> dict[str, list[Row]]:
    """Rows by kind, as a file's lines would be read. `days`: on which something happened."""

    def period(longest: int) -> Row:
        start, end = sorted((luck.choice(days), luck.choice(days)))
        length = timedelta(luck.randrange(longest))
        return luck.choice(
            [
                {"first_day": start, "last_day": start + length},
                {"first_day": end - length, "last_day": end},
                {"first_day": start, "last_day": min(end, start + timedelta(1000))},
            ]
        )

    kinds: dict[str, list[Row]] = {"rates": [], "spend": [], "targets": [], "target_accounts": []}
    if luck.random() < 0.7:
        kinds["rates"] = [{"currency": "EUR", "valid_from": date(2015, 1, 1), "rate": 1.0}]
        for since in sorted({luck.choice(days) for _ in range(3)}):
            rate = {"currency": "USD", "valid_from": since, "rate": luck.uniform(0.7, 1.2)}
            kinds["rates"].append(rate)
    for number in range(luck.randrange(6)):
        money = {"amount": luck.choice([0.0, 100.0, 999.5]), "currency": luck.choice(CURRENCIES)}
        channel = luck.choice(["paid_search", "email", "direct_traffic", "event", "tv"])
        kinds["spend"].append({**period(90), "channel": channel, "campaign": f"c{number}", **money})
    for number in range(luck.randrange(9)):
        kinds["targets"].append(
            {
                **period(92),
                "region": luck.choice(["", "", "", "dach"]),
                "industry": luck.choice(["", "", "", "it"]),
                "stage": luck.choice(["", "mql", "mql", "mql", "inquiry", "opportunity"]),
                "origin": luck.choice(["", "", "marketing", "sales"]),
                "leads": 1 + number,  # so that no two are alike
            }
        )
    for account in luck.sample(accounts, min(len(accounts), luck.randrange(4))):
        sizes: list[int | None] = luck.choice([[None], [5], [None, 7]])
        names: list[str] = luck.choice([[""], [f"{account} Ltd"], ["", "Kestrel"]])
        for division in luck.sample(["", "IT", "Sales"], luck.randint(1, 3)):
            for role in luck.sample(["", *ROLES], luck.randint(1, 3)):
                line = {"account": account, "name": luck.choice(names), "division": division, "committee_role": role}
                kinds["target_accounts"].append({**line, "committee_size": luck.choice(sizes)})
    return {kind: [{"file": kind, "line": line, **row} for line, row in enumerate(of, 2)] for kind, of in kinds.items()}
