"""Settings, definition, Schema Registry, viewer."""

from __future__ import annotations

import urllib.request

from deploy.checks.finding import Finding
from deploy.settings import Settings
from deploy.worker import codec_of
from schemas.codec import RegistryError
from schemas.registry import without_password
from streams.definition.load import DefinitionError, load_definition


def settings(settings: Settings) -> Finding:
    settings.need("kafka_bootstrap_servers", "clickhouse_url", "email_key")
    return Finding("settings", True, f"generation {settings.generation}, {settings.partitions} partitions")


def definition(settings: Settings) -> Finding:
    try:
        definition = load_definition(settings.definition)
    except DefinitionError as error:
        return Finding("definition", False, str(error), "correct the file")
    missing = definition.signatures.missing
    signed = f"not signed by {' and '.join(missing)} yet" if missing else "signed by marketing and sales"
    return Finding("definition", True, f"version {definition.version}, {signed}")


def registry(settings: Settings) -> Finding:
    if settings.schema_registry_url is None:
        return Finding("Schema Registry", True, "none; schemas are numbered by each process alike")
    try:
        codec_of(settings)
    except RegistryError as error:
        return Finding("Schema Registry", False, str(error), "is it running, and is SCHEMA_REGISTRY_AUTH right?")
    return Finding("Schema Registry", True, f"{without_password(settings.schema_registry_url)}: all schemas are there")


def viewer(settings: Settings) -> Finding:
    try:
        with urllib.request.urlopen(f"{settings.viewer_url}/healthz", timeout=4) as answer:
            answer.read()
    except OSError as error:
        return Finding("viewer", False, f"{settings.viewer_url}: {error}", "funnelwatch viewer")
    return Finding("viewer", True, settings.viewer_url)
