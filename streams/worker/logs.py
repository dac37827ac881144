"""The log: one line per record, as text or as JSON, and no value of an event in it.

Our own messages hold none. Those of others may, by what they say of an exception (`KeyError: 'jane@...'`): of it only
the type and the places in the code are told, and its text where its kind never says anything of an event.
"""

from __future__ import annotations

import asyncio
import logging
import sys
import threading
import traceback
from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from aiokafka.errors import KafkaError
from pythonjsonlogger.json import JsonFormatter

FIELDS = ("step", "partition", "topic", "offset", "lead", "reason", "count")  # all that is told of a record's `extra`
_OF_LIBRARIES = {"DEBUG": "INFO", "INFO": "WARNING", "WARNING": "WARNING", "ERROR": "ERROR"}  # DEBUG shows requests
_FRAMES = 12
_ROOT = f"{Path(__file__).parents[2]}/"

Speaks = Callable[[BaseException], bool]

log = logging.getLogger("funnelwatch.worker")


class Refused(RuntimeError):
    """An error of the worker itself; its text is about partitions and offsets."""


def of_parts(error: BaseException) -> bool:
    """Errors of Kafka, the network and files, whose texts hold nothing of an event."""
    return isinstance(error, KafkaError | OSError | Refused)


def configure(level: str, form: str, speaks: Speaks = of_parts) -> None:
    """Everything that is logged, or would end on stderr by itself. form: text or json; speaks: errors to be quoted."""
    handler = logging.StreamHandler()
    handler.setFormatter(Json(speaks) if form == "json" else Text(speaks))
    logging.root.handlers = [handler]
    logging.root.setLevel(_OF_LIBRARIES[level])
    logging.getLogger("funnelwatch").setLevel(level)
    logging.raiseExceptions = False  # it prints the arguments of a record that cannot be formatted
    sys.excepthook = lambda kind, error, where: log.critical("ended", exc_info=error)  # noqa: ARG005
    threading.excepthook = lambda args: log.critical("a thread ended", exc_info=args.exc_value)


def unhandled(_: asyncio.AbstractEventLoop, context: Mapping[str, Any]) -> None:
    """A loop's exception handler; asyncio's own tells the result of the task as text."""
    log.error("%s", context.get("message", "asyncio"), exc_info=context.get("exception"))


class Text(logging.Formatter):
    """2026-11-22 13:00:00.123 INFO funnelwatch.worker: what it says (step=journey partition=2)"""

    def __init__(self, speaks: Speaks = of_parts) -> None:
        super().__init__()
        self._speaks = speaks

    def format(self, record: logging.LogRecord) -> str:
        told = tell(record, self._speaks)
        fields = " ".join(f"{name}={told[name]}" for name in FIELDS if name in told)
        error = f"; {told['error']}" if "error" in told else ""
        at = f" at {' < '.join(told['frames'])}" if told.get("frames") else ""
        head = f"{told['time'][:-1].replace('T', ' ')} {told['level']} {told['logger']}: {told['message']}"
        return f"{head}{f' ({fields})' if fields else ''}{error}{at}"


class Json(JsonFormatter):
    """One object per line: time, level, logger, message, FIELDS where they are known, error and frames."""

    def __init__(self, speaks: Speaks = of_parts) -> None:
        super().__init__(json_ensure_ascii=False)
        self._speaks = speaks

    def add_fields(
        self,
        log_data: dict[str, Any],
        record: logging.LogRecord,
        message_dict: dict[str, Any],  # noqa: ARG002
    ) -> None:
        log_data.update(tell(record, self._speaks))


def tell(record: logging.LogRecord, speaks: Speaks) -> dict[str, Any]:
    """What may be said of a record."""
    at = datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
    told: dict[str, Any] = {
        "time": at,
        "level": record.levelname,
        "logger": record.name,
        "message": _message(record, speaks),
    }
    told |= {name: vars(record)[name] for name in FIELDS if name in vars(record)}
    error = record.exc_info[1] if record.exc_info else None
    if error is not None:
        told["error"] = " because of ".join(_named(one, speaks) for one in _chain(error))
        told["frames"] = [frame for one in _chain(error) for frame in _frames(one)][:_FRAMES]
    return told


def _message(record: logging.LogRecord, speaks: Speaks) -> str:
    args: Any = record.args
    if isinstance(args, Mapping):
        args = {name: _discreet(one, speaks) for name, one in args.items()}
    elif args:
        args = tuple(_discreet(one, speaks) for one in args)
    try:
        text = str(record.msg) % args if args else str(_discreet(record.msg, speaks))
    except (TypeError, ValueError, KeyError):
        text = f"{str(record.msg)!r} with other arguments"
    return " ".join(text.split())


def _discreet(value: object, speaks: Speaks) -> object:
    return _named(value, speaks) if isinstance(value, BaseException) else value


def _named(error: BaseException, speaks: Speaks) -> str:
    name, text = type(error).__name__, " ".join(str(error).split())
    return f"{name}: {text}" if text and speaks(error) else name


def _chain(error: BaseException) -> Iterator[BaseException]:
    """The error and its causes, each once."""
    seen: set[int] = set()
    found: BaseException | None = error
    while found is not None and id(found) not in seen:
        seen.add(id(found))
        yield found
        found = found.__cause__ or (None if found.__suppress_context__ else found.__context__)


def _frames(error: BaseException) -> list[str]:
    """file:line function, the innermost first; without the source's text, and without variables."""
    frames = traceback.extract_tb(error.__traceback__)
    return [f"{_short(one.filename)}:{one.lineno} {one.name}" for one in reversed(frames)]


def _short(path: str) -> str:
    return path.rpartition("site-packages/")[2].removeprefix(_ROOT)
