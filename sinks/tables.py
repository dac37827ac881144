"""The declared tables of database `facts`: the one place that says which columns a fact has.

Every fact row is addressed by (generation, key); the row with the highest `revision` counts, and `is_deleted` withdraws
it. Times are DateTime64(6) in UTC and are given as int microseconds. A change here needs a new file in `migrations/`.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

DATABASE = "facts"

STRING = "String"
WORD = "LowCardinality(String)"  # few distinct values
TIME = "DateTime64(6, 'UTC')"
MAYBE_TIME = f"Nullable({TIME})"
FLAG = "UInt8"
DAY = "Date"


@dataclass(frozen=True, slots=True)
class Column:
    name: str
    type: str
    default: str = ""


GENERATION = Column("generation", "UInt32")
SOURCE_AT = Column("source_at", TIME)  # when Kafka appended the input that caused the row
WRITTEN_AT = Column("written_at", "DateTime64(3, 'UTC')", default="now64(3)")
REVISION = Column("revision", "UInt64")
IS_DELETED = Column("is_deleted", FLAG)
LEAD_THEN = Column("lead_then", STRING)  # to whom its event belonged when it happened
DEFINITION_VERSION = Column("definition_version", WORD)
SEGMENTS = tuple(Column(name, WORD) for name in ("channel", "origin", "size_band", "industry", "region"))


@dataclass(frozen=True)
class Table:
    """`key` are the sorting columns after `generation`. Facts carry revision and tombstone columns, logs do not."""

    name: str
    key: tuple[Column, ...]
    values: tuple[Column, ...]
    engine: str = "ReplacingMergeTree(revision, is_deleted)"
    is_fact: bool = True
    has_generation: bool = True
    kept: str = ""  # for so long after it was written

    @property
    def full_name(self) -> str:
        return f"{DATABASE}.{self.name}"

    @cached_property
    def columns(self) -> tuple[Column, ...]:
        first = (GENERATION,) if self.has_generation else ()
        last = (SOURCE_AT, WRITTEN_AT, REVISION, IS_DELETED) if self.is_fact else (WRITTEN_AT,) if self.kept else ()
        return (*first, *self.key, *self.values, *last)

    @cached_property
    def sorting(self) -> tuple[str, ...]:
        return tuple(column.name for column in ((GENERATION,) if self.has_generation else ()) + self.key)

    @property
    def partition(self) -> str:
        return GENERATION.name if self.has_generation else ""


def create_table(table: Table) -> str:
    """The DDL of one table, without a trailing semicolon."""
    lines = ",\n".join(
        f"    {column.name} {column.type}" + (f" DEFAULT {column.default}" if column.default else "")
        for column in table.columns
    )
    partition = f"\nPARTITION BY {table.partition}" if table.partition else ""
    return (
        f"CREATE TABLE IF NOT EXISTS {table.full_name}\n(\n{lines}\n)\n"
        f"ENGINE = {table.engine}{partition}\nORDER BY ({', '.join(table.sorting)})"
        + (f"\nTTL toDateTime({WRITTEN_AT.name}) + INTERVAL {table.kept}" if table.kept else "")
    )


LEADS = Table(
    "leads",
    key=(Column("lead_id", STRING),),
    values=(
        Column("crm_record_id", STRING),
        Column("stage", WORD),
        Column("cycle", "UInt16"),
        Column("owner", STRING),
        Column("owner_kind", WORD),
        Column("channel", WORD),
        Column("origin", WORD),
        Column("origin_at", MAYBE_TIME),  # of what decided the origin
        Column("claimed_by_sales", WORD),
        Column("claimed_by_marketing", WORD),
        Column("account", STRING),
        Column("account_by", WORD),  # crm | domain | ''
        Column("company", STRING),
        Column("size_band", WORD),
        Column("industry", WORD),
        Column("region", WORD),
        Column("department", STRING),
        Column("job_title", STRING),
        Column("score", "Float64"),
        Column("hot", FLAG),
        Column("began_at", TIME),
        Column("stage_since", TIME),
        Column("last_event_at", TIME),
        Column("events", "UInt32"),
        Column("events_beyond_cap", "UInt32"),  # not counted: see events_per_lead in the definition
        DEFINITION_VERSION,
        Column("definition_signed", FLAG),
    ),
)

STAGE_ENTRIES = Table(
    "stage_entries",
    key=(Column("lead_id", STRING), Column("cause", STRING), Column("stage", WORD)),
    values=(
        Column("cycle", "UInt16"),
        Column("entered_at", TIME),
        Column("left_at", MAYBE_TIME),
        Column("next", WORD),  # '' = still there
        Column("skipped", FLAG),
        Column("regressed", FLAG),
        Column("began_at", TIME),
        Column("owner", STRING),
        *SEGMENTS,
        Column("score", "Float64"),
        Column("ready", FLAG),  # the sales-ready rule held
        Column("hot", FLAG),
        Column("reason", STRING),  # as first said while the lead stood there
        Column("reason_class", WORD),
        Column("source", STRING),
        Column("event_id", STRING),
        LEAD_THEN,
        DEFINITION_VERSION,
    ),
)

OBLIGATIONS = Table(
    "obligations",
    key=(Column("lead_id", STRING), Column("kind", WORD), Column("cause", STRING)),
    values=(
        Column("cycle", "UInt16"),
        Column("owed_by", WORD),  # marketing | sales | operations | data
        Column("owner", STRING),
        Column("opened_at", TIME),
        Column("warn_at", TIME),
        Column("due_at", TIME),
        Column("met_at", MAYBE_TIME),
        Column("ended_at", MAYBE_TIME),
        Column("end_kind", WORD),  # '' | lost | voided
        Column("void_reason", WORD),
        Column("note", WORD),
        Column("rolling", FLAG),
        Column("met_by", STRING),
        Column("opened_by_source", STRING),  # source/event_id
        Column("met_by_source", STRING),
        Column("office_s", "Nullable(Float64)"),  # of the office's open time from opening to meeting, if due is such
        Column("stage", WORD),
        *SEGMENTS,
        Column("hot", FLAG),
        LEAD_THEN,
        DEFINITION_VERSION,
    ),
)

ASSIGNMENTS = Table(  # each time that a person got the lead
    "assignments",
    key=(Column("lead_id", STRING), Column("cause", STRING)),
    values=(
        Column("cycle", "UInt16"),
        Column("assigned_at", TIME),
        Column("owner", STRING),
        Column("before", STRING),  # the person who had it last, '' = nobody yet
        Column("how", WORD),  # given | taken | passed_on
        Column("handover", FLAG),  # the first time in the cycle that it was given to sales
        Column("until", MAYBE_TIME),
        Column("stage", WORD),
        Column("ready", FLAG),  # the sales-ready rule held
        Column("score", "Float64"),
        Column("hot", FLAG),
        Column("cycle_began_at", MAYBE_TIME),
        Column("inbound_at", MAYBE_TIME),  # the person's last own action by then
        Column("touched_at", MAYBE_TIME),  # by sales, while it was this owner's
        Column("office_s", "Nullable(Float64)"),  # of open time from assigned to touched
        Column("day_due_at", TIME),  # one business day after it was assigned
        Column("decided_at", MAYBE_TIME),
        Column("decided", WORD),  # the stage that this owner brought it to
        *SEGMENTS,
        Column("source", STRING),
        Column("event_id", STRING),
        LEAD_THEN,
        DEFINITION_VERSION,
    ),
)

TOUCHES = Table(
    "touches",
    key=(Column("lead_id", STRING), Column("cause", STRING)),
    values=(
        Column("occurred_at", TIME),
        Column("kind", WORD),
        Column("channel", WORD),
        Column("campaign", STRING),
        Column("direction", WORD),
        Column("side", WORD),  # marketing | sales
        Column("source", STRING),
        Column("event_id", STRING),
        LEAD_THEN,
        DEFINITION_VERSION,
    ),
)

ACTIVITIES = Table(
    "activities",
    key=(Column("lead_id", STRING), Column("cause", STRING)),
    values=(
        Column("occurred_at", TIME),
        Column("recorded_at", TIME),
        Column("kind", WORD),
        Column("direction", WORD),
        Column("human", FLAG),
        Column("outcome", WORD),
        Column("actor", STRING),
        Column("actor_role", WORD),
        Column("counts_from", TIME),  # recorded_at if logged late or known by day only
        Column("source", STRING),
        Column("event_id", STRING),
        LEAD_THEN,
        DEFINITION_VERSION,
    ),
)

DEALS = Table(
    "deals",
    key=(Column("lead_id", STRING), Column("deal_id", STRING)),  # lead_id '': its account's, where no person has it
    values=(
        Column("account", STRING),
        Column("account_by", WORD),  # crm | domain | ''
        Column("stage", WORD),
        Column("status", WORD),  # open | won | lost
        Column("kind", WORD),  # new_business | renewal | expansion
        Column("amount", "Float64"),
        Column("currency", WORD),
        Column("created_at", TIME),
        Column("closed_at", MAYBE_TIME),
        Column("reason", STRING),
        Column("reason_class", WORD),
        Column("competitor", WORD),
        Column("owner", STRING),
        Column("contacts", STRING),  # record:role, as named last
        Column("before_first_contact", FLAG),
        Column("days_to_close", "Nullable(Float64)"),  # null, never negative, when won before first contact
        Column("channel", WORD),
        Column("origin", WORD),
        Column("claimed_by_sales", WORD),  # of the deal itself, else of its lead
        Column("claimed_by_marketing", WORD),
        Column("cause", STRING),  # of its making
        Column("closed_by", STRING),  # '' = open
        LEAD_THEN,
        DEFINITION_VERSION,
    ),
)

LEAD_EVENTS = Table(
    "lead_events",
    key=(Column("lead_id", STRING), Column("cause", STRING)),
    values=(
        Column("occurred_at", TIME),
        Column("recorded_at", TIME),
        Column("type", WORD),
        Column("summary", STRING),
        Column("moments", f"Array({WORD})"),  # of the definition
        Column("source", STRING),
        Column("event_id", STRING),
        Column("identifier", STRING),  # whose event it is
        LEAD_THEN,
        DEFINITION_VERSION,
    ),
)

LEAD_IDENTIFIERS = Table(
    "lead_identifiers",
    key=(Column("lead_id", STRING), Column("identifier", STRING)),
    values=(
        Column("kind", WORD),
        Column("record_id", STRING),  # '' for e-mail
        Column("first_seen", TIME),
        DEFINITION_VERSION,
    ),
)

VISITS = Table(
    "visits",
    key=(Column("device", STRING), Column("session_id", STRING)),
    values=(
        Column("started_at", TIME),
        Column("ended_at", TIME),
        Column("pages", "UInt32"),
        Column("channel", WORD),
        Column("country", WORD),
        Column("landing", STRING),
        Column("ownership", WORD),  # anonymous | identified | shared
        Column("cause", STRING),  # of the session as a lead's event
        DEFINITION_VERSION,
    ),
)

IDENTITIES = Table(  # to which lead an identifier brings what it has; of those that were ever linked or ordered
    "identities",
    key=(Column("identifier", STRING),),
    values=(
        Column("lead_id", STRING),
        Column("why", WORD),  # why it is alone although it has links: hub | blocked | oversize | ''
        Column("linked_at", MAYBE_TIME),
        DEFINITION_VERSION,
    ),
)

IDENTITY_LINKS = Table(  # what was said of a pair, and by which events; whether it counts, identities say as well
    "identity_links",
    key=(Column("a", STRING), Column("b", STRING)),
    values=(
        Column("first_at", MAYBE_TIME),
        Column("merged_at", MAYBE_TIME),
        Column("unmerged_at", MAYBE_TIME),
        Column("in_force", FLAG),
        Column("first_event", STRING),
        Column("merge_event", STRING),
        Column("unmerge_event", STRING),
        DEFINITION_VERSION,
    ),
)

IDENTITY_CHANGES = Table(  # a log of what boards have shown, so it follows the order in which links came
    "identity_changes",
    key=(Column("identifier", STRING), Column("version", "UInt64")),
    values=(
        Column("from_lead", STRING),
        Column("to_lead", STRING),
        Column("what", WORD),  # linked | merged | unmerged | blocked | unblocked | erased
        Column("a", STRING),
        Column("b", STRING),
        Column("event", STRING),
        Column("at", TIME),  # of that event
        Column("changed_at", TIME),  # when it reached Kafka
    ),
    engine="ReplacingMergeTree",
    is_fact=False,
    kept="90 DAY",  # it names who was erased since, too
)

REJECTS = Table(
    "rejects",
    key=(Column("topic", STRING), Column("partition", "UInt32"), Column("offset", "UInt64")),
    values=(
        Column("reason", WORD),
        Column("detail", STRING),
        Column("appended_at", TIME),
    ),
)

RETRIES = Table(  # a log of rejects that were sent again
    "retries",
    key=(
        Column("topic", STRING),
        Column("partition", "UInt32"),
        Column("offset", "UInt64"),
        Column("at", TIME, default="now64(6)"),
    ),
    values=(Column("to_partition", "UInt32"), Column("to_offset", "UInt64")),  # where the copy stands
    engine="MergeTree",
    is_fact=False,
)

PROGRESS = Table(
    "progress",
    key=(Column("step", WORD), Column("topic", WORD), Column("partition", "UInt32")),
    values=(
        Column("as_of", TIME),  # append time of the oldest record not yet committed, else now
        Column("lag", "UInt64"),
        Column("committed", "UInt64"),
        Column("events", "UInt64"),  # worked off since the worker started, and what came of them
        Column("messages", "UInt64"),
        Column("rows", "UInt64"),
        Column("at", TIME),
    ),
    engine="ReplacingMergeTree(at)",
    is_fact=False,
)

LIVE = Table(  # a log of promotions: the newest row names the generation that boards show
    "live",
    key=(Column("at", TIME, default="now64(6)"),),
    values=(GENERATION,),
    engine="MergeTree",
    is_fact=False,
    has_generation=False,
)

GENERATIONS = Table(  # what each generation is bound to: the first row of a generation counts
    "generations",
    key=(Column("at", TIME, default="now64(6)"),),
    values=(
        Column("cluster", STRING),
        Column("topics", STRING),  # name:partitions of the source topics
        Column("definition_version", STRING),
        Column("key_check", STRING),  # tells one FUNNELWATCH_EMAIL_KEY from another, without giving it away
    ),
    engine="MergeTree",
    is_fact=False,
)

DEFINITIONS = Table(  # what a generation is made by: the first row of a generation counts, others are equal
    "definitions",
    key=(Column("at", TIME, default="now64(6)"),),
    values=(Column("version", STRING), Column("content", STRING)),  # JSON, with all that goes without saying
    engine="MergeTree",
    is_fact=False,
)

WORKING_DAYS = Table(  # 2015 to 2040, of each calendar of the generation's definition
    "working_days",
    key=(Column("calendar", STRING), Column("day", "Date")),
    values=(),
    engine="ReplacingMergeTree",
    is_fact=False,
)

CLOCK = Table(  # a log of settings of the boards' clock: event time = event_us + (now - wall_us) * speed
    "clock",
    key=(Column("at", TIME, default="now64(6)"),),
    values=(Column("wall_us", "Int64"), Column("event_us", "Int64"), Column("speed", "Float64")),
    engine="MergeTree",
    is_fact=False,
    has_generation=False,
)

LOADS = Table(  # a log of loads of reference data: rows of a version that no load names do not count
    "loads",
    key=(Column("version", "UInt64"),),  # UTC µs of its beginning
    values=(
        Column("kind", WORD),  # the table
        Column("loaded_by", STRING),
        Column("file", STRING),
        Column("rows", "UInt32"),
        Column("months", "Array(Date)"),  # that it is all there is of; none: it is the whole list
    ),
    engine="ReplacingMergeTree",
    is_fact=False,
    has_generation=False,
)


def _reference(name: str, *values: Column) -> Table:
    """Of one kind of reference data, which is the company's and not a generation's."""
    return Table(
        name,
        key=(Column("version", "UInt64"), Column("row", "UInt32")),
        values=(Column("file", WORD), Column("line", "UInt32"), *values),
        engine="ReplacingMergeTree",  # a repeated insert changes nothing
        is_fact=False,
        has_generation=False,
    )


PERIOD = (Column("first_day", DAY), Column("last_day", DAY))  # both are in it
USERS = _reference(
    "users",
    Column("user_id", STRING),
    Column("name", STRING),
    Column("department", WORD),  # marketing | sales | operations | other
    Column("role", STRING),
    Column("calendar", WORD),
    Column("region", WORD),
    Column("valid_from", DAY),
    Column("valid_to", f"Nullable({DAY})"),  # the first day without
)
SPEND = _reference(
    "spend",
    *PERIOD,
    Column("channel", WORD),
    Column("campaign", STRING),
    Column("amount", "Float64"),
    Column("currency", WORD),
)
TARGETS = _reference(
    "targets",
    *PERIOD,
    Column("region", WORD),  # '', here and below: of any
    Column("industry", WORD),
    Column("stage", WORD),
    Column("origin", WORD),
    Column("leads", "UInt32"),
)
TARGET_ACCOUNTS = _reference(
    "target_accounts",
    Column("account", STRING),
    Column("name", STRING),
    Column("division", STRING),
    Column("committee_role", WORD),
    Column("committee_size", "Nullable(UInt16)"),
)
RATES = _reference(
    "rates",
    Column("currency", WORD),
    Column("valid_from", DAY),
    Column("rate", "Float64"),  # of the reporting currency for one unit
)

TABLES: dict[str, Table] = {
    table.name: table
    for table in (
        LEADS,
        STAGE_ENTRIES,
        OBLIGATIONS,
        ASSIGNMENTS,
        TOUCHES,
        ACTIVITIES,
        DEALS,
        LEAD_EVENTS,
        LEAD_IDENTIFIERS,
        VISITS,
        IDENTITIES,
        IDENTITY_LINKS,
        IDENTITY_CHANGES,
        REJECTS,
        RETRIES,
        PROGRESS,
        LIVE,
        GENERATIONS,
        DEFINITIONS,
        WORKING_DAYS,
        CLOCK,
        LOADS,
        USERS,
        SPEND,
        TARGETS,
        TARGET_ACCOUNTS,
        RATES,
    )
}
FACTS: tuple[Table, ...] = tuple(table for table in TABLES.values() if table.is_fact)
