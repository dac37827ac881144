"""README and its pages are true: every command, setting, metric, reason and right is there, and every file named."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from typer.main import get_command

from deploy.cli import app
from deploy.rights import Right, of_worker
from deploy.settings import Settings, env_name
from streams.reasons import REASONS
from streams.worker.watch import Watch

ROOT = Path(__file__).parents[1]
README = (ROOT / "README.md").read_text()
PAGES = {page.stem: page.read_text() for page in (ROOT / "deploy" / "runbooks").glob("*.md")}


@pytest.mark.parametrize("command", sorted(get_command(app).commands))  # type: ignore[attr-defined]
def test_every_command_is_in_it(command: str) -> None:
    assert f"| `funnelwatch {command}` |" in README


@pytest.mark.parametrize("name", list(Settings.model_fields))
def test_every_setting_is_in_it_as_it_is(name: str) -> None:
    described = Settings.model_fields[name].description
    assert re.search(rf"^\| `{env_name(name)}` \| .*\| {re.escape(str(described))} \|$", README, re.MULTILINE)


def test_every_metric_is_in_its_page_as_it_is() -> None:
    declared = {
        f"{family.name}{'_total' if family.type == 'counter' else ''}": family.documentation
        for family in Watch().metrics.registry.collect()
        if family.name.startswith("funnelwatch_")
    }
    told = dict(re.findall(r"^\| `(funnelwatch_\w+)` \| [^|]* \| (.*) \|$", PAGES["worker"], re.MULTILINE))
    assert told == declared


def test_the_table_of_reasons_is_the_codes() -> None:
    table = re.search(r"^\| reason \|.*\n\|.*\n((?:\|.*\n)+)", PAGES["rejects"], re.MULTILINE)
    assert table is not None
    rows = [f"| `{name}` | {reason.meaning} | {reason.what_to_do} |" for name, reason in REASONS.items()]
    assert table[1].splitlines() == rows


@pytest.mark.parametrize("right", of_worker(Settings()), ids=lambda right: f"{right.kind} {right.name}")
def test_every_right_of_a_worker_is_in_its_page(right: Right) -> None:
    on = f"{right.kind}, prefixed" if right.prefixed else right.kind
    may = re.escape(", ".join(right.operations))
    assert re.search(
        rf"^\| worker \| {on} \| .*`{re.escape(right.name)}`.* \| {may} \|$", PAGES["security"], re.MULTILINE
    )


@pytest.mark.parametrize("page", ["", *PAGES])
def test_every_file_it_names_is_there(page: str) -> None:
    named = re.findall(r"`((?:schemas|streams|sinks|dashboards|deploy|tests)/[\w./*-]*)`", PAGES.get(page, README))
    assert page or len(named) > 10
    assert [name for name in named if not list(ROOT.glob(name.rstrip("/")))] == []


def test_it_begins_with_the_two_commands() -> None:
    assert README.index("make demo") < README.index("make test") < README.index("## The ideas")
