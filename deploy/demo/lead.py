"""One person as the CRM has them: the record, and the events that anybody may write about it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Literal

from deploy.demo.hours import after, local_day
from deploy.demo.people import LARGE, Person
from deploy.demo.story import Story
from deploy.demo.team import AUTOMATION, Habit
from streams.model import DAY, HOUR, Micros, Record

Direction = Literal["outbound", "inbound", "two_way"]
End = Literal["won", "lost", "open", "left lying", "not given", "rejected", "recycled"]

RECYCLABLE = {"timing", "budget", "no_need", "no_response"}
_REASONS = {
    ("revisit next quarter", "timing"): 22,
    ("no budget this year", "budget"): 14,
    ("no need at the moment", "no_need"): 12,
    ("too small for us", "fit"): 20,
    ("wrong industry", "fit"): 9,
    ("student", "junk"): 7,
    ("wrong number, invented name", "junk"): 7,
    ("known under another name", "duplicate"): 4,
    ("other", "other"): 5,
}


@dataclass(frozen=True, slots=True)
class Outcome:
    """How a round with sales ended, and when."""

    end: End
    at: Micros
    reason_class: str | None = None


@dataclass(slots=True)
class Lead:
    story: Story
    person: Person
    record_id: str
    fit: float  # 0 to 1; nobody at the company sees it
    score: float = 0.0
    owner: Habit | None = None
    kind: Literal["lead", "contact"] = "lead"
    devices: list[str] = field(default_factory=list)
    opted_out: bool = False

    @property
    def large(self) -> bool:
        return self.person.company.employees >= LARGE

    def note(self, at: Micros, event: str, **fields: Any) -> None:
        self.story.crm(at, event, self.record_id, record_kind=self.kind, **fields)

    def profile(self) -> Record:
        """What a record says about the person, as created."""
        person, company = self.person, self.person.company
        return {
            "email": person.email,
            "company": company.name,
            "department": person.department,
            "job_title": person.job_title,
            "company_size": company.band,
            "industry": company.industry,
            "region": company.region,
            "country": company.country,
        }

    def give_to(self, at: Micros, rep: Habit, by: str) -> None:
        self.owner = rep
        self.note(at, "assigned", owner_id=rep.id, owner_kind="person", changed_by=by)

    def rate(self, at: Micros, points: float) -> None:
        self.score = max(0.0, min(100.0, self.score + points))
        self.note(at, "lead_updated", source="automation", score=round(self.score), changed_by=AUTOMATION)

    def did(self, at: Micros, rep: Habit, kind: str, direction: Direction, outcome: str) -> None:
        """A rep's activity, logged as that rep logs: perhaps days later, perhaps by its day only, perhaps never."""
        story = self.story
        if not story.chance(rep.logs):
            return
        recorded, occurred, precision = at + story.within(0, 4 * 60_000_000), at, "second"
        if story.chance(rep.logs_late):
            recorded = after(at, story.within(8 * HOUR, 36 * HOUR))
            if story.chance(rep.logs_by_day):
                occurred, precision = local_day(at) * DAY, "day"
        self.note(
            occurred,
            "activity_logged",
            recorded=recorded,
            time_precision=precision,
            activity_kind=kind,
            activity_direction=direction,
            activity_human=True,
            activity_outcome=outcome,
            actor_id=rep.id,
            actor_role="sales",
        )

    def reject(self, at: Micros, rep: Habit, reason: tuple[str, str] | None = None) -> Outcome:
        """Rejected with a reason if this rep gives reasons; a recyclable one may be recycled instead."""
        story = self.story
        text, reason_class = reason or story.rng.choices(list(_REASONS), list(_REASONS.values()))[0]
        given = story.chance(rep.gives_reason)
        said = {"reason": text if given else None, "reason_class": reason_class if given else None}
        if given and reason_class in RECYCLABLE and story.chance(0.3):
            self.note(at, "recycled", status="Recycled", changed_by=rep.id, **said)
            return Outcome("recycled", at, reason_class)
        self.note(at, "rejected", status="Rejected", changed_by=rep.id, **said)
        return Outcome("rejected", at, reason_class if given else None)
