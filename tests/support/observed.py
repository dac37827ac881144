"""What a worker says of itself over HTTP, as somebody who watches it reads it."""

from __future__ import annotations

import json
import urllib.error
import urllib.request
from pathlib import Path
from typing import Any

from prometheus_client.parser import text_string_to_metric_families

LOOPBACK = "127.0.0.1"
_LISTENING = "0A"


class Observed:
    """The worker whose metrics and health are at `url`."""

    def __init__(self, url: str) -> None:
        self.url = url

    def ask(self, path: str) -> tuple[int, dict[str, Any]] | None:
        """Status and body of a JSON answer; None while nobody listens."""
        try:
            with urllib.request.urlopen(self.url + path, timeout=60) as answer:
                return answer.status, json.load(answer)
        except urllib.error.HTTPError as error:
            return error.code, json.load(error)
        except OSError:
            return None

    def exposition(self) -> str:
        with urllib.request.urlopen(self.url + "/metrics", timeout=60) as answer:
            text: str = answer.read().decode()
            return text

    def metric(self, name: str, **labels: str) -> float | None:
        """Sum of the samples `funnelwatch_<name>` with these labels; None where there is none."""
        found = [
            sample.value
            for family in text_string_to_metric_families(self.exposition())
            for sample in family.samples
            if sample.name == f"funnelwatch_{name}" and labels.items() <= sample.labels.items()
        ]
        return sum(found) if found else None


def listening(pid: int) -> set[tuple[str, int]]:
    """Address and port of every TCP socket that the process listens on."""
    own = {link.readlink().name for link in Path(f"/proc/{pid}/fd").iterdir() if link.is_symlink()}
    found = set()
    for table in ("tcp", "tcp6"):
        for line in Path(f"/proc/{pid}/net/{table}").read_text().splitlines()[1:]:
            _, local, _, state, *rest = line.split()
            if state == _LISTENING and f"socket:[{rest[5]}]" in own:
                address, port = local.split(":")
                host = ".".join(str(byte) for byte in reversed(bytes.fromhex(address))) if table == "tcp" else address
                found.add((host, int(port, 16)))
    return found
