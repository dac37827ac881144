"""Files of each kind: what they may look like, and every mistake by place, with what to write instead."""

from __future__ import annotations

import gzip
from datetime import date
from pathlib import Path
from typing import cast

import pytest

from streams.definition.load import load_definition
from streams.reference import KindName
from streams.reference.kinds import ALWAYS, Values
from streams.reference.read import Reference, read
from streams.sources.files import SourceError

DEFINITION = load_definition()


def of(kind: KindName, tmp_path: Path, *texts: str | bytes) -> Reference:
    files = []
    for number, text in enumerate(texts):
        files.append(tmp_path / f"{kind}{number or ''}.csv")
        files[-1].write_bytes(text if isinstance(text, bytes) else text.encode())
    return read(kind, files, DEFINITION)


def rows(found: Reference) -> list[Values]:
    assert not found.mistakes
    return [{name: value for name, value in row.items() if name not in ("file", "line")} for row in found.rows]


def mistakes(found: Reference) -> list[str]:
    assert found.mistakes
    assert found.rows == ()
    return [str(one) for one in found.mistakes]


def test_users(tmp_path: Path) -> None:
    text = (
        "user_id,name,department,role,calendar,region,valid_from,valid_to\n"
        "u1,Ada,Sales,AE,britain,GB,2025-01-01,2026-01-01\n"
        "u1,Ada,marketing,,,,2026-01-01,\n"
        "u2,,other,,,,,\n"
    )
    assert rows(of("users", tmp_path, text)) == [
        {
            "user_id": "u1",
            "name": "Ada",
            "department": "sales",
            "role": "AE",
            "calendar": "britain",
            "region": "uk_ireland",
            "valid_from": date(2025, 1, 1),
            "valid_to": date(2026, 1, 1),
        },
        dict.fromkeys(("role", "calendar", "region"), "")
        | {"user_id": "u1", "name": "Ada", "department": "marketing", "valid_from": date(2026, 1, 1), "valid_to": None},
        dict.fromkeys(("name", "role", "calendar", "region"), "")
        | {"user_id": "u2", "department": "other", "valid_from": ALWAYS, "valid_to": None},
    ]


def test_spend_of_an_excel_in_europe(tmp_path: Path) -> None:
    text = (
        "\ufeffChannel;Campaign;From;To;Month;Amount;Currency\r\n"
        "Google Ads;Spring;01.03.2026;15.04.2026;;1.234,50;EUR\r\n"
        ";;;;;;\r\n"
        "email;;;;2026-03;0;CHF\r\n"
    )
    found = of("spend", tmp_path, text)
    assert rows(found) == [
        {
            "first_day": date(2026, 3, 1),
            "last_day": date(2026, 4, 15),
            "channel": "paid_search",
            "campaign": "Spring",
            "amount": 1234.5,
            "currency": "EUR",
        },
        {
            "first_day": date(2026, 3, 1),
            "last_day": date(2026, 3, 31),
            "channel": "email",
            "campaign": "",
            "amount": 0.0,
            "currency": "CHF",
        },
    ]
    assert [(row["file"], row["line"]) for row in found.rows] == [("spend.csv", 2), ("spend.csv", 4)]
    assert found.months == (date(2026, 3, 1), date(2026, 4, 1))


def test_targets(tmp_path: Path) -> None:
    text = (
        "quarter,month,from,to,region,industry,stage,origin,leads\n"
        "2026-Q1,,,,DE,,mql,Marketing,300\n"
        ",2026-04,,,,Software,,,20\n"
        ",,2026-05-04,2026-05-08,,,,,5\n"
    )
    found = of("targets", tmp_path, text)
    assert [(row["first_day"], row["last_day"], row["leads"]) for row in rows(found)] == [
        (date(2026, 1, 1), date(2026, 3, 31), 300),
        (date(2026, 4, 1), date(2026, 4, 30), 20),
        (date(2026, 5, 4), date(2026, 5, 8), 5),
    ]
    assert [(row["region"], row["industry"], row["stage"], row["origin"]) for row in found.rows] == [
        ("dach", "", "mql", "marketing"),
        ("", "Software", "", ""),
        ("", "", "", ""),
    ]
    assert len(found.months) == 5


def test_target_accounts(tmp_path: Path) -> None:
    header = "account,name,division,committee_role,committee_size\n"
    text = f"{header}001A,Acme,IT,champion,9\n001A,,IT,user,\nBETA.example,,,,\n"
    assert [tuple(row.values()) for row in rows(of("target_accounts", tmp_path, text))] == [
        ("001A", "Acme", "IT", "champion", 9),
        ("001A", "", "IT", "user", None),
        ("beta.example", "", "", "", None),
    ]


@pytest.mark.parametrize(
    "text",
    [
        "currency,from,rate\nEUR,2020-01-01,1\nUSD,2026-01-01,0.925\n",
        "currency;from;rate\nEUR;01.01.2020;1,0\nUSD;01.01.2026;0,925\n",
    ],
)
def test_rates(tmp_path: Path, text: str) -> None:
    assert [tuple(row.values()) for row in rows(of("rates", tmp_path, text))] == [
        ("EUR", date(2020, 1, 1), 1.0),
        ("USD", date(2026, 1, 1), 0.925),
    ]


def test_a_rate_that_is_1_now_and_then_is_not_the_reporting_currencys(tmp_path: Path) -> None:
    assert (
        len(
            rows(
                of("rates", tmp_path, "currency,from,rate\nEUR,2020-01-01,1\nUSD,2022-08-22,1.0\nUSD,2022-08-23,1.01\n")
            )
        )
        == 3
    )


def test_a_zipped_file(tmp_path: Path) -> None:
    (tmp_path / "rates.csv.gz").write_bytes(
        gzip.compress(b"currency;from;rate\nEUR;2020-01-01;1\nUSD;2026-01-01;1,085\n")
    )
    assert [row["rate"] for row in read("rates", [tmp_path / "rates.csv.gz"], DEFINITION).rows] == [1.0, 1.085]


SPEND = "channel,campaign,month,from,to,amount,currency\n"
TARGETS = "month,quarter,from,to,region,industry,stage,origin,leads\n"


def stories() -> list[tuple[KindName, str, list[str]]]:
    _, *blocks = (Path(__file__).parent / "mistakes.txt").read_text().strip().split("\n\n")
    told = []
    for block in blocks:
        kind, *lines = block.split("\n")
        said = [line.removeprefix("! ") for line in lines if line.startswith("! ")]
        told.append((cast(KindName, kind), "".join(f"{line}\n" for line in lines[: -len(said)]), said))
    return told


@pytest.mark.parametrize(("kind", "text", "said"), stories(), ids=[said[0] for _, _, said in stories()])
def test_a_mistake_says_where_it_is_and_what_to_write(
    kind: KindName, text: str, said: list[str], tmp_path: Path
) -> None:
    assert mistakes(of(kind, tmp_path, text)) == said


def test_an_export_in_another_encoding_says_how_to_save_it(tmp_path: Path) -> None:
    found = of("users", tmp_path, "user_id,name,department\nu1,Jürgen,sales\n".encode("cp1252"))
    assert mistakes(found) == ["users.csv:2: column 'name' is not utf-8: byte 0xfc; save the file as CSV UTF-8"]


def test_files_of_one_load_are_looked_at_together(tmp_path: Path) -> None:
    first, second = SPEND + "email,,2026-03,,,5,EUR\nemail,,2026-04,,,5,EUR\n", SPEND + "email,,2026-04,,,5,EUR\n"
    assert mistakes(of("spend", tmp_path, first, second)) == [
        "spend1.csv:2: channel: spend.csv:3 is this channel on some of these days, too;"
        " leave one out, or tell them apart by campaign"
    ]


def test_two_files_of_one_name_are_told_apart(tmp_path: Path) -> None:
    files = [tmp_path / folder / "spend.csv" for folder in ("a", "b")]
    for file in files:
        file.parent.mkdir()
        file.write_text(SPEND + "email,,2026-03,,,5,EUR\n")
    said = mistakes(read("spend", files, DEFINITION))
    assert said[0].startswith(f"{files[1]}:2: channel: {files[0]}:2 is this channel")


def test_one_channel_in_two_currencies_is_no_mistake(tmp_path: Path) -> None:
    assert len(rows(of("spend", tmp_path, SPEND + "email,,2026-03,,,5,EUR\nemail,,2026-03,,,5,USD\n"))) == 2


def test_a_channel_or_region_of_nobody_is_a_warning_with_what_may_be_meant(tmp_path: Path) -> None:
    text = SPEND + "Paid Serch,,2026-03,,,5,EUR\nPaid Serch,x,2026-03,,,5,EUR\nbillboards,,2026-03,,,5,EUR\n"
    found = of("spend", tmp_path, text)
    assert [row["channel"] for row in rows(found)] == ["paid_serch", "paid_serch", "billboards"]
    first, second = map(str, found.warnings)
    assert first == "spend.csv:2: channel: 'paid_serch' is no channel of the definition; is it paid_search?"
    assert second.startswith("spend.csv:4: channel: 'billboards' is no channel of the definition; is it ")
    found = of("targets", tmp_path, TARGETS + "2026-03,,,,nordic,,,,5\n")
    assert [str(one) for one in found.warnings] == [
        "targets.csv:2: region: 'nordic' is no region of the definition; is it nordics?"
    ]


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("gone.csv", None, "No such file"),
        ("spend.json", b"{}", "reference data is CSV; save it as .csv"),
        ("spend.xlsx", b"PK", "reference data is CSV; save it as .csv"),
        ("spend.csv.gz", b"not gzip", "gzip"),
        ("spend.csv", b"\n\nchannel\n", "line 1: the header is blank"),
        ("spend.csv", b"channel,,amount\n", "line 1: column 2 has no name"),
    ],
)
def test_a_file_that_cannot_be_read_at_all(name: str, content: bytes | None, said: str, tmp_path: Path) -> None:
    if content is not None:
        (tmp_path / name).write_bytes(content)
    with pytest.raises(SourceError, match=said):
        read("spend", [tmp_path / name], DEFINITION)
