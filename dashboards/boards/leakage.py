"""Leakage, live: what is slipping away right now, and whom to save first."""

from __future__ import annotations

from dashboards.boards.leak_causes import MONEY_AT_RISK, NOT_MEASURED, VERDICTS
from dashboards.model import MINIMUM, Board, Field, Link, Panel, Threshold

LEAKING_NOW = Panel(
    "leaking-now",
    "stat",
    "Leaking now",
    "People for whom something is past due and still not done. Formula: leads with at least one obligation whose due "
    "time has passed and which is neither met nor ended. The period does not matter here.",
    "leaking_now",
    (
        Field("leads", unit="count", role="value", link=Link("owed", {"state": "leaking"})),
        Field("obligations", unit="count", role="hidden"),
        Field("oldest", unit="minutes", role="hidden"),
    ),
    width=3,
    caption="people with something past due; {obligations} promises to them; the oldest for {oldest}",
    empty="Nobody is waiting. Nothing is past due.",
    thresholds=(Threshold(1, "leak"),),
)
ABOUT_TO_LEAK = Panel(
    "about-to-leak",
    "stat",
    "About to leak",
    "People for whom something is due soon: most of the agreed time (75 % unless the definition says otherwise) is "
    "used up. Formula: leads with at least one obligation between its warning time and its due time, now.",
    "about_to_leak",
    (
        Field("leads", unit="count", role="value", link=Link("owed", {"state": "warned"})),
        Field("obligations", unit="count", role="hidden"),
        Field("next", unit="minutes", role="hidden"),
    ),
    width=3,
    caption="people due soon; the first within {next}",
    empty="Nothing is due soon.",
    thresholds=(Threshold(1, "warn"),),
)
SAVED = Panel(
    "saved",
    "stat",
    "Saved",
    "People for whom something overdue was done after all, in the chosen period. Formula: leads with an obligation "
    "that was met after its due time (state “recovered”), counted when it was met.",
    "saved",
    (
        Field("leads", unit="count", role="value", link=Link("owed", {"state": "recovered", "when": "done"})),
        Field("in_time", unit="count", role="hidden"),
    ),
    width=3,
    caption="had something done late after all; {in_time} had something done in time",
    thresholds=(Threshold(1, "good"),),
)
SAVE_FIRST = Panel(
    "save-first",
    "table",
    "Save these first",
    "The ten people to turn to now. Leads that are leaking or about to leak, one line each with what has been waiting "
    "longest. First those within a day of their due time (before or after it), because a lead that was missed an hour "
    "ago is easier to save than one missed a month ago; among them hot leads first (asked for a demo or a contact, or "
    "in the top score band), then by the clock. A reason that is missing for a decline saves nobody and is not here.",
    "save_first",
    (
        Field("company", "Lead", "lead"),
        Field("kind", "What is wrong", "kind", help="What is owed to this person, and not done yet"),
        Field("owner", "Whose turn", "person", help="The owner; where there is none, the department that owes it"),
        Field("left", "Time", "left", help="Time left until it is due, or how long it is overdue"),
        Field("stage", "Stage", "stage"),
        Field("amount", "Deal", "money", help="The largest open deal of this person"),
        Field("crm_record_id", "CRM", "crm"),
    ),
    width=8,
    empty="Nobody to save: nothing is leaking, and nothing is about to.",
    links=(("All who are leaking or about to", Link("owed", {"state": ("leaking", "warned")})),),
    cards=True,
)
FUNNEL_NOW = Panel(
    "stages-now",
    "bargauge",
    "Where everybody is",
    "All leads by the stage they are in now, and how many of those are leaking there (the marked part of the bar). "
    "Formula: leads per current stage; leaking = with at least one obligation past due. The sentence names what most "
    "of the leaking ones wait for, of what was promised in this stage. The period does not matter here.",
    "stages_now",
    (
        Field("stage", unit="stage", role="label"),
        Field("leads", "leads", "count", "value", link=Link("leads", {"stage": "{stage}"})),
        Field("leaking", "leaking", "count", "part", link=Link("leads", {"stage": "{stage}", "leaking": "yes"})),
        Field("kind", unit="kind", role="hidden"),
    ),
    width=4,
    caption="mostly: {kind}",
    note="marked: leaking",
)


def _state(name: str, label: str, group: str, help: str, when: str = "", tone: str = "plain") -> Field:
    args = {"kind": "{kind}", "state": name} | ({"when": when} if when else {})
    return Field(
        name,
        label,
        "count",
        group=group,
        help=help,
        tone="leak" if tone == "leak" else "plain",
        link=Link("owed", args, counts="rows"),
    )


NOW, IN_PERIOD = "Now", "In the period"
BY_KIND = Panel(
    "by-kind",
    "table",
    "What we promised people, and whether we keep it",
    "Every stage brings promises (obligations): somebody owes this lead something by a certain time. This table "
    "counts promises, the headline counts people; one person can be owed several. Sorted after the inquiry means: "
    "found ready for sales, put into nurture or declined. In time: not due yet. About to leak: most of the time is "
    "used up. Leaking: past due, not done. Done in time: done before it was due. Saved late: done after it was due. "
    "Lost: ended without being done (declined untouched, deal lost…). Set aside: junk, duplicate, deleted, opted out. "
    "“–”: not measured by this CRM, see below. The first three are as of now, the others are counted when they were "
    "done or ended, in the period.",
    "obligations_by_kind",
    (
        Field("kind", "Promise", "promise"),
        Field("owed_by", "Owed by", "side"),
        _state("open", "In time", NOW, "Open: not due yet"),
        _state("warned", "About to leak", NOW, "Warned: most of the time is used up"),
        _state("leaking", "Leaking", NOW, "Leaking: past due, and not done", tone="leak"),
        _state("met", "Done in time", IN_PERIOD, "Met: done before it was due", "done"),
        _state("recovered", "Saved late", IN_PERIOD, "Recovered: done after it was due", "done"),
        _state("lost", "Lost", IN_PERIOD, "Lost: ended without being done", "done"),
        _state("voided", "Set aside", IN_PERIOD, "Voided: junk, duplicate, deleted or opted out", "done"),
    ),
    width=7,
)
BY_OWNER = Panel(
    "by-owner",
    "table",
    "Workload",
    f"What sales owes, by owner, the busiest first: load comes before misses, and nobody is ranked by colour; what "
    f"marketing, operations or data owe for somebody's leads is not on that person's desk. Leaked = of what was due "
    f"in the period, not done in time (leaking, saved late, lost) ÷ all that was due, without what was set aside, "
    f"without rolling obligations, and without what this CRM cannot show. A share is shown from {MINIMUM} due ones "
    f"on, below that the counts only. A miss belongs to the one who owned the lead when it was due.",
    "leaks_by_owner",
    (
        Field("owner", "Owner", "person"),
        Field(
            "to_do",
            "To do",
            "count",
            group=NOW,
            help="Open, about to leak and leaking together",
            link=Link(
                "owed", {"owner": "{owner}", "side": "sales", "state": ("open", "warned", "leaking")}, counts="rows"
            ),
        ),
        Field(
            "warned",
            "About to leak",
            "count",
            group=NOW,
            link=Link("owed", {"owner": "{owner}", "side": "sales", "state": "warned"}, counts="rows"),
        ),
        Field(
            "leaking",
            "Leaking",
            "count",
            link=Link("owed", {"owner": "{owner}", "side": "sales", "state": "leaking"}, counts="rows"),
        ),
        Field(
            "rate",
            "Leaked, of all due",
            "share",
            group=IN_PERIOD,
            hits="leaked",
            of="due",
            help="Of what was due in the period: not done in time",
            link=Link(
                "owed",
                {
                    "owner": "{owner}",
                    "side": "sales",
                    "state": ("leaking", "recovered", "lost"),
                    "when": "due",
                    "rolling": "0",
                    "measured": "yes",
                },
                counts="rows",
            ),
        ),
    ),
    width=5,
)
LEAK_RATE = Panel(
    "leak-rate",
    "timeseries",
    "How much leaks, over time",
    f"Of everything that was due at that time: how much was not done in time. Leak rate = (leaking + saved late + "
    f"lost) ÷ (those + done in time), by when it was due; set aside is left out, and so are promises that this CRM "
    f"cannot show. A rate is only shown for at least {MINIMUM} due ones; below that, read the counts.",
    "leak_rate_over_time",
    (
        Field("time", role="hidden", unit="time"),
        Field("kind", unit="promise", role="series"),
        Field("due", "due", "count", "total"),
        Field(
            "leaked",
            "leaked",
            "count",
            "part",
            link=Link(
                "owed",
                {
                    "kind": "{kind}",
                    "state": ("leaking", "recovered", "lost"),
                    "when": "due",
                    "bucket": "{bucket}",
                },
                counts="rows",
            ),
        ),
        Field("rate", "leak rate", "share", "rate"),
    ),
    note="marked: leaked",
)

LEAKAGE = Board(
    "funnelwatch-leakage",
    "Leakage, live",
    "Who is slipping away right now, and who can still be saved?",
    (
        LEAKING_NOW,
        ABOUT_TO_LEAK,
        SAVED,
        MONEY_AT_RISK,
        SAVE_FIRST,
        FUNNEL_NOW,
        BY_KIND,
        BY_OWNER,
        VERDICTS,
        NOT_MEASURED,
        LEAK_RATE,
    ),
)
