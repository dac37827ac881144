"""The boards of alignment and accounts say what the measures say: their numbers are those of the measures' views."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

import pytest
from starlette.testclient import TestClient

from dashboards.boards import BOARDS
from dashboards.lists import LISTS
from dashboards.macros import PERIODS, Scope
from dashboards.model import MINIMUM, Field, Panel
from dashboards.viewer import format as say
from dashboards.viewer.app import create_app
from dashboards.viewer.look import Look
from dashboards.viewer.panels import Painter
from dashboards.viewer.reader import Reader, Result, Row, ask_named
from sinks.reader import BoardsReader

ALL_TIME = Scope(PERIODS["all"])
PANELS = {(uid, panel.id): panel for uid, board in BOARDS.items() for panel in board.panels}
MEASURES = (
    "closed_loop", "marketing_share", "leak_rate", "lead_fate", "quantity", "quality", "handover_quality",
    "who_was_right", "response", "cherry_picking", "regretted_rejection", "recycling", "nurture_effect",
    "handover_age", "cost_per_step", "origin_compare", "size_mix", "prospecting", "coverage", "money_at_risk",
)  # fmt: skip


def rows(reader: BoardsReader, sql: str) -> list[Row]:
    result = reader.query(sql)
    return [dict(zip(result.columns, row, strict=True)) for row in result.rows]


def same(panel: Sequence[Row], view: Sequence[Row], keys: tuple[str, ...], names: Mapping[str, str]) -> None:
    """`names`: a column of the panel → of the view."""
    assert panel
    shown = {tuple(row[k] for k in keys): [_known(row[name]) for name in names] for row in panel}
    meant = {tuple(row[k] for k in keys): [_known(row[name]) for name in names.values()] for row in view}
    assert shown.keys() == meant.keys()
    for key, values in shown.items():
        assert values == pytest.approx(meant[key], rel=1e-9), key


def _known(value: float | None) -> float:
    return -1e9 if value is None else value


def test_response_is_that_of_the_measure(company: BoardsReader) -> None:
    view = [
        row | {name: value / 60 for name, value in row.items() if name.endswith("_s") and value is not None}
        for row in rows(company, "SELECT * FROM boards.response")
    ]
    names = {"waited": "n", "never": "never", "median_minutes": "median_s", "p90_minutes": "p90_s",
             "median_office": "median_office_s", "p90_office": "p90_office_s"}  # fmt: skip
    owners = [row for row in view if row["grain"] == "owner"]
    same(ask_named(company, "response_by_owner", ALL_TIME), owners, ("owner",), names)
    everybody = [row for row in view if row["grain"] == "all"]
    same(ask_named(company, "response", ALL_TIME), everybody, (), names)


def test_cherry_picking_is_that_of_the_measure(company: BoardsReader) -> None:
    names = {"given": "load", "never": "never", "hot_n": "hot_n", "hot_touched": "hot_touched", "rest_n": "rest_n",
             "rest_touched": "rest_touched", "hot_rate": "hot_share", "rest_rate": "rest_share", "gap": "gap",
             "never_rate": "never_share"}  # fmt: skip
    panel = ask_named(company, "cherry_picking", ALL_TIME)
    same(panel, rows(company, "SELECT * FROM boards.cherry_picking"), ("owner",), names)
    assert {row["gap"] is None for row in panel} == {True, False}, "some have enough of both bands, some have not"


def test_age_at_handover_is_that_of_the_measure(company: BoardsReader) -> None:
    view = rows(company, "SELECT *, median_days * 1440 AS age, median_inbound_days * 1440 AS inbound FROM"
                         " boards.handover_age")  # fmt: skip
    names = {"given": "n", "with_start": "with_start", "older": "older", "older_rate": "older_share",
             "median_age": "age", "median_inbound": "inbound"}  # fmt: skip
    same(ask_named(company, "handover_age", ALL_TIME), view, (), names)


def test_costs_are_those_of_the_measure(company: BoardsReader) -> None:
    view = rows(company, "SELECT * FROM boards.cost_per_step WHERE spend > 0")
    names = {"spend": "spend", "leads": "leads", "customers": "customers", "per_customer": "cost_per_customer",
             "per_opportunity": "cost_per_opportunity", "per_lead": "cost_per_lead"}  # fmt: skip
    panel = ask_named(company, "cost_per_step", ALL_TIME)
    same([row for row in panel if row["spend"] is not None], view, ("channel",), names)
    costs = [row["per_customer"] for row in panel if row["per_customer"] is not None]
    assert costs == sorted(costs)
    assert len(costs) > 1
    assert any(row["spend_problem"] == "none loaded" for row in panel), "what nobody spent is not free"
    assert any(row["spend"] and not row["customers"] for row in panel), "spend without sales is kept"


def test_origins_are_compared_as_in_the_measure(company: BoardsReader) -> None:
    names = {"deals": "deals", "won": "won", "rate": "win_rate", "amount": "mean_amount", "days": "median_days"}
    view = rows(company, "SELECT * FROM boards.origin_compare")
    same(ask_named(company, "origin_compare", ALL_TIME), view, ("origin",), names)


def test_prospecting_and_sizes_are_those_of_the_measures(company: BoardsReader) -> None:
    sums = (
        "SELECT owner, sumIf(opportunities, generated_by = 'sales') AS own, sumIf(p.customers, generated_by = 'sales')"
        " AS own_customers, sum(opportunities) AS all FROM boards.prospecting AS p GROUP BY owner"
    )
    names = {"own_deals": "own", "own_customers": "own_customers", "deals": "all"}
    same(ask_named(company, "prospecting", ALL_TIME), rows(company, sums), ("owner",), names)
    sums = (
        "SELECT size_band, sumIf(leads, origin IN ('marketing', 'direct')) AS inbound, sumIf(s.customers,"
        " origin IN ('marketing', 'direct')) AS inbound_customers, sumIf(leads, origin = 'sales') AS outbound"
        " FROM boards.size_mix AS s GROUP BY size_band"
    )
    names = {name: name for name in ("inbound", "inbound_customers", "outbound")}
    same(ask_named(company, "size_mix", ALL_TIME), rows(company, sums), ("size_band",), names)


def test_the_worth_of_leaking_leads_is_that_of_the_measure(company: BoardsReader) -> None:
    panel = ask_named(company, "money_at_risk", Scope())[0]
    view = rows(company, "SELECT sum(amount) AS amount, count() AS leads, countIf(basis = 'deal') AS deals FROM"
                         " boards.money_at_risk WHERE currency = 'EUR'")[0]  # fmt: skip
    assert panel["currency"] == "EUR"
    assert panel["amount"] == pytest.approx(view["amount"])
    assert panel["amount"] == pytest.approx(panel["deal_amount"] + panel["estimate_amount"])
    assert (panel["leads"], panel["deals"]) == (view["leads"], view["deals"])
    assert panel["leads"] == ask_named(company, "leaking_now", Scope())[0]["leads"]


def test_every_leak_has_one_verdict(company: BoardsReader) -> None:
    verdicts = ask_named(company, "verdicts", Scope())
    leaking = ask_named(company, "leaking_now", Scope())[0]
    assert sum(row["promises"] for row in verdicts) == leaking["obligations"]
    assert {row["verdict"] for row in verdicts} <= {"data", "operations", "marketing", "sales"}
    assert len(verdicts) > 2


def test_the_claim_gap_is_from_the_nearest_of_what_can_be(company: BoardsReader) -> None:
    for row in ask_named(company, "claim_gaps", ALL_TIME):
        n = row["units"]
        low, high, claim = row["by_marketing"] / n, row["at_most"] / n, row["marketing_says"] / n
        assert n >= MINIMUM
        assert row["marketing_gap"] == pytest.approx(max(0, claim - high) + min(0, claim - low))
        assert row["dispute"] == pytest.approx((row["marketing_says"] - row["sales_says"]) / n)


def test_each_ready_lead_has_one_fate(company: BoardsReader) -> None:
    fates = ask_named(company, "lead_fate", ALL_TIME)
    mature = company.query(
        "SELECT count() FROM boards.mql_units_as_of(at = funnel_now())"
        " WHERE entered_at <= funnel_now() - INTERVAL 90 DAY"
    ).rows[0][0]
    assert sum(row["mqls"] for row in fates) == mature > MINIMUM
    assert {row["of_all"] for row in fates} == {mature}
    assert any(row["became"].startswith("declined: ") for row in fates)


def test_what_the_crm_cannot_show_is_never_whole(company: BoardsReader) -> None:
    hidden = {row["kind"] for row in ask_named(company, "not_measured", Scope())}
    assert hidden == {row["kind"] for row in rows(company, "SELECT kind FROM boards.measured WHERE NOT measured")}
    assert hidden, "in this company nobody ever says a reason"
    assert not hidden & {row["kind"] for row in ask_named(company, "leak_rate_over_time", ALL_TIME)}
    for row in ask_named(company, "obligations_by_kind", ALL_TIME):
        assert (row["met"] is None) == (row["kind"] in hidden)
    page = client(company).get("/boards/funnelwatch-leakage/panels/not-measured").text
    assert "nothing that could meet it was ever seen" in page


def test_no_rate_of_few_on_the_new_boards(company: BoardsReader) -> None:
    seen = set()
    for panel in PANELS.values():
        shares = [
            f for f in panel.fields if f.unit == "share" and f.of and f.of not in ("target_to_date", "committee_size")
        ]
        for row in ask_named(company, panel.query, Scope(PERIODS["90d"])) if shares else []:
            for field in shares:
                if row[field.of] < MINIMUM:
                    assert row[field.name] is None, (panel.id, field.name, row)
                    seen.add(panel.id)
    assert len(seen) > 5


def test_every_measure_stands_on_a_board() -> None:
    """By its panel: the same name with hyphens, or the ones named here."""
    elsewhere = {"closed_loop": "steps", "marketing_share": "claim-gaps", "quantity": "targets"}
    shown = {panel.id for panel in PANELS.values()}
    assert {elsewhere.get(name, name.replace("_", "-")) for name in MEASURES} <= shown


def linked(panel: Panel) -> list[Field]:
    return [field for field in panel.fields if field.link]


def test_every_linked_number_counts_somebody_somewhere(company: BoardsReader) -> None:
    """Else nothing would compare it with its list."""
    empty = [
        (panel.id, field.name)
        for panel in PANELS.values()
        for found in [ask_named(company, panel.query, Scope(PERIODS["90d"]))]
        for field in linked(panel)
        if not any(row[field.hits or field.name] for row in found)
    ]
    assert empty == []


def client(reader: Reader) -> TestClient:
    return TestClient(create_app(reader), base_url="http://localhost", follow_redirects=False)


class Without:
    """Finds nothing where `word` is asked for."""

    def __init__(self, reader: Reader, word: str) -> None:
        self._reader, self._word = reader, word

    def query(self, sql: str, parameters: Mapping[str, Any] | None = None) -> Result:
        text = f"SELECT * FROM ({sql}) AS of WHERE 1 = 0" if self._word in sql else sql
        return self._reader.query(text, parameters)


@pytest.mark.parametrize(
    ("board", "panel", "word", "said"),
    [
        ("alignment", "targets", "boards.quantity", "funnelwatch load targets.csv --as targets"),
        ("accounts", "coverage", "boards.coverage", "funnelwatch load target_accounts.csv --as target_accounts"),
        ("closed-loop", "cost-per-step", "boards.spend_daily", "funnelwatch load spend.csv --as spend"),
    ],
)
def test_what_is_not_loaded_is_said_with_what_to_do(
    board: str, panel: str, word: str, said: str, company: BoardsReader
) -> None:
    path = f"/boards/funnelwatch-{board}/panels/{panel}"
    assert said not in client(company).get(path).text
    assert said in client(Without(company, word)).get(path).text


@pytest.mark.parametrize(("uid", "panel"), [key for key, panel in PANELS.items() if panel.untold])
def test_what_a_measure_cannot_tell_is_said(uid: str, panel: str, company: BoardsReader) -> None:
    untold = PANELS[uid, panel].untold
    for variable, value in (("channel", "paid_search"), ("owner", "Ana Silva"), ("region", "DACH")):
        text = client(company).get(f"/boards/{uid}/panels/{panel}", params={variable: value}).text
        assert (f"This cannot be told by {variable}." in text) == (variable in untold)


def test_nothing_is_red_or_green_about_a_department() -> None:
    for panel in BOARDS["funnelwatch-alignment"].panels:
        assert not panel.thresholds
        assert {field.tone for field in panel.fields} <= {"plain"}


def test_too_few_is_said_with_the_counts(company: BoardsReader) -> None:
    page = client(company).get("/boards/funnelwatch-alignment/panels/dispute", params={"period": "24h"}).text
    assert "Too few to say; " in page
    assert " won deal" in page


@pytest.mark.parametrize(
    ("value", "said"),
    [(0.154, "+15 points"), (-0.011, "\u22121 point"), (0.001, "0 points"), (None, "–")],
)
def test_a_difference_of_shares_is_in_points(value: float | None, said: str) -> None:
    assert say.points(value) == said


def test_a_day_and_a_cost_are_said_in_words() -> None:
    assert say.plain("day", date(2026, 5, 1), {}) == "1 May 2026"
    field = Field("per_sale", "customer", "money", of="customers")
    cell = Painter(Look()).cell(field, {"per_sale": 1200.4, "customers": 12, "currency": "EUR"})
    assert (cell.text, cell.sub) == ("€1\u202f200", "each of 12")
    missing = {"spend": None, "spend_problem": "no rate for GBP", "currency": "EUR"}
    assert Painter(Look()).cell(Field("spend", unit="money"), missing).text == "no rate for GBP"


def test_lists_have_names_of_their_own() -> None:
    assert len({one.title for one in LISTS.values()}) == len(LISTS)
