"""What a person is told when a command fails."""

from __future__ import annotations

import os
import sys
import traceback
from functools import cache

USAGE, FAILURE = 2, 1


class Failure(Exception):
    """A command could not do what it was asked for; the message is one line."""


@cache
def _kinds() -> tuple[tuple[type[Exception], ...], tuple[type[Exception], ...]]:
    """Errors by which somebody's input is wrong, and errors of the world; imported only when something failed."""
    from deploy.explain import UnknownLead
    from deploy.kafka import KafkaUnavailable
    from deploy.local.process import ProcessDied
    from deploy.settings import SettingsError
    from deploy.topics import TopicsError
    from deploy.wait import WorkerSilent
    from schemas.codec import RegistryError
    from sinks.client import SinkError
    from streams.definition.load import DefinitionError
    from streams.sources.files import SourceError
    from streams.sources.mapping import MappingError

    usage = (SettingsError, DefinitionError, MappingError, SourceError)
    own = (Failure, KafkaUnavailable, ProcessDied, TopicsError, UnknownLead, WorkerSilent, RegistryError, SinkError)
    failures = (*own, TimeoutError, OSError)
    return usage, failures


def told(error: Exception) -> int:
    """Says it on stderr and returns the exit code."""
    usage, failures = _kinds()
    if isinstance(error, usage):
        print(f"funnelwatch: {error}", file=sys.stderr)
        return USAGE
    if isinstance(error, failures):
        print(f"funnelwatch: {error}", file=sys.stderr)
        return FAILURE
    if os.environ.get("FUNNELWATCH_LOG_LEVEL") == "DEBUG":
        traceback.print_exception(error)
    message = " ".join(str(error).split())
    print(
        f"funnelwatch: unexpected {type(error).__name__}: {message} (FUNNELWATCH_LOG_LEVEL=DEBUG shows where)",
        file=sys.stderr,
    )
    return FAILURE
