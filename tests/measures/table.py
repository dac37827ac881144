"""Which measures there are: their views, what tells two rows of each apart, and what each row says."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from tests.measures.oracle import coverage, funnel, leaks, quality, quantity, response, risk, share, turned_down
from tests.measures.oracle.words import Row

_SEGMENTS = "channel origin size_band industry region"
_STEPS = "inquiries mql sal sql opportunities customers"
_COSTS = "cost_per_lead cost_per_inquiry cost_per_mql cost_per_sal cost_per_sql cost_per_opportunity cost_per_customer"


@dataclass(frozen=True, slots=True)
class Measure:
    """Its views are boards.<name>_as_of and boards.<name>; `period`: they are asked with since and until as well."""

    oracle: Callable[..., list[Row]]
    key: str
    says: str
    period: bool = False


MEASURES: dict[str, Measure] = {
    "closed_loop": Measure(
        funnel.closed_loop,
        f"day month {_SEGMENTS} first_stage",
        f"young young_for_customers visitors leads {_STEPS} revenue currencies",
    ),
    "closed_loop_activity": Measure(funnel.closed_loop_activity, f"day {_SEGMENTS}", f"visitors {_STEPS} won revenue"),
    "marketing_share": Measure(
        share.marketing_share,
        f"of day {_SEGMENTS}",
        "n marketing unknown claimed_by_marketing claimed_by_sales influenced",
    ),
    "measured": Measure(leaks.measured, "kind", "opened met_apart met lost past_due evidence measured why"),
    "leak_rate": Measure(
        leaks.leak_rate,
        f"day kind owed_by owner {_SEGMENTS} rolling measured",
        "due leaking recovered lost met open warned voided",
    ),
    "lead_fate": Measure(quality.lead_fate, f"day {_SEGMENTS} owner fate reason", "n"),
    "quantity": Measure(
        quantity.quantity,
        "from_day to_day region industry stage origin",
        "target target_to_date delivered accepted share accepted_share satisfied",
    ),
    "quality": Measure(
        quality.quality,
        f"day {_SEGMENTS} owner",
        "mql handed_over accepted decided opportunities customers ready ready_mature ready_customers young",
    ),
    "handover_quality": Measure(quality.handover_quality, f"day {_SEGMENTS} owner", "handovers ready"),
    "who_was_right": Measure(quality.who_was_right, f"day {_SEGMENTS} owner ready decision", "n opportunities won"),
    "response": Measure(
        response.response,
        "grain owner",
        "n touched never median_s p90_s median_office_s p90_office_s",
        period=True,
    ),
    "response_leads": Measure(
        response.response_leads,
        f"lead_id cycle opened_at owner {_SEGMENTS}",
        "touched_at wait_s office_s hot",
    ),
    "cherry_picking": Measure(
        response.cherry_picking,
        "owner",
        "hot_n hot_touched rest_n rest_touched hot_share rest_share gap load never never_share",
        period=True,
    ),
    "regretted_rejection": Measure(
        turned_down.regretted_rejection,
        f"day {_SEGMENTS} reason_class owner",
        "rejected by_person by_account mature mature_by_person mature_by_account",
    ),
    "recycling": Measure(turned_down.recycling, f"day {_SEGMENTS} cycle", "nurtured mql_again customers lapsed left"),
    "nurture_effect": Measure(
        turned_down.nurture_effect,
        "nurtured size_band region score_band",
        "leads opportunities won amount_sum days_median opportunity_rate",
        period=True,
    ),
    "handover_age": Measure(
        response.handover_age,
        "",
        "n median_days p90_days with_start median_inbound_days older older_share",
        period=True,
    ),
    "cost_per_step": Measure(
        funnel.cost_per_step, "channel", f"spend currency leads {_STEPS} {_COSTS} revenue", period=True
    ),
    "origin_compare": Measure(
        share.origin_compare, "origin kind", "deals won lost win_rate mean_amount median_days", period=True
    ),
    "size_mix": Measure(funnel.size_mix, "day size_band origin", "leads customers"),
    "prospecting": Measure(funnel.prospecting, "day owner generated_by", "opportunities customers"),
    "coverage": Measure(
        coverage.coverage,
        "grain account name division",
        "committee_size known touched engaged met touched_by_marketing touched_by_sales roles_missing share",
    ),
    "money_at_risk": Measure(
        risk.money_at_risk,
        f"lead_id owner stage {_SEGMENTS}",
        "amount currency basis p_win mean_amount",
    ),
}
UNITS = {"response_leads", "money_at_risk"}  # a row per lead: one that says nothing is a row all the same
