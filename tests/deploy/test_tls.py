from __future__ import annotations

import ssl

import pytest

from deploy.settings import Settings, SettingsError, load
from deploy.tls import aiokafka_security, librdkafka_security
from tests.support.certificates import Authority, Issued


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    return Authority(tmp_path_factory.mktemp("certificates"))


@pytest.fixture(scope="module")
def ours(authority: Authority) -> Issued:
    return authority.issue("ours", password="hush-key")


@pytest.fixture
def settings(authority: Authority, ours: Issued) -> Settings:
    return load(
        kafka_security_protocol="SSL",
        kafka_ssl_ca=authority.ca,
        kafka_ssl_cert=ours.certificate,
        kafka_ssl_key=ours.locked_key,
        kafka_ssl_key_password="hush-key",
    )


def test_certificate_and_name_are_always_checked(settings: Settings) -> None:
    context = aiokafka_security(settings)["ssl_context"]
    assert context.check_hostname
    assert context.verify_mode == ssl.CERT_REQUIRED
    assert "ssl.endpoint.identification.algorithm" not in librdkafka_security(settings)  # its default: https


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"kafka_ssl_ca": "ours.key"}, "KAFKA_SSL_CA=.*ours.key: no certificates in PEM format"),
        ({"kafka_ssl_cert": "ours.key"}, "KAFKA_SSL_CERT=.*ours.key: no certificate in PEM format"),
        ({"kafka_ssl_key": "ours.crt"}, "KAFKA_SSL_KEY=.*ours.crt: cannot be read; is it a private key in PEM"),
        ({"kafka_ssl_key": "other.key"}, "KAFKA_SSL_KEY=.*other.key: not the key of KAFKA_SSL_CERT="),
        ({"kafka_ssl_key_password": "hush-wrong"}, "KAFKA_SSL_KEY=.*locked.key: .* is KAFKA_SSL_KEY_PASSWORD right"),
        ({"kafka_ssl_key_password": None}, "KAFKA_SSL_KEY=.*locked.key: .* is KAFKA_SSL_KEY_PASSWORD right"),
    ],
)
def test_a_file_that_is_not_what_it_should_be(
    settings: Settings, authority: Authority, ours: Issued, changed: dict[str, str | None], said: str
) -> None:
    authority.issue("other")
    folder = ours.key.parent
    given = {
        name: folder / str(value) if name != "kafka_ssl_key_password" else value for name, value in changed.items()
    }
    right = {name: getattr(settings, name) for name in settings.model_fields_set}
    with pytest.raises(SettingsError, match=said) as caught:
        load(**{**right, **given})
    assert "\n" not in str(caught.value)
    assert "hush" not in str(caught.value)
