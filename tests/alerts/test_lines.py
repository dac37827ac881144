from __future__ import annotations

import json

from deploy.listen import as_json, as_line
from schemas import catalog
from schemas.samples import samples
from streams.alert import Alert

ALERTS = {sample.title: Alert(**sample.record) for sample in samples("outputs/leaks")}


def test_a_line_says_what_is_the_matter_and_whose_it_is() -> None:
    assert [as_line(alert) for alert in ALERTS.values()] == [
        "2026-03-03 10:00  leaking    untouched of https://crm.example/00Q5e00001A (sales, ann); sales: it was due at"
        " 2026-03-03 10:00 UTC and is not met, and no data is known to be missing",
        "2026-03-03 11:30  recovered  untouched of https://crm.example/00Q5e00001A (sales, ann)",
        "2026-03-03 09:12  held       3 alerts, salesforce is behind",
        "2026-03-03 10:20  released   our own pipeline",
    ]


def test_an_alert_has_the_shape_of_its_schema() -> None:
    assert list(Alert._fields) == [field["name"] for field in catalog.current("outputs/leaks")["fields"]]


def test_json_has_the_key_and_what_has_a_value() -> None:
    told = json.loads(as_json("held/source/salesforce", ALERTS["the CRM connector is silent"]))
    assert told == {
        "key": "held/source/salesforce",
        "change": "held",
        "at": "2026-03-03T09:12:00.000Z",
        "data_until": "2026-03-03T10:01:00.000Z",
        "generation": 1,
        "source": "salesforce",
        "held_count": 3,
    }
