"""What the processes of a tree listen on, as the kernel has it."""

from __future__ import annotations

import ipaddress
import os
import re
import struct
from collections.abc import Iterator
from pathlib import Path

LISTENING = "0A"


def tree(pid: int) -> Iterator[int]:
    """The process and all that come of it."""
    yield pid
    for children in Path(f"/proc/{pid}/task").glob("*/children"):
        for child in children.read_text().split():
            yield from tree(int(child))


def listening(pid: int) -> set[tuple[str, int]]:
    """Address and port of every TCP socket that the tree listens on, and of every UDP socket that it has bound."""
    inodes = {inode for one in tree(pid) for inode in _sockets(one)}
    found = set()
    for protocol in ("tcp", "tcp6", "udp", "udp6"):
        for line in Path(f"/proc/net/{protocol}").read_text().splitlines()[1:]:
            fields = line.split()
            if fields[9] in inodes and (fields[3] == LISTENING or protocol.startswith("udp")):
                address, _, port = fields[1].partition(":")
                found.add((_address(address), int(port, 16)))
    return found


def _sockets(pid: int) -> Iterator[str]:
    for handle in Path(f"/proc/{pid}/fd").iterdir():
        try:
            opened = re.fullmatch(r"socket:\[(\d+)\]", os.readlink(handle))  # noqa: PTH115
        except FileNotFoundError:
            continue
        if opened:
            yield opened[1]


def _address(hexadecimal: str) -> str:
    """The kernel writes each 32 bits in the machine's order."""
    words = [int(hexadecimal[at : at + 8], 16) for at in range(0, len(hexadecimal), 8)]
    return str(ipaddress.ip_address(b"".join(struct.pack("=I", word) for word in words)))
