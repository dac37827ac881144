from __future__ import annotations

from dataclasses import replace

import pytest

from sinks.client import Client
from sinks.generations import Binding, GenerationTaken, bind

FIRST = Binding("cluster a", "web:3", "v1", "key 1")


def test_a_generation_takes_what_it_was_first_made_with(client: Client) -> None:
    bind(client, 71, FIRST)
    bind(client, 71, FIRST)
    bind(client, 72, replace(FIRST, definition_version="v2"))


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"cluster": "cluster b"}, "another Kafka cluster (cluster a) than this (cluster b)"),
        ({"topics": "web:4"}, "another set of source topics (web:3)"),
        ({"definition_version": "v2"}, "another lead definition (v1) than this (v2): take 75"),
        ({"key_check": "key 2"}, "another FUNNELWATCH_EMAIL_KEY than this: take 75"),
    ],
)
def test_anything_else_is_refused_and_says_what_to_do(client: Client, change: dict[str, str], said: str) -> None:
    bind(client, 74, FIRST)
    with pytest.raises(GenerationTaken) as refused:
        bind(client, 74, replace(FIRST, **change))
    assert said in str(refused.value)
    assert "\n" not in str(refused.value)
