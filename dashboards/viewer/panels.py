"""From a panel and its rows to what a template draws. No HTML here, and no SQL."""

from __future__ import annotations

import string
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from itertools import groupby
from typing import Any

from dashboards.model import MINIMUM, Field, Panel, Tone
from dashboards.viewer import format as say
from dashboards.viewer.cells import Cell, Cells
from dashboards.viewer.charts import Bucket, Chart, axis, bucket_name, columns
from dashboards.viewer.reader import Row


@dataclass(frozen=True, slots=True)
class Bar:
    label: Cell
    numbers: tuple[Cell, ...]
    length: float | None  # percent; None: there is no rate to draw
    part: float
    said: str


@dataclass(frozen=True, slots=True)
class Facet:
    label: Cell
    said: Cell
    chart: Chart
    summary: str


@dataclass(frozen=True, slots=True)
class Drawn:
    """A panel, ready. Exactly one of the parts is filled, or `message` says why none is."""

    message: str = ""
    failed: bool = False
    stat: Cell | None = None
    caption: str = ""
    groups: tuple[tuple[str, int], ...] = ()
    head: tuple[Field, ...] = ()
    rows: tuple[tuple[Cell, ...], ...] = ()
    bars: tuple[Bar, ...] = ()
    facets: tuple[Facet, ...] = ()
    links: tuple[tuple[str, str], ...] = field(default=())

    @property
    def is_nothing(self) -> bool:
        return self.stat is not None and self.stat.text in ("0", say.NONE)


@dataclass(frozen=True, slots=True)
class Painter(Cells):
    """Draws panels: cells of one look, put together."""

    def draw(self, panel: Panel, rows: Sequence[Row]) -> Drawn:
        links = tuple((text, self.look.follow(link, {})) for text, link in panel.links)
        match panel.kind:
            case "stat":
                stat, caption = self._stat(panel, rows[0])
                return Drawn(stat=stat, caption=caption, links=links)
            case "table":
                return self.table(tuple(f for f in panel.fields if f.role == "cell"), rows, links)
            case "bargauge" if panel.unknown and rows and all(row[panel.the("value").name] is None for row in rows):
                return Drawn(message=panel.unknown, links=links)
            case "bargauge":
                return Drawn(bars=self._bars(panel, rows), links=links)
            case "timeseries":
                return Drawn(facets=self._facets(panel, rows), links=links)

    def listed(self, head: tuple[Field, ...], rows: Sequence[Row]) -> Drawn:
        """A table without the columns that have nothing to say in any of these rows."""
        telling = tuple(f for f in head if any(row[f.name] not in (None, "") for row in rows))
        return self.table(telling, rows)

    def table(self, head: tuple[Field, ...], rows: Sequence[Row], links: tuple[tuple[str, str], ...] = ()) -> Drawn:
        groups = tuple((name, len(list(members))) for name, members in groupby(head, lambda f: f.group))
        cells = tuple(tuple(self.cell(f, row) for f in head) for row in rows)
        return Drawn(groups=groups if any(name for name, _ in groups) else (), head=head, rows=cells, links=links)

    def _stat(self, panel: Panel, row: Row) -> tuple[Cell, str]:
        field, instead = panel.the("value"), panel.find("instead")
        if instead and row[field.name] is None:
            return replace(self.number(instead, row), heading=""), panel.unknown
        value = row[field.name]
        tone: Tone = "plain"
        for threshold in panel.thresholds:
            if value is not None and float(value) >= threshold.value:
                tone = threshold.tone
        href = self.href(field.link, row) if value else ""
        full = say.plain(field.unit, value, row)
        text = say.money(value, str(row["currency"]), short=True) if field.unit == "money" else full
        return Cell(text, title=full if full != text else "", href=href, tone=tone, number=True), self._said(panel, row)

    def _said(self, panel: Panel, row: Row) -> str:
        field, sentence = panel.the("value"), self._sentence(panel, row)
        value = row[field.name]
        if value is None and panel.unknown:
            return "; ".join(text for text in (panel.unknown, sentence) if text)
        nothing = value is None or (value == 0 and field.unit in ("count", "money"))
        return panel.empty if panel.empty and nothing else sentence

    def _sentence(self, panel: Panel, row: Row) -> str:
        return "; ".join(text for clause in panel.caption.split("; ") if (text := self._clause(panel, clause, row)))

    def _clause(self, panel: Panel, clause: str, row: Row) -> str:
        parts = []
        for text, name, _, _ in string.Formatter().parse(clause):
            parts.append(text)
            if name:
                field = next(f for f in panel.fields if f.name == name)
                if not row[name] and field.unit != "share":
                    return ""
                parts.append(self._in_words(field, row))
        return "".join(parts)

    def _in_words(self, field: Field, row: Row) -> str:
        if field.unit == "share" and row[field.name] is None:
            return "too few to say"
        return say.plain(field.unit, row[field.name], row, self.now)

    def _bars(self, panel: Panel, rows: Sequence[Row]) -> tuple[Bar, ...]:
        label, value, part = panel.the("label"), panel.the("value"), panel.find("part")
        is_share = value.unit == "share"
        longest = 1.0 if is_share else max([float(row[value.name] or 0) for row in rows] or [0.0])
        bars = []
        for row in rows:
            length = None if is_share and row[value.name] is None else _percent(row[value.name], longest)
            others = [f for f in panel.fields if f.role in ("cell", "part") and (f.role == "cell" or row[f.name])]
            numbers = [self._labelled(f, row) for f in others]
            if not is_share:
                numbers.insert(0, self.number(value, row))
            said = self._of_those_before(value, row) if is_share else ""
            caption = self._sentence(panel, row)
            term = say.term(label.unit, row[label.name])
            bars.append(
                Bar(
                    Cell(say.plain(label.unit, row[label.name], row), sub=term),
                    tuple(numbers),
                    length,
                    _percent(row[part.name], longest) if part else 0.0,
                    " · ".join(text for text in (said, caption) if text),
                )
            )
        return tuple(bars)

    def _labelled(self, field: Field, row: Row) -> Cell:
        cell = self.number(field, row)
        label = field.label.removesuffix("s") if row[field.name] == 1 else field.label
        return replace(cell, text=f"{cell.text} {label}".strip())

    def _of_those_before(self, field: Field, row: Row) -> str:
        if not row[field.of]:
            return ""
        counts = say.share_counts(field, row)
        return counts if row[field.name] is None else f"{say.share(row[field.name])} {field.label} ({counts})"

    def _facets(self, panel: Panel, rows: Sequence[Row]) -> tuple[Facet, ...]:
        series, total, part, young = panel.the("series"), panel.the("total"), panel.the("part"), panel.find("young")
        period = self.look.period
        times = axis([say.utc(row["time"]) for row in rows], period)
        name = bucket_name(period)
        facets = []
        for term, members in groupby(rows, lambda row: row[series.name]):
            own = list(members)
            buckets = [
                Bucket(
                    say.utc(row["time"]),
                    float(row[total.name]),
                    float(row[part.name]),
                    bool(young and row[young.name]),
                    f"{name(say.utc(row['time']))}: {say.count(row[part.name])} of {say.count(row[total.name])} "
                    f"{part.label}" + (f" ({say.share(row['rate'])})" if row["rate"] is not None else ""),
                    self.href(part.link, row),
                )
                for row in own
            ]
            old = [b for b in buckets if not b.young]
            hits, among = sum(b.part for b in old), sum(b.total for b in old)
            top = max(b.total for b in buckets)
            said = f"{say.share(hits / among)} {part.label}" if among >= MINIMUM else ""
            counts = f"{say.count(hits)} of {say.count(among)}" if among else "all still too young"
            whole = {key: value for key, value in own[0].items() if key != "bucket"}
            facets.append(
                Facet(
                    self.cell(series, own[0]),
                    Cell(said or counts, sub=counts if said else "", href="" if young else self.href(part.link, whole)),
                    columns(buckets, times, period, top),
                    f"{say.plain(series.unit, term, own[0])}, by {period.each}: {counts} {part.label}",
                )
            )
        return tuple(facets)


def _percent(value: Any, of: float) -> float:
    return round(100.0 * float(value or 0) / of, 2) if of else 0.0
