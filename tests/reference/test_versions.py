"""What a load replaces, on the real engine; and that no order of loads matters but of those for the same months."""

from __future__ import annotations

import random
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from deploy.cli.errors import Failure
from deploy.reference import load
from deploy.settings import Settings
from sinks.client import SinkError
from sinks.reference import write
from streams.reference.values import months_between
from tests.reference.loading import Company
from tests.support.clickhouse import running_clickhouse

pytestmark = pytest.mark.slow
SPEND = "channel,campaign,month,from,to,amount,currency"
SHOWN = "SELECT channel, first_day, amount FROM boards.spend ORDER BY ALL"
MARCH, APRIL = date(2026, 3, 1), date(2026, 4, 1)


def spend(month: str, **amounts: int) -> list[str]:
    return [SPEND, *(f"{channel},,{month},,,{amount},EUR" for channel, amount in amounts.items())]


def test_spend_replaces_its_months_and_no_other(company: Company, capsys: pytest.CaptureFixture[str]) -> None:
    company.load("spend", *spend("2026-03", email=10, display=20), "event,,2026-04,,,30,EUR")
    capsys.readouterr()
    company.load("spend", *spend("2026-03", email=11), name="corrected.csv")
    assert company.ask(SHOWN) == [("email", MARCH, 11), ("event", APRIL, 30)]
    first, last = capsys.readouterr().out.splitlines()
    hint = "gone: display (to keep that, load its file together with these)"
    assert first == f"2026-03: 1 rows in place of 2; {hint}"
    assert last.startswith("1 rows of spend stand in ClickHouse as version ")


def test_days_within_a_month_are_replaced_with_it(company: Company) -> None:
    company.load("spend", SPEND, "email,,,2026-03-10,2026-03-20,5,EUR", "email,,,2026-03-21,2026-04-02,6,EUR")
    company.load("spend", *spend("2026-03", email=10), "email,,2026-04,,,11,EUR")
    assert company.ask(SHOWN) == [("email", MARCH, 10), ("email", APRIL, 11)]
    company.load("targets", "from,to,leads", "2026-03-10,2026-03-20,5")
    company.load("targets", "month,leads", "2026-03,6")
    assert company.ask("SELECT leads FROM boards.targets") == [(6,)]


def test_a_dry_run_says_the_same_and_changes_nothing(company: Company, capsys: pytest.CaptureFixture[str]) -> None:
    company.load("spend", *spend("2026-03", email=10))
    before = company.views()
    capsys.readouterr()
    company.load("spend", *spend("2026-03", email=11), dry_run=True)
    assert capsys.readouterr().out == "2026-03: 1 rows in place of 1\ndry run: nothing was loaded\n"
    assert company.views() == before
    assert len(company.ask("SELECT * FROM facts.spend")) == 1


def test_lists_are_replaced_as_a_whole(company: Company, capsys: pytest.CaptureFixture[str]) -> None:
    for names in (["u1", "u2"], ["u3"]):
        company.load("users", "user_id,department", *(f"{name},sales" for name in names))
        company.load("target_accounts", "account", *names)
    company.load("rates", "currency,from,rate", "EUR,2026-01-01,1", "USD,2026-01-01,0.9")
    company.load("rates", "currency,from,rate", "USD,2026-01-01,1")
    assert company.ask("SELECT user_id FROM boards.users") == [("u3",)]
    assert company.ask("SELECT account FROM boards.target_accounts") == [("u3",)]
    assert company.ask("SELECT currency, reporting_currency FROM boards.rates") == [("USD", "USD")]
    assert "users: 1 rows in place of 2" in capsys.readouterr().out


def test_what_was_loaded_stays_and_is_named(company: Company) -> None:
    company.load("spend", *spend("2026-03", email=10), "email,,2026-04,,,10,EUR", name="old.csv")
    company.load("spend", *spend("2026-03", email=11), name="new.csv")
    company.load("spend", *spend("2026-04", email=12), name="newer.csv")
    company.load("users", "user_id,department", "u1,sales")
    loads = company.ask("SELECT file, kind, rows, months, replaced, in_force FROM boards.loads ORDER BY version")
    assert loads == [
        ("old.csv", "spend", 2, [MARCH, APRIL], [MARCH, APRIL], 0),
        ("new.csv", "spend", 1, [MARCH], [], 1),
        ("newer.csv", "spend", 1, [APRIL], [], 1),
        ("users.csv", "users", 1, [], [], 1),
    ]
    assert company.ask("SELECT amount FROM facts.spend WHERE file = 'old.csv'") == [(10.0,), (10.0,)]
    assert company.ask("SELECT dateDiff('minute', max(loaded_at), now()), any(loaded_by) FROM boards.loads") == [
        (0, "me")
    ]


def test_a_line_that_reaches_beyond_the_months_of_a_load_is_not_torn(
    company: Company, capsys: pytest.CaptureFixture[str]
) -> None:
    company.load("targets", "quarter,leads", "2026-Q1,300")
    with pytest.raises(Failure, match="1 lines that were loaded before reach beyond the months of these files"):
        company.load("targets", "month,leads", "2026-02,100")
    assert capsys.readouterr().err == (
        "targets.csv:2: is for 2026-01-01 to 2026-03-31; these files have nothing for 2026-01, 2026-03\n"
    )
    company.load("targets", "month,leads", "2026-01,90", "2026-02,100", "2026-03,110")
    assert company.ask("SELECT first_day, leads FROM boards.targets ORDER BY ALL") == [
        (date(2026, 1, 1), 90),
        (date(2026, 2, 1), 100),
        (date(2026, 3, 1), 110),
    ]


def test_two_loads_at_once_never_count_twice(company: Company) -> None:
    """Neither saw the other, so that check did not help: what the newer has months of is the newer's."""
    company.load("targets", "quarter,leads", "2026-Q1,300")
    row = {"first_day": APRIL, "last_day": date(2026, 5, 31), "leads": 9, "file": "x.csv", "line": 2}
    words = dict.fromkeys(("region", "industry", "stage", "origin"), "")
    write(company.client, "targets", [row | words], [APRIL, date(2026, 5, 1)], "me")
    row |= {"first_day": MARCH, "last_day": date(2026, 4, 30), "leads": 7}
    write(company.client, "targets", [row | words], [MARCH, APRIL], "me")
    assert company.ask("SELECT leads FROM boards.targets") == [(7,)]


def test_rows_whose_load_did_not_end_do_not_count(company: Company) -> None:
    company.load("spend", *spend("2026-03", email=10))
    before = company.views()
    company.client.command(
        "INSERT INTO facts.spend (version, row, first_day, last_day, channel, amount, currency)"
        " VALUES (9999999999999999, 0, '2026-03-01', '2026-03-31', 'email', 99, 'EUR')"
    )
    assert company.views() == before


def test_rows_that_arrive_twice_count_once(company: Company) -> None:
    company.load("spend", *spend("2026-03", email=10))
    company.load("users", "user_id,department", "u1,sales")
    before = company.views()
    for table in ("spend", "users", "loads"):
        company.client.command(f"INSERT INTO facts.{table} SELECT * FROM facts.{table}")
    assert company.views() == before


def test_a_newer_load_counts_though_the_clock_was_put_back(company: Company) -> None:
    company.load("spend", *spend("2026-03", email=10))
    company.client.command("INSERT INTO facts.loads (version, kind) VALUES (4000000000000000, 'users')")
    company.load("spend", *spend("2026-03", email=11))
    assert company.ask("SELECT max(version) FROM facts.loads") == [(4000000000000001,)]
    assert company.ask(SHOWN) == [("email", MARCH, 11)]


def test_a_file_with_a_mistake_changes_nothing(company: Company, capsys: pytest.CaptureFixture[str]) -> None:
    company.load("spend", *spend("2026-03", email=10))
    before = company.views()
    capsys.readouterr()
    wrong = [f"email,{number},2026-03,,,many,EUR" for number in range(25)]
    with pytest.raises(Failure, match="25 mistakes: nothing was loaded, as reference data is loaded as a whole"):
        company.load("spend", *spend("2026-03", email=11), *wrong)
    said = capsys.readouterr().err.splitlines()
    assert len(said) == 21
    assert said[0] == "spend.csv:3: amount: 'many' is no number; write it like 1234.50, without currency or other signs"
    assert said[-1] == "and 5 more"
    assert company.views() == before


def test_a_clickhouse_without_the_tables_says_how_to_make_them(tmp_path: Path) -> None:
    with running_clickhouse(tmp_path / "empty", migrated=False) as server:
        (tmp_path / "users.csv").write_text("user_id,department\nu1,sales\n")
        with pytest.raises(SinkError, match="users: its tables are missing; funnelwatch migrate makes them"):
            load(Settings(clickhouse_url=server.url), "users", [tmp_path / "users.csv"], "me", dry_run=False)


# A load is some months (numbers from 0) and what each channel got in them.
CHANNELS = ("email", "display", "event")
LOADS = st.lists(
    st.dictionaries(
        st.integers(0, 4), st.dictionaries(st.sampled_from(CHANNELS), st.integers(0, 9), min_size=1), min_size=1
    ),
    min_size=1,
    max_size=4,
)
MONTHS = list(months_between(date(2026, 1, 1), date(2026, 5, 31)))
SOME = settings(
    max_examples=8,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
Load = dict[int, dict[str, int]]


def lines(one: Load) -> Iterator[str]:
    yield SPEND
    for month, amounts in one.items():
        for channel, amount in amounts.items():
            yield f"{channel},,{MONTHS[month]:%Y-%m},,,{amount},EUR"


@SOME
@given(loads=LOADS)
def test_boards_show_what_was_loaded_last_for_each_month(loads: list[Load], company: Company) -> None:
    forget(company)
    last: Load = {}
    for one in loads:
        company.load("spend", *lines(one))
        last |= one
    expected = [(channel, MONTHS[month], amount) for month, each in last.items() for channel, amount in each.items()]
    assert company.ask(SHOWN) == sorted(expected)
    total = company.ask("SELECT sum(amount), count() FROM boards.spend_daily")[0]
    days = {0: 31, 1: 28, 2: 31, 3: 30, 4: 31}
    assert total == (
        pytest.approx(sum(amount for _, _, amount in expected)),
        sum(days[month] * len(each) for month, each in last.items()),
    )


@SOME
@given(one=LOADS.map(lambda loads: loads[0]), seed=st.integers(0, 999))
def test_loads_for_different_months_come_in_any_order_and_again(one: Load, seed: int, company: Company) -> None:
    parts = [(f"{month}.csv", list(lines({month: amounts}))) for month, amounts in one.items()]
    luck, shown = random.Random(seed), []
    for _ in range(2):
        forget(company)
        luck.shuffle(parts)
        for name, text in parts:
            company.load("spend", *text, name=name)
        shown.append(company.views("spend spend_daily"))
        name, text = luck.choice(parts)
        company.load("spend", *text, name=name)
        shown.append(company.views("spend spend_daily"))
    assert shown == [shown[0]] * 4


def forget(company: Company) -> None:
    for table in ("loads", "spend"):
        company.client.command(f"TRUNCATE TABLE facts.{table}")
