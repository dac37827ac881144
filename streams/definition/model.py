"""The shape of the lead definition (streams/definition.yaml says what each part means)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import cached_property
from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Field, PlainValidator, PrivateAttr, model_validator

from streams.definition.calendar import Calendar
from streams.definition.channels import visit_facts
from streams.definition.duration import Duration, Span, WallMicros, parse_duration
from streams.definition.guards import Guards
from streams.definition.match import ByType, Condition
from streams.definition.measures import Measures
from streams.definition.mistake import Misplaced
from streams.definition.origins import ChannelRule, Origin, TouchRule
from streams.definition.part import Names, Part
from streams.definition.readiness import Hot, SalesReady
from streams.definition.signatures import Signatures
from streams.definition.stages import Stage
from streams.identity.identifiers import IdentityRules

LATER, ASIDE = "later", "aside"  # stages of a clause by what they are to the opening one, not by name
SALES_READY = "sales_ready"  # the one moment that a rule makes, not a condition


class Clause(Part):
    """Exactly one of the five verbs; `when` is asked of the event that entered a stage, `times` belongs to `done`."""

    enters: Names = ()
    does: str = ""
    next: str = ""
    done: str = ""
    has: Literal["", "person_owner", "had_owner", "live_record", "sales_ready"] = ""
    times: int = Field(default=1, ge=1)
    when: Condition | None = None
    note: str = ""

    @model_validator(mode="after")
    def _one_verb(self) -> Clause:
        if sum(map(bool, (self.enters, self.does, self.next, self.done, self.has))) != 1:
            raise ValueError("a clause is exactly one of enters, does, next, done, has")
        if self.times > 1 and not self.done:
            raise Misplaced(("times",), "only what is `done` is counted")
        if self.when is not None and not self.enters:
            raise Misplaced(("when",), "only of `enters`; the condition of a moment stands with the moment")
        return self

    @property
    def moment(self) -> str:
        return self.does or self.next or self.done


class Due(Part):
    when: Condition | None = None
    within: Span


def _warning(value: Any) -> Duration | float:
    if isinstance(value, float):
        if not 0 < value < 1:
            raise ValueError(f"{value} is no fraction of the time to due")
        return value
    return parse_duration(value)


def _due_lines(value: Any) -> Any:
    return [{"within": value}] if isinstance(value, str) else value


def _clauses(value: Any) -> Any:
    return [value] if isinstance(value, dict) else value


class Obligation(Part):
    owed_by: Literal["marketing", "sales", "operations", "data"]
    of: Literal["lead", "deal"] = "lead"
    opened_by: Annotated[tuple[Clause, ...], BeforeValidator(_clauses)] = Field(min_length=1)
    rolling: bool = False
    also: tuple[Clause, ...] = Field(default=(), alias="and")
    unless: tuple[Clause, ...] = ()
    met_by: tuple[Clause, ...] = Field(min_length=1)
    lost_by: tuple[Clause, ...] = ()
    void_by: tuple[Clause, ...] = ()
    due: Annotated[tuple[Due, ...], BeforeValidator(_due_lines)] = Field(min_length=1)
    warn: Annotated[Duration | float, PlainValidator(_warning)] = 0.75

    @model_validator(mode="after")
    def _due_is_whole(self) -> Obligation:
        if self.due[-1].when is not None:
            raise ValueError("the last line of due has a `when`: what is due when none of them holds?")
        if isinstance(self.warn, Duration) and any(line.within.clock != self.warn.clock for line in self.due):
            raise Misplaced(("warn",), "warn and due must both be wall-clock or both business time")
        if any(not clause.enters and not clause.does for clause in self.opened_by):
            raise Misplaced(("opened_by",), "is {enters: stage} or {does: moment}")
        if self.rolling and any(not clause.next for clause in self.met_by):
            raise Misplaced(
                ("met_by",), "a rolling obligation opens anew at each {next: moment}, and knows no other end"
            )
        return self

    @cached_property
    def meeting(self) -> tuple[Clause, ...]:
        """`met_by`, and what always meets it: entering a later stage than the one that opened it."""
        by_stage = any(clause.enters for clause in self.opened_by)
        if self.rolling or not by_stage or any(LATER in clause.enters for clause in self.met_by):
            return self.met_by
        return *self.met_by, Clause(enters=(LATER,))

    def clauses(self) -> Iterator[tuple[tuple[str | int, ...], Clause]]:
        for name in ("opened_by", "also", "unless", "met_by", "lost_by", "void_by"):
            clauses: tuple[Clause, ...] = getattr(self, name)
            for index, clause in enumerate(clauses):
                place = () if name == "opened_by" and len(clauses) == 1 else (index,)
                yield ("and" if name == "also" else name, *place), clause


class Void(Part):
    reason: str
    does: str


class Activities(Part):
    late_after: WallMicros
    role: str


class Deals(Part):
    kind: Literal["new_business", "renewal", "expansion"]
    closed_stages: Names


class SizeBand(Part):
    name: str
    up_to: int | None = None
    also: Names = ()


class Region(Part):
    calendar: str
    also: Names = ()


class Definition(Part):
    """A lead definition; `version` is a hash of its content (comments and layout apart)."""

    signatures: Signatures = Signatures()
    sales_ready: SalesReady
    hot: Hot
    stages: tuple[Stage, ...] = Field(min_length=1)
    statuses: dict[str, str] = Field(default={})
    obligations: dict[str, Obligation]
    voids: tuple[Void, ...] = ()
    channels: tuple[ChannelRule, ...]
    direct: Names
    own_sites: Names = ()
    touches: tuple[TouchRule, ...]
    origin: Origin
    claims: dict[str, str] = Field(default={})
    committee_size: int = Field(default=21, ge=1)
    """How many people of an account take part in a purchase, where nothing else is known."""
    moments: dict[str, Condition]
    activities: Activities
    deals: Deals
    size_bands: tuple[SizeBand, ...]
    regions: dict[str, Region] = Field(default={})
    calendar: str
    calendars: dict[str, Calendar]
    owner_calendars: dict[str, str] = Field(default={})
    measures: Measures = Measures()
    identity: Guards = IdentityRules()
    _version: str = PrivateAttr(default="")

    @property
    def version(self) -> str:
        return self._version

    @property
    def signed(self) -> bool:
        return not self.signatures.missing

    @property
    def identity_rules(self) -> IdentityRules:
        return self.identity

    def channel_of(self, data: Mapping[str, Any]) -> str:
        """The channel of a visit by its landing (url, referrer, utm_*, click_id, codes, rep_link); '' if none holds."""
        facts = visit_facts(data, self.own_sites)
        touch = self.touch_rules.first(facts)
        return (touch.channel if touch else "") or self.channel_rules.first(facts) or ""

    @cached_property
    def rank(self) -> dict[str, int]:
        """Stage name → its place in the file, from 1."""
        return {stage.name: place for place, stage in enumerate(self.stages, 1)}

    @cached_property
    def aside(self) -> frozenset[str]:
        return frozenset(stage.name for stage in self.stages if stage.aside)

    @cached_property
    def line(self) -> tuple[tuple[str, int], ...]:
        """The stages that are not aside, with their ranks."""
        return tuple((stage.name, self.rank[stage.name]) for stage in self.stages if not stage.aside)

    @cached_property
    def stages_of(self) -> dict[str, tuple[Stage, ...]]:
        """Moment → the stages that it enters, in order."""
        names = {name for stage in self.stages for name in stage.enter}
        return {name: tuple(stage for stage in self.stages if name in stage.enter) for name in names}

    @cached_property
    def stage_named(self) -> dict[str, Stage]:
        return {stage.name: stage for stage in self.stages}

    @cached_property
    def rank_of_type(self) -> dict[str, int]:
        """Event type → rank of the first stage that such an event may enter: how simultaneous events are ordered."""
        ranks: dict[str, int] = {}
        for stage in reversed(self.stages):
            for name in stage.enter:
                when = self.moments.get(name)
                ranks.update(dict.fromkeys(when.types or () if when else (), self.rank[stage.name]))
        return ranks

    @cached_property
    def stage_of_status(self) -> dict[str, str]:
        """CRM status in lower case → stage."""
        return {status.strip().casefold(): stage for status, stage in self.statuses.items()}

    @cached_property
    def void_clauses(self) -> tuple[Clause, ...]:
        return tuple(Clause(does=void.does, note=void.reason) for void in self.voids)

    @cached_property
    def closed_stages(self) -> frozenset[str]:
        return frozenset(name.casefold() for name in self.deals.closed_stages)

    @cached_property
    def moment_rules(self) -> ByType[str]:
        return ByType((when, name) for name, when in self.moments.items())

    @cached_property
    def channel_rules(self) -> ByType[str]:
        return ByType((rule.when, rule.channel) for rule in self.channels)

    @cached_property
    def origin_rules(self) -> ByType[str]:
        """Evidence that an event's own fields give."""
        origin = self.origin
        return ByType(
            [(origin.partner.when, "partner"), (origin.referral.when, "referral"), (origin.sales.when, "sales")]
        )

    @cached_property
    def touch_rules(self) -> ByType[TouchRule]:
        return ByType((rule.when, rule) for rule in self.touches)

    @model_validator(mode="after")
    def _names_exist(self) -> Definition:
        for path, kind, name in self._references():
            known: Any = {
                "stage": self.rank,
                "moment": self.moments.keys() | {SALES_READY},
                "stage or moment": self.rank.keys() | self.moments.keys() | {SALES_READY},
                "calendar": self.calendars,
            }[kind]
            if name not in known:
                raise Misplaced(path, f"there is no {kind} {name!r}")
        if len(self.rank) < len(self.stages):
            raise Misplaced(("stages",), "two stages have one name")
        if any(band.up_to is None for band in self.size_bands[:-1]):
            raise Misplaced(("size_bands",), "only the last band may be without up_to")
        return self

    def _references(self) -> Iterator[tuple[tuple[str | int, ...], str, str]]:
        for place, stage in enumerate(self.stages):
            yield from ((("stages", place, "enter"), "moment", name) for name in stage.enter)
            yield from ((("stages", place, "exit"), "stage or moment", name) for name in stage.exit)
            yield from ((("stages", place, "not_from"), "stage", name) for name in stage.not_from)
            if stage.takes_back:
                yield ("stages", place, "takes_back"), "stage", stage.takes_back.stage
        yield from ((("statuses", status), "stage", stage) for status, stage in self.statuses.items())
        yield from ((("hot", "moments"), "moment", name) for name in self.hot.moments)
        yield from ((("origin", "sales"), "moment", name) for name in self.origin.sales.moments)
        yield from ((("voids", place), "moment", void.does) for place, void in enumerate(self.voids))
        for kind, obligation in self.obligations.items():
            for path, clause in obligation.clauses():
                where = ("obligations", kind, *path)
                stages = (name for name in clause.enters if name not in (LATER, ASIDE) or path[0] == "opened_by")
                yield from ((where, "stage", name) for name in stages)
                if clause.moment:
                    yield where, "moment", clause.moment
        yield ("calendar",), "calendar", self.calendar
        yield from ((("owner_calendars", owner), "calendar", name) for owner, name in self.owner_calendars.items())
        yield from (
            (("regions", name, "calendar"), "calendar", region.calendar) for name, region in self.regions.items()
        )
