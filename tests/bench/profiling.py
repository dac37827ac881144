"""Where the time of a variant goes, by py-spy: which code holds the interpreter's lock, sampled while it works.

What C code does on behalf of a line (Avro, compression) counts as that line's.
"""

from __future__ import annotations

import re
import signal
import subprocess
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.bench.variants import QUIX_PYTHON, ROOT

PY_SPY = QUIX_PYTHON.with_name("py-spy")
SAMPLES_A_SECOND = 200
MODULES, FUNCTIONS = 25, 45
_FRAME = re.compile(r"^(?P<function>.+) \((?P<path>[^()]*?)(:\d+)?\)$")


@contextmanager
def sampled(pid: int, into: Path) -> Iterator[None]:
    """Samples of the process while the block runs, as py-spy's raw lines: frame;frame;… count."""
    options = ["--gil", "--function", "--full-filenames", "--nonblocking", "-r", str(SAMPLES_A_SECOND)]
    command = [str(PY_SPY), "record", "-p", str(pid), "-f", "raw", "-o", str(into), *options]
    spy = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        yield
    finally:
        spy.send_signal(signal.SIGINT)  # it then writes what it has
        spy.wait(60)


def told(raw: Path, title: str) -> str:
    """Tables of shares in percent: modules and functions by their own time, functions with all that they call."""
    modules: Counter[str] = Counter()
    own: Counter[str] = Counter()
    whole: Counter[str] = Counter()
    total = 0
    for line in raw.read_text().splitlines():
        stack, _, count = line.rpartition(" ")
        found = [_place(frame) for frame in stack.split(";")]
        found = [place for place in found if place]
        if not found:
            continue
        number = int(count)
        total += number
        modules[found[-1].partition(" ")[0]] += number
        own[found[-1]] += number
        whole.update(dict.fromkeys(found, number))
    tables = (
        ("modules, own time", modules, MODULES),
        ("functions, own time", own, FUNCTIONS),
        ("functions, with what they call", whole, FUNCTIONS),
    )
    text = [f"# {title}: {total} samples\n"]
    for name, counted, most in tables:
        text.append(f"## {name}, %")
        text += [f"{100 * number / total:6.1f}  {place}" for place, number in counted.most_common(most)]
        text.append("")
    return "\n".join(text) + "\n"


def _place(frame: str) -> str:
    """module function; "" for frames that say nothing."""
    found = _FRAME.match(frame)
    if found is None or found["path"].startswith("<"):
        return ""
    path = found["path"]
    for root in (f"{ROOT}/", "/site-packages/"):
        if root in path and "/site-packages/" not in path.partition(root)[2]:
            path = path.partition(root)[2]
    path = re.sub(r"^.*/lib/python3\.\d+/", "python/", path)
    return f"{path} {found['function']}"
