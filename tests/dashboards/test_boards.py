from __future__ import annotations

import re
import string
from collections.abc import Iterator
from urllib.parse import parse_qsl, urlsplit

import pytest

from dashboards import queries, words
from dashboards.boards import BOARDS, VARIABLES
from dashboards.lists import LISTS
from dashboards.macros import PERIODS, Scope, expand
from dashboards.model import Field, LeadList, Link, Panel, Unit
from dashboards.queries import query
from dashboards.viewer import format as say
from dashboards.viewer.look import Look, look_from
from dashboards.viewer.panels import Painter
from dashboards.viewer.reader import Row, ask_named
from sinks.reader import BoardsReader

PANELS = [panel for board in BOARDS.values() for panel in board.panels]
ONE_OF_EACH = {"channel": ("paid_search",), "owner": ("Ana Silva",), "region": ("DACH",)}


def links(panel: Panel) -> Iterator[Link]:
    for field in panel.fields:
        link = field.link
        while link is not None:
            yield link
            link = link.otherwise
    yield from (link for _, link in panel.links)


@pytest.mark.parametrize("panel", PANELS, ids=lambda p: p.id)
def test_a_panel_says_what_its_query_gives(panel: Panel, company: BoardsReader) -> None:
    rows = ask_named(company, panel.query, Scope(PERIODS["all"]))
    assert rows, "the company has something in every panel"
    named = {f.name for f in panel.fields} | {f.of for f in panel.fields} | {f.hits for f in panel.fields}
    named |= {name for _, name, _, _ in string.Formatter().parse(panel.caption) if name}
    named |= {v[1:-1] for link in links(panel) for v in link.args.values() if isinstance(v, str) and v[:1] == "{"}
    assert named - {""} <= rows[0].keys()
    if any(field.unit == "money" for field in panel.fields):
        assert "currency" in rows[0]
    assert len(panel.description) > 80
    assert Painter(Look(PERIODS["all"])).draw(panel, rows)


@pytest.mark.parametrize("panel", PANELS, ids=lambda p: p.id)
def test_a_link_leads_to_a_list_that_understands_it(panel: Panel) -> None:
    for link in links(panel):
        assert set(link.args) <= set(LISTS[link.to].arguments) | {v.name for v in VARIABLES}


@pytest.mark.parametrize("lead_list", LISTS.values(), ids=lambda one: one.name)
def test_a_list_has_the_columns_it_shows(lead_list: LeadList, company: BoardsReader) -> None:
    rows = ask_named(company, lead_list.query, Scope(PERIODS["all"]))
    assert {f.name for f in lead_list.fields} <= rows[0].keys()
    assert all(f"${{{name}:singlequote}}" in query(lead_list.query) for name in lead_list.arguments)


@pytest.mark.parametrize("boards", ["company", "nothing"])
@pytest.mark.parametrize("name", queries.names())
def test_every_query_runs_for_every_scope(name: str, boards: str, request: pytest.FixtureRequest) -> None:
    reader: BoardsReader = request.getfixturevalue(boards)
    text = query(name)
    assert "@" not in text
    own = dict.fromkeys(re.findall(r"\$\{(\w+):singlequote\}", text), ("x",))
    lead = {"lead": ("L0000000000000000",)} if "lead" in own else {}
    for values in (lead, ONE_OF_EACH | lead, own):
        reader.query(expand(text, Scope(values=values)))
    if "$__time" in text:
        for period in ("24h", "90d", "all"):
            reader.query(expand(text, Scope(PERIODS[period], lead)))


@pytest.mark.parametrize("name", queries.names())
def test_queries_read_the_boards_only_and_ask_for_now_in_one_way(name: str) -> None:
    text = query(name)
    assert set(re.findall(r"(?:FROM|JOIN)\s+(\w+)\.", text)) <= {"boards"}
    assert not re.search(r"\b(now|now64|today|yesterday)\(", text)


@pytest.mark.parametrize("name", [p.query for p in PANELS] + [one.query for one in LISTS.values()])
def test_every_variable_narrows_every_query(name: str) -> None:
    """A number that ignores a filter would contradict its neighbours."""
    for variable in VARIABLES:
        assert f"${variable.name})" in query(name)


def test_ids_are_unique_and_stable() -> None:
    assert [b.uid for b in BOARDS.values()] == [
        "funnelwatch-leakage",
        "funnelwatch-closed-loop",
        "funnelwatch-alignment",
        "funnelwatch-accounts",
    ]
    for board in BOARDS.values():
        assert len({p.id for p in board.panels}) == len(board.panels)


def test_plain_words_exist_for_all_that_the_definition_can_owe(company: BoardsReader) -> None:
    owed = {row[0] for row in company.query("SELECT DISTINCT kind FROM boards.obligations").rows}
    assert owed <= words.KINDS.keys()
    assert words.broken("some_new_kind") == "Some new kind"


def _numbers(panel: Panel, rows: list[Row], most: int = 10) -> Iterator[tuple[Field, Row, int]]:
    """Linked numbers that are not 0, at most so many of a column, from all over it."""
    for field in panel.fields:
        counted = [row for row in rows if row[field.hits or field.name]]
        if field.link and (field.hits or field.unit != "money"):
            for row in counted[:: 1 + len(counted) // most]:
                yield field, row, row[field.hits or field.name]


@pytest.mark.parametrize("variables", [{}, ONE_OF_EACH], ids=["all", "narrowed"])
@pytest.mark.parametrize("panel", PANELS, ids=lambda p: p.id)
def test_a_number_counts_what_is_on_its_list(
    panel: Panel, variables: dict[str, tuple[str, ...]], company: BoardsReader
) -> None:
    look = Look(PERIODS["90d"], variables)
    for field, row, number in _numbers(panel, ask_named(company, panel.query, look.scope)):
        assert field.link is not None
        address = urlsplit(look.follow(field.link, row))
        lead_list = LISTS[address.path.rsplit("/", 1)[-1]]
        behind = ask_named(
            company, lead_list.query, look_from(parse_qsl(address.query, keep_blank_values=True), lead_list).scope
        )
        if field.link.of(row).counts == "leads":
            assert number == len({r["lead_id"] for r in behind} - {""}), (field.name, row)
        else:
            assert number == len(behind), (field.name, row)


def test_the_steps_are_those_of_the_closed_loop_view(company: BoardsReader) -> None:
    steps = {row["stage"]: row["entered"] for row in ask_named(company, "cohort_steps", Scope(PERIODS["all"]))}
    view = company.query(
        "SELECT sum(visitors), sum(inquiries), sum(mql), sum(sal), sum(sql), sum(opportunities), sum(customers)"
        " FROM boards.closed_loop"
    ).rows[0]
    assert tuple(steps.values()) == tuple(view)
    channels = ask_named(company, "by_channel", Scope(PERIODS["all"]))
    assert sum(row["customers"] for row in channels) == view[-1]
    assert sum(row["visitors"] for row in channels) == view[0]


def test_leak_rates_are_those_of_the_leak_rate_view(company: BoardsReader) -> None:
    view = company.query(
        "SELECT toString(kind), sum(due), sum(leaking + recovered + lost) FROM boards.leak_rate"
        " WHERE due > 0 AND measured GROUP BY kind"
    ).rows
    panel: dict[str, list[int]] = {}
    for row in ask_named(company, "leak_rate_over_time", Scope(PERIODS["all"])):
        both = panel.setdefault(row["kind"], [0, 0])
        both[0] += row["due"]
        both[1] += row["leaked"]
    assert {kind: (due, leaked) for kind, due, leaked in view} == {kind: tuple(both) for kind, both in panel.items()}


def test_everybody_is_somewhere(company: BoardsReader) -> None:
    """Names that never responded, too: a bar for each stage that a lead can be in."""
    stages = {row["stage"]: row["leads"] for row in ask_named(company, "stages_now", Scope())}
    leads = company.query("SELECT toString(stage), count() FROM boards.leads GROUP BY stage").rows
    assert {stage: count for stage, count in stages.items() if count} == dict(leads)
    assert stages["known"] > 0
    assert list(stages)[:3] == ["known", "visitor", "inquiry"]


def test_a_salesperson_has_only_what_sales_owes_on_the_desk(company: BoardsReader) -> None:
    desks = {row["owner"]: (row["to_do"], row["due"]) for row in ask_named(company, "leaks_by_owner", Scope())}
    owed = company.query(
        "SELECT owner, countIf(state IN ('open', 'warned', 'leaking')) AS to_do,"
        " countIf(state IN ('leaking', 'recovered', 'lost', 'met') AND kind IN"
        " (SELECT kind FROM boards.measured WHERE measured) AND due_at BETWEEN funnel_now() - INTERVAL 30 DAY"
        " AND funnel_now()) AS due FROM boards.obligations WHERE owed_by = 'sales' GROUP BY owner"
        " HAVING to_do > 0 OR due > 0"
    ).rows
    assert desks == {owner: (to_do, due) for owner, to_do, due in owed}


@pytest.mark.parametrize(("owed_by", "turn"), [("sales", "Ana Silva"), ("marketing", "Marketing"), ("data", "Data")])
def test_it_is_the_turn_of_who_owes_it(owed_by: str, turn: str) -> None:
    field = Field("owner", "Whose turn", "person")
    cell = Painter(Look(PERIODS["all"])).cell(field, {"owner": "Ana Silva", "owed_by": owed_by})
    assert cell.text == turn


def test_no_rate_of_few(company: BoardsReader) -> None:
    for name in ("by_channel", "leaks_by_owner", "leak_rate_over_time", "cohorts_over_time", "cohort_steps"):
        for row in ask_named(company, name, Scope(PERIODS["30d"])):
            among = row.get("due", row.get("before", row.get("leads")))
            assert among is not None
            assert (row["rate"] is None) == (among < 30)


def test_the_ten_to_save_are_ten_people_each_once(company: BoardsReader) -> None:
    rows = ask_named(company, "save_first", Scope())
    assert len({row["lead_id"] for row in rows}) == len(rows) == 10
    assert {row["state"] for row in rows} <= {"leaking", "warned"}
    near = [abs(row["left"]) <= 24 * 60 for row in rows]
    assert near == sorted(near, reverse=True)


def test_only_who_was_seen_visiting_went_on_from_a_visit(company: BoardsReader) -> None:
    steps = {row["stage"]: row for row in ask_named(company, "cohort_steps", Scope(PERIODS["all"]))}
    step = steps["inquiry"]
    visited = company.query(
        "SELECT uniqExact(lead_id) FROM boards.stage_entries WHERE stage = 'inquiry' AND lead_id IN"
        " (SELECT lead_id FROM boards.stage_entries WHERE stage = 'visitor')"
    ).rows[0][0]
    assert 0 < step["went_on"] == visited < step["entered"]
    assert step["joined_here"] == step["entered"] - visited
    assert step["rate"] == step["went_on"] / step["before"]
    narrowed = ask_named(company, "cohort_steps", Scope(PERIODS["all"], {"region": ("DACH",)}))[1]
    assert narrowed["went_on"] > 0
    assert (narrowed["before"], narrowed["rate"]) == (0, None), "visitors have no region: no share of them"


def test_a_stage_names_only_what_was_promised_in_it(company: BoardsReader) -> None:
    for row in ask_named(company, "stages_now", Scope()):
        opened = company.query(
            "SELECT DISTINCT toString(kind) FROM boards.obligations WHERE state = 'leaking'"
            f" AND stage = '{row['stage']}'"
        ).rows
        assert row["kind"] == "" or (row["kind"],) in opened
    kinds = {row["stage"]: row["kind"] for row in ask_named(company, "stages_now", Scope())}
    assert kinds["rejected"] == "rejected_without_reason"


@pytest.mark.parametrize(
    ("unit", "value", "said"),
    [
        ("channel", "", "No channel given"),
        ("channel", "unknown", "Source says unknown"),
        ("channel", "paid_search", "Paid search"),
        ("region", "southern_europe", "Southern Europe"),
        ("region", "uk_ireland", "UK & Ireland"),
        ("region", "dach", "DACH"),
        ("region", "UK & Ireland", "UK & Ireland"),
        ("region", "", "not known"),
        ("promise", "unnurtured", "Sorted after the inquiry"),
    ],
)
def test_values_are_said_in_words(unit: Unit, value: str, said: str) -> None:
    assert say.plain(unit, value, {}) == said
