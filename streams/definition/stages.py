"""The stages of the funnel."""

from __future__ import annotations

from streams.definition.duration import WallMicros
from streams.definition.part import Names, Part


class TakesBack(Part):
    stage: str
    within: WallMicros


class Stage(Part):
    name: str
    enter: Names
    """Entry criteria: moments, any of which suffices. A CRM status that stands for the stage enters it, too."""
    exit: Names = ()
    """Exit criteria: the stages or moments that end this stage by agreement. They are shown and checked; what moves a
    lead are the entry criteria of the stage it goes to."""
    activities: tuple[str, ...] = ()
    """What we do with a lead in this stage."""
    job_aid: str = ""
    """How to do it, for whoever has such a lead before them."""
    aside: bool = False
    """Beside the line: the lead left it, for now."""
    begins_cycle: bool = False
    """After a stage aside it starts a new round."""
    first_only: bool = False
    """Entered by somebody who was in no stage yet, and by nobody else."""
    takes_back: TakesBack | None = None
    """So long entering it takes that stage aside back; later it starts a new round."""
    not_from: Names = ()
    """From these stages it is never entered."""
