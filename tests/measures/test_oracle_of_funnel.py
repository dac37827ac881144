"""The oracle itself, on companies of a few leads, worked out by hand: through the funnel, by whom, and for how much."""

from __future__ import annotations

from tests.measures.by_hand import activity, brief, company, day, deal, entry, lead, on, owed, touch, way
from tests.measures.oracle import coverage, funnel, risk, share

ALWAYS = on(-1000), on(10_000)


def test_closed_loop_imputes_between_first_and_highest_and_forgets_what_comes_later() -> None:
    some = company(
        lead("a", 0, channel="email", origin="marketing"),
        way("a", "visitor 0 inquiry 1 sql 3 opportunity 4 customer 200", origin="marketing"),
        lead("b", 0, channel="email", origin="marketing"),
        entry("b", "sal", 1),
        entry("b", "mql", 2, regressed=1),
        lead("later", 5, channel="email"),
        deal("a", "D", 4, won=200, amount=70.0),
    )
    steps = ("first_stage", "leads", "inquiries", "mql", "sal", "sql", "opportunities", "customers", "revenue")
    early, late = funnel.closed_loop(some, day(4)), funnel.closed_loop(some, day(200))
    assert brief(early, *steps) == [("inquiry", 1, 1, 1, 1, 1, 1, 0, 0), ("sal", 1, 0, 0, 1, 0, 0, 0, 0)]
    assert brief(late, "day", "first_stage", "customers", "revenue", "currencies") == [
        (on(0), "inquiry", 1, 70.0, "EUR"),
        (on(0), "sal", 0, 0, ""),
        (on(5), "", 0, 0, ""),
    ]
    assert brief(late, "young", "young_for_customers") == [(0, 1)] * 3
    assert brief(funnel.closed_loop(some, day(90)), "day", "young") == [(on(0), 0), (on(0), 0), (on(5), 1)]


def test_activity_counts_a_lead_once_a_day_at_just_that_stage() -> None:
    some = company(
        lead("a", size_band="small"),
        way("a", "mql 0 rejected 0.2 mql 0.4 sql 1", channel="email"),
        deal("a", "D", 0, won=1, amount=5.0, channel="email", origin="marketing"),
        deal("", "N", 0, won=1, amount=7.0, origin="unknown"),
    )
    rows = funnel.closed_loop_activity(some, day(1))
    assert brief(rows, "day", "channel", "origin", "size_band", "mql", "sal", "sql", "won", "revenue") == [
        (on(0), "email", "", "", 1, 0, 0, 0, 0),
        (on(1), "", "unknown", "", 0, 0, 0, 1, 7.0),
        (on(1), "email", "", "", 0, 0, 1, 0, 0),
        (on(1), "email", "marketing", "small", 0, 0, 0, 1, 5.0),
    ]


def test_cost_per_step_of_those_who_began_in_the_period() -> None:
    spend = {"first_day": on(0), "last_day": on(9), "channel": "email", "amount": 100.0, "currency": "EUR"}
    some = company(
        lead("a", 0, channel="email"),
        way("a", "mql 0 sal 50"),
        lead("b", 5, channel="email"),
        lead("c", 5, channel="event"),
        spend=[spend, spend | {"channel": "tv"}],
    )
    rows = funnel.cost_per_step(some, day(6), on(0), on(5))
    assert brief(rows, "channel", "spend", "leads", "mql", "sal", "cost_per_lead", "cost_per_sal", "currency") == [
        ("email", 50.0, 1, 1, 0, 50.0, None, "EUR"),
        ("tv", 50.0, 0, 0, 0, None, None, "EUR"),
    ]
    no_rate = company(
        spend=[spend | {"currency": "USD"}], rates=[{"currency": "EUR", "valid_from": on(0), "rate": 1.0}]
    )
    assert brief(funnel.cost_per_step(no_rate, day(6), *ALWAYS), "spend", "currency") == [(None, "EUR")]


def test_size_mix_and_prospecting() -> None:
    some = company(
        lead("a", 0, size_band="small", origin="sales"),
        way("a", "opportunity 1 customer 9", origin="sales", owner="eva"),
        lead("b", 0, size_band="small", origin="sales"),
        entry("b", "opportunity", 1, origin="partner", owner="eva"),
    )
    assert brief(funnel.size_mix(some, day(9)), "size_band", "origin", "leads", "customers") == [
        ("small", "sales", 2, 1)
    ]
    assert brief(funnel.prospecting(some, day(8)), "owner", "generated_by", "opportunities", "customers") == [
        ("eva", "sales", 1, 0),
        ("eva", "unknown", 1, 0),
    ]


def test_marketing_share_asks_the_people_of_an_account_before_the_deal() -> None:
    some = company(
        lead("a", 0, account="A", origin="sales", channel="outbound", origin_at=day(1)),
        lead("b", 0, account="A", origin="marketing", channel="email", origin_at=day(0)),
        lead("c", 0, account="A", origin="partner", channel="partner", origin_at=day(5)),
        touch("c", 3),
        deal("", "N", 4, won=10, account="A", origin="unknown", claimed_by_sales="email"),
        deal("", "M", 6, won=20, account="A", origin="unknown"),
        deal("a", "M", 6, won=20, account="A", origin="sales", channel="outbound"),
        deal("", "X", 6, won=20, origin="unknown", claimed_by_marketing="outbound"),
    )
    customers = [row for row in share.marketing_share(some, day(20)) if row["of"] == "customers"]
    assert brief(customers, "day", "channel", "origin", "marketing", "unknown", "claimed_by_sales", "influenced") == [
        (on(10), "email", "marketing", 1, 0, 1, 1),
        (on(20), "", "unknown", 0, 1, 0, 0),
        (on(20), "outbound", "sales", 0, 0, 0, 0),
    ]
    late = share.origin_of(some, {**some.facts("deals")[0], "created_at": day(6)})
    assert late == ("partner", "partner")
    leads = [row for row in share.marketing_share(some, day(3)) if row["of"] == "leads"]
    assert brief(leads, "origin", "n", "influenced") == [("marketing", 1, 0), ("partner", 1, 1), ("sales", 1, 0)]


def test_origins_compared_show_a_rate_from_small_n_on() -> None:
    some = company(
        deal("a", "A", 0, won=5, origin="marketing", amount=10.0, days_to_close=4.0),
        deal("b", "B", 0, lost=5, origin="marketing"),
        deal("c", "C", 0, won=9, origin="sales", amount=10.0),
        deal("d", "D", 0, won=9, origin="marketing", kind="renewal"),
    )
    names = ("origin", "kind", "deals", "won", "lost", "win_rate", "mean_amount", "median_days")
    assert brief(share.origin_compare(some, day(8), *ALWAYS), *names) == [
        ("marketing", "inbound", 2, 1, 1, 0.5, 10.0, 4.0),
        ("sales", "outbound", 1, 0, 0, None, None, None),
    ]


def test_coverage_of_an_account_and_its_divisions() -> None:
    line = {"account": "A", "name": "Acme", "division": "", "committee_role": "champion", "committee_size": None}
    some = company(
        lead("a", 0, account="A", department="IT", job_title="Head, CHAMPION of data"),
        lead("b", 0, account="A", department="it"),
        lead("c", 9, account="A", department="IT"),
        touch("a", 1, side="sales", direction="outbound"),
        activity("b", 2, human=1, kind="meeting", direction="two_way", actor_role="marketing"),
        activity("b", 5, human=0, kind="email", direction="inbound"),
        deal("b", "D", 3, contacts="003B:Buyer,003C"),
        ("lead_identifiers", {"lead_id": "b", "identifier": "crm_contact:003B", "first_seen": day(0)}),
        target_accounts=[line, line | {"division": "IT", "committee_role": "buyer"}],
    )
    names = ("grain", "known", "touched", "engaged", "met", "touched_by_marketing", "touched_by_sales", "roles_missing")
    assert brief(coverage.coverage(some, day(4)), *names) == [
        ("account", 2, 2, 0, 1, 1, 1, []),
        ("division", 1, 1, 0, 0, 0, 1, ["buyer"]),
    ]
    assert brief(coverage.coverage(some, day(5)), "grain", "engaged", "share") == [
        ("account", 1, 2 / 21),
        ("division", 0, 1 / 21),
    ]
    assert brief(coverage.coverage(some, day(2)), "roles_missing") == [(["buyer"],), (["buyer"],)]


def test_money_at_risk_is_the_deals_own_amount_or_an_estimate() -> None:
    old = [fact for number in range(4) for fact in (lead(f"o{number}", size_band="small"), *way(f"o{number}", "mql 0"))]
    some = company(
        old,
        entry("o0", "customer", 9),
        deal("o0", "O", 5, won=9, amount=300.0),
        lead("a", 400, size_band="small", owner="ann"),
        way("a", "mql 400 sal 401"),
        owed("a", "k", 400, 400),
        lead("b", 400, size_band="mid"),
        way("b", "opportunity 400"),
        owed("b", "k", 400, 400),
        deal("b", "B1", 400, amount=20.0),
        deal("b", "B2", 401, amount=30.0, lost=402),
        deal("b", "B3", 402, amount=0.0),
        owed("o0", "k", 0, 1, met=1),
    )
    names = ("lead_id", "stage", "basis", "amount", "p_win", "mean_amount", "currency")
    expected = (1 + 10 * 0.25) / (4 + 10)
    assert brief(risk.money_at_risk(some, day(400)), *names) == [
        ("a", "mql", "estimate", expected * 300.0, expected, 300.0, "EUR"),
        ("b", "opportunity", "deal", 20.0, 0.0, 300.0, "EUR"),
    ]
    assert brief(risk.money_at_risk(some, day(401.5)), *names[:4])[1] == ("b", "opportunity", "deal", 30.0)
    assert brief(risk.money_at_risk(some, day(403)), *names[:4])[1] == ("b", "opportunity", "deal", 20.0)
