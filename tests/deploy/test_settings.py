from __future__ import annotations

from pathlib import Path

import pytest

from deploy.kafka import client_config
from deploy.settings import Settings, SettingsError, env_name, load, seconds
from deploy.tls import aiokafka_security

SASL = {
    "KAFKA_SECURITY_PROTOCOL": "SASL_SSL",
    "KAFKA_SASL_MECHANISM": "SCRAM-SHA-512",
    "KAFKA_SASL_USERNAME": "worker",
    "KAFKA_SASL_PASSWORD": "hush",
}


@pytest.mark.parametrize(
    ("name", "value", "said"),
    [
        ("FUNNELWATCH_PARTITIONS", "many", "FUNNELWATCH_PARTITIONS='many': must be a valid integer"),
        ("FUNNELWATCH_PARTITIONS", "0", "FUNNELWATCH_PARTITIONS='0': must be greater than or equal to 1"),
        ("FUNNELWATCH_TRANSACTIONS", "perhaps", "FUNNELWATCH_TRANSACTIONS='perhaps': must be a valid boolean"),
        ("FUNNELWATCH_SESSION_TIMEOUT", "soon", "FUNNELWATCH_SESSION_TIMEOUT='soon': must be a duration such as 90s"),
        ("FUNNELWATCH_DEFINITION", "/nowhere.yaml", "must be the path of a file that is there"),
        ("FUNNELWATCH_CRM_URL", "https://crm/x", "must hold {id}"),
        ("FUNNELWATCH_EMAIL_KEY", "secret", "FUNNELWATCH_EMAIL_KEY=***: must be a secret of at least 16 characters"),
        ("FUNNELWATCH_TOPIC_WEB", "web events", "must be a Kafka topic's name"),
        ("FUNNELWATCH_TOPIC_WEB", "crm.events", "must be four topics, not crm.events, form.events, crm.events"),
        ("FUNNELWATCH_GENERATON", "2", "FUNNELWATCH_GENERATON: no such setting; did you mean FUNNELWATCH_GENERATION?"),
        ("KAFKA_BOOTSTRAP_SERVERS", "kafka", "KAFKA_BOOTSTRAP_SERVERS='kafka': must be host:port"),
        ("KAFKA_SECURITY_PROTOCOL", "TLS", "must be 'PLAINTEXT', 'SSL', 'SASL_PLAINTEXT' or 'SASL_SSL'"),
        ("KAFKA_SECURITY_PROTOCOL", "SASL_SSL", "KAFKA_SASL_MECHANISM is not set; KAFKA_SECURITY_PROTOCOL=SASL_SSL"),
        ("KAFKA_SASL_PASSWORD", "hush", "KAFKA_SASL_PASSWORD is set, but KAFKA_SECURITY_PROTOCOL=PLAINTEXT does not"),
        ("KAFKA_SSL_CA", __file__, "KAFKA_SSL_CA is set, but KAFKA_SECURITY_PROTOCOL=PLAINTEXT does not use it"),
        ("CLICKHOUSE_CA", __file__, "CLICKHOUSE_CA is set, but CLICKHOUSE_URL does not begin with https://"),
        ("CLICKHOUSE_URL", "tcp://me:hush@ch:9000", "CLICKHOUSE_URL='tcp://***@ch:9000': must begin with http://"),
    ],
)
def test_a_wrong_setting_is_one_line_that_names_it(
    monkeypatch: pytest.MonkeyPatch, name: str, value: str, said: str
) -> None:
    monkeypatch.setenv(name, value)
    with pytest.raises(SettingsError) as caught:
        load()
    assert said in str(caught.value)
    assert "\n" not in str(caught.value)
    assert "hush" not in str(caught.value)


@pytest.mark.parametrize(
    ("text", "expected"), [("90s", 90), ("5m", 300), ("1.5h", 5400), ("120d", 10_368_000), ("5m30s", 330), ("7", 7)]
)
def test_durations(text: str, expected: float) -> None:
    assert seconds(text) == expected


@pytest.mark.parametrize("text", ["", "m", "5 parsecs", "-3s", "1:30"])
def test_no_durations(text: str) -> None:
    with pytest.raises(ValueError, match="must be a duration"):
        seconds(text)


def test_the_environment_stands_above_the_file(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    file = tmp_path / "env"
    file.write_text("FUNNELWATCH_PARTITIONS=5\nFUNNELWATCH_GENERATION='7'\n")
    monkeypatch.setenv("FUNNELWATCH_PARTITIONS", "4")
    found = load(file)
    assert (found.partitions, found.generation) == (4, 7)
    assert load(file, partitions=6).partitions == 6


def test_a_file_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="no such file; `funnelwatch up` writes it"):
        load(tmp_path / "env")


def test_what_a_child_is_given_makes_the_same_settings(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for name, value in SASL.items():
        monkeypatch.setenv(name, value)
    given = load(
        kafka_bootstrap_servers="a:1,b:2",
        transactions=False,
        viewer_allowed_hosts="boards.example,b.example",
        email_key="x" * 20,
        data_dir=tmp_path,
    )
    for name, value in given.environment().items():
        monkeypatch.setenv(name, value)
    assert load() == given


def test_a_password_is_never_printed(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in SASL.items():
        monkeypatch.setenv(name, value)
    assert "hush" not in repr(load(clickhouse_url="http://me:hush@there:1", boards_url="http://me:hush@there:1"))


def test_no_connection_to_clickhouse_forgets_its_certificates() -> None:
    files = [file for file in (Path(__file__).parents[2] / "deploy").rglob("*.py") if file.name != "settings.py"]
    assert files
    assert [file.name for file in files if "str(settings.clickhouse_url)" in file.read_text()] == []


def test_kafka_clients_get_the_security_settings(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in SASL.items():
        monkeypatch.setenv(name, value)
    settings = load(kafka_bootstrap_servers="kafka:9093")
    assert (
        client_config(settings).items()
        >= {
            "security.protocol": "SASL_SSL",
            "sasl.mechanism": "SCRAM-SHA-512",
            "sasl.username": "worker",
            "sasl.password": "hush",
        }.items()
    )
    assert (
        aiokafka_security(settings).items()
        >= {
            "security_protocol": "SASL_SSL",
            "sasl_mechanism": "SCRAM-SHA-512",
            "sasl_plain_username": "worker",
            "sasl_plain_password": "hush",
        }.items()
    )


@pytest.mark.parametrize("field", Settings.model_fields)
def test_every_setting_says_what_it_is(field: str) -> None:
    assert Settings.model_fields[field].description, env_name(field)
