"""What a setting's text may be. Each validator raises ValueError with a sentence that begins with "must"."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Annotated

from pydantic import BeforeValidator, SecretStr
from pydantic_settings import NoDecode

_UNITS = {"ms": 0.001, "s": 1.0, "m": 60.0, "h": 3600.0, "d": 86400.0, "w": 604800.0}
_DURATION = re.compile(r"(\d+(?:\.\d+)?)\s*(ms|s|m|h|d|w)?")
_ADDRESS = re.compile(r"\[?[\w.:-]+\]?:\d{1,5}")


def seconds(text: object) -> float:
    """A duration in seconds: 90s, 1.5m, 5m30s, 2h, 120d, 500ms; a bare number is seconds. Raises ValueError."""
    if isinstance(text, int | float):
        return float(text)
    parts = _DURATION.findall(str(text).strip())
    if not parts or _DURATION.sub("", str(text)).strip():
        raise ValueError("must be a duration such as 90s, 5m, 2h or 120d")
    return sum(float(number) * _UNITS[unit or "s"] for number, unit in parts)


def _addresses(text: object) -> object:
    if isinstance(text, str) and not all(_ADDRESS.fullmatch(part.strip()) for part in text.split(",")):
        raise ValueError("must be host:port, or several of them with commas between")
    return text


def _http(text: object) -> object:
    if isinstance(text, str) and not re.fullmatch(r"https?://[^\s/]+.*", text):
        raise ValueError("must begin with http:// or https://")
    return text


def _words(text: object) -> object:
    return tuple(word for part in text.split(",") if (word := part.strip())) if isinstance(text, str) else text


def _existing(text: object) -> object:
    if isinstance(text, str | Path) and not Path(text).is_file():
        raise ValueError("must be the path of a file that is there")
    return text


def _topic(text: object) -> object:
    if isinstance(text, str) and not re.fullmatch(r"[\w.-]{1,249}", text, re.ASCII):
        raise ValueError("must be a Kafka topic's name: letters, digits, '.', '_' and '-'")
    return text


def _link(text: object) -> object:
    if isinstance(text, str) and "{id}" not in text:
        raise ValueError("must hold {id}, where the CRM record's id belongs")
    return _http(text)


def _key(secret: object) -> object:
    if isinstance(secret, str) and len(secret) < 16:
        raise ValueError("must be a secret of at least 16 characters")
    return secret


Addresses = Annotated[str, BeforeValidator(_addresses)]
Link = Annotated[str, BeforeValidator(_link)]
Key = Annotated[SecretStr, BeforeValidator(_key)]
Words = Annotated[tuple[str, ...], NoDecode, BeforeValidator(_words)]
Duration = Annotated[float, BeforeValidator(seconds)]
Url = Annotated[str, BeforeValidator(_http)]
File = Annotated[Path, BeforeValidator(_existing)]
Topic = Annotated[str, BeforeValidator(_topic)]
