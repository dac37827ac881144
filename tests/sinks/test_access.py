from __future__ import annotations

from sinks.access import statements
from sinks.client import Client


def test_the_grants_are_statements_that_clickhouse_reads(client: Client) -> None:
    """The embedded engine has no users: here only its parser judges them."""
    formatted = [
        client.query("SELECT formatQuerySingleLine({s:String})", parameters={"s": statement}).result_rows[0][0]
        for statement in statements("grafana`reader", "it's \\ secret")
    ]
    create, alter, grant = (str(text) for text in formatted)
    assert create.startswith("CREATE USER IF NOT EXISTS `grafana\\`reader` IDENTIFIED WITH sha256_password BY ")
    assert create.endswith("SETTINGS readonly = 2")
    assert alter.startswith("ALTER USER")
    assert grant == "GRANT SELECT ON boards.* TO `grafana\\`reader`"
