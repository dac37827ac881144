"""One value of a row as a cell: its text, its tone, and where it leads."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from dashboards import words
from dashboards.model import MINIMUM, Field, Link, Tone
from dashboards.viewer import format as say
from dashboards.viewer.look import Look, crm_address
from dashboards.viewer.reader import Row


@dataclass(frozen=True, slots=True)
class Cell:
    """One value: `sub` is said smaller beside it, `mark` as a small badge, `title` on hovering."""

    text: str
    sub: str = ""
    title: str = ""
    href: str = ""
    outside: bool = False
    tone: Tone = "plain"
    number: bool = False
    heading: str = ""
    mark: str = ""


@dataclass(frozen=True, slots=True)
class Cells:
    """Knows the look (for links), the CRM's template and the time it is on the boards."""

    look: Look
    crm_url: str = ""
    now: datetime | None = None

    def cell(self, field: Field, row: Row) -> Cell:
        value = row[field.name]
        heading = field.label
        match field.unit:
            case "lead":
                return self._lead(str(value or ""), row, heading)
            case "crm":
                address = crm_address(self.crm_url, str(value or ""))
                text = "Open in CRM" if address else str(value or "")
                return Cell(
                    text, title=f"CRM record {value}" if value else "", href=address, outside=True, heading=heading
                )
            case "left":
                return Cell(say.left(value), tone=_tone_of(row), number=True, heading=heading)
            case "state":
                return Cell(
                    words.state(str(value)),
                    title=say.term("state", value),
                    tone=say.tone_of_state(value),
                    heading=heading,
                )
            case "person":
                owed_by = str(row.get("owed_by") or "")
                if value and owed_by in ("", "sales"):
                    return Cell(str(value), heading=heading)
                return Cell(words.side(owed_by) or "No owner yet", tone="quiet", heading=heading)
            case "share":
                return self.share(field, row)
            case "points":
                few = value is None
                title = f"Fewer than {MINIMUM}: no difference is shown" if few else field.help
                return Cell("" if few else say.points(value), title=title, number=True, heading=heading)
            case "count" | "money":
                return self.number(field, row)
        text, term = say.plain(field.unit, value, row, self.now), say.term(field.unit, value)
        if field.unit == "promise" and term != text:
            return Cell(text, sub=term.lower(), title=f"Broken: {words.broken(str(value)).lower()}", heading=heading)
        return Cell(text, title=term, number=field.unit in ("days", "minutes"), heading=heading)

    def _lead(self, name: str, row: Row, heading: str) -> Cell:
        lead_id = str(row.get("lead_id") or "")
        if not lead_id:
            return Cell(name or "No known person", tone="quiet", heading=heading)
        text = name or f"Unnamed, {lead_id[:7]}"
        mark = "hot" if row.get("hot") else ""
        return Cell(text, mark=mark, title=lead_id, href=self.look.href(f"/leads/{lead_id}"), heading=heading)

    def number(self, field: Field, row: Row) -> Cell:
        value = row[field.name]
        text = say.plain(field.unit, value, row)
        if not value:
            text = text if field.unit == "count" else str(row.get(f"{field.name}_problem") or "")
            return Cell(text, tone="quiet", number=True, heading=field.label)
        sub = f"each of {say.count(row[field.of])}" if field.of else ""
        return Cell(text, sub=sub, href=self.href(field.link, row), tone=field.tone, number=True, heading=field.label)

    def share(self, field: Field, row: Row) -> Cell:
        if not row[field.of]:
            return Cell("", number=True, tone="quiet", heading=field.label)
        counts = say.share_counts(field, row)
        few = row[field.name] is None
        return Cell(
            counts if few else say.share(row[field.name]),
            sub="" if few else counts,
            title=f"Fewer than {MINIMUM}: only the counts are shown" if few else field.help,
            href=self.href(field.link, row) if row[field.hits] else "",
            number=True,
            heading=field.label,
        )

    def href(self, link: Link | None, row: Row) -> str:
        return self.look.follow(link, row) if link else ""


def _tone_of(row: Row) -> Tone:
    if "state" in row:
        return say.tone_of_state(row["state"])
    return "leak" if (row.get("left") or 0) < 0 else "warn"
