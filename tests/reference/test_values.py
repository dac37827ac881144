from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from streams.reference import values
from streams.sources.values import BadValue

AMOUNTS = {
    "0": 0,
    "1234": 1234,
    "1234.5": 1234.5,
    "1234,50": 1234.5,
    "12.34": 12.34,
    "12,34": 12.34,
    "1,234.50": 1234.5,
    "1.234,50": 1234.5,
    "1,234,567": 1234567,
    "1.234.567": 1234567,
    "1.234.567,8": 1234567.8,
    "1 234,50": 1234.5,
    "1\u202f234\u00a0567": 1234567,
    "1'234.50": 1234.5,
    "0,125": 0.125,
    "12345.678": 12345.678,
}
NO_AMOUNTS = {
    "1,234": "'1,234' may be 1234 or 1.234; write 1234.00 or 1.2340",
    "12.500": "'12.500' may be 12500 or 12.500; write 12500.00 or 12.5000",
    "€ 12": "is no number; write it like 1234.50, without currency",
    "12 EUR": "is no number",
    "(12.00)": "is no number",
    "-12.00": "is below 0; write a number from 0",
    "1e5": "is no number",
    "1_000": "is no number",
    "nan": "is no number",
    "inf": "is no number",
    "12..5": "is no number",
    "1,23,456": "is no number",
    "12,345,67": "is no number",
    "1 23": "is no number",
    "١٢": "is no number",
    "12.": "is no number",
    "9999999999999999": "more than 15 digits",
}


@pytest.mark.parametrize(("text", "meant"), AMOUNTS.items())
def test_an_amount_in_any_usual_spelling(text: str, meant: float) -> None:
    assert values.money(text) == meant


@pytest.mark.parametrize(("text", "said"), NO_AMOUNTS.items())
def test_what_is_no_amount_or_may_be_two(text: str, said: str) -> None:
    with pytest.raises(BadValue) as error:
        values.money(text)
    assert said in str(error.value)


SPELLINGS = [(",", "."), (".", ","), (" ", ","), ("'", "."), ("", "."), ("", ",")]


@given(cents=st.integers(0, 10**14), spelling=st.sampled_from(SPELLINGS))
def test_an_amount_with_cents_comes_back_whatever_parts_it(cents: int, spelling: tuple[str, str]) -> None:
    thousands, decimal = spelling
    text = f"{cents // 100:,}".replace(",", thousands) + f"{decimal}{cents % 100:02}"
    assert values.money(text) == cents / 100


@pytest.mark.parametrize(
    ("text", "mark", "meant"),
    [("1.085", ".", 1.085), ("1,085", ",", 1.085), ("0,9312", ".", 0.9312), ("17500", "", 17500)],
)
def test_a_rate_with_three_decimals_is_read_by_the_mark_of_its_file(text: str, mark: str, meant: float) -> None:
    assert values.rate(text, mark) == meant


@pytest.mark.parametrize(
    ("text", "mark"), [("1.085", ","), ("1,085", "."), ("1.085", ""), ("0", "."), ("0,00", ","), ("x", "")]
)
def test_a_rate_that_may_be_two_or_is_none(text: str, mark: str) -> None:
    with pytest.raises(BadValue, match="write"):
        values.rate(text, mark)


def test_a_count_is_whole() -> None:
    assert [values.whole(text) for text in ("7", "1,200", "1.200", "12.0", "12,00", "1 200")] == [
        7,
        1200,
        1200,
        12,
        12,
        1200,
    ]
    for text in ("0", "0.0", "12.5", "-3", "many", "1000000000"):
        with pytest.raises(BadValue, match="write"):
            values.whole(text)


def test_a_currency_is_three_capital_letters() -> None:
    assert values.currency("EUR") == "EUR"
    for text, hint in {
        "eur": "write EUR",
        "€": "write EUR",
        "$": "USD, or whose",
        "EURO": "three capital letters",
    }.items():
        with pytest.raises(BadValue, match=hint):
            values.currency(text)


def test_days_months_and_quarters() -> None:
    assert values.day("2026-03-31") == values.day("31.3.2026") == values.day("31.03.2026") == date(2026, 3, 31)
    assert values.month("2028-02") == (date(2028, 2, 1), date(2028, 2, 29))
    assert values.quarter("2026-Q4") == values.quarter("2026 q4") == (date(2026, 10, 1), date(2026, 12, 31))


@pytest.mark.parametrize(
    "text", ["03/04/2026", "2026-3-1", "2026-02-30", "31.06.2026", "20260331", "2026-03", "1926-03-31", "2926-03-31"]
)
def test_what_is_no_day(text: str) -> None:
    with pytest.raises(BadValue, match=r"write (it like 2026-03-31|a year)"):
        values.day(text)


@pytest.mark.parametrize("text", ["2026-13", "2026-00", "Mar-26", "03.2026", "2026-3", "2026-03-01", "0001-01"])
def test_what_is_no_month(text: str) -> None:
    with pytest.raises(BadValue, match=r"write (it like 2026-03|a year)"):
        values.month(text)


@pytest.mark.parametrize("text", ["2026-Q5", "Q1 2026", "2026-1", "2026-Q0"])
def test_what_is_no_quarter(text: str) -> None:
    with pytest.raises(BadValue, match="write it like 2026-Q1"):
        values.quarter(text)


@given(st.dates(date(1970, 1, 1), date(2090, 1, 1)), st.integers(0, 3000))
def test_the_months_of_a_span_are_those_of_its_days(first: date, length: int) -> None:
    last = date.fromordinal(first.toordinal() + length)
    days = (date.fromordinal(number) for number in range(first.toordinal(), last.toordinal() + 1))
    assert list(values.months_between(first, last)) == list(dict.fromkeys(day.replace(day=1) for day in days))
