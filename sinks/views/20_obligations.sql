-- State as of any time: what happened after it does not count. The first of met and ended wins, a tie is met.
CREATE OR REPLACE VIEW boards.obligations_as_of DEFINER = CURRENT_USER SQL SECURITY DEFINER AS
WITH {at:DateTime64(6, 'UTC')} AS t
SELECT
    o.lead_id AS lead_id, o.cycle AS cycle, o.kind AS kind, o.owed_by AS owed_by, o.owner AS owner,
    o.opened_at AS opened_at, o.warn_at AS warn_at, o.due_at AS due_at,
    o.met AS met_at, o.ended AS ended_at,
    multiIf(
        o.is_met AND o.met <= o.due_at, 'met',
        o.is_met, 'recovered',
        o.is_ended AND o.end_kind = 'voided', 'voided',
        o.is_ended, 'lost',
        t < o.warn_at, 'open',
        t < o.due_at, 'warned',
        'leaking'
    ) AS state,
    o.stage AS stage, o.channel AS channel, o.origin AS origin, o.size_band AS size_band, o.industry AS industry,
    o.region AS region, o.hot AS hot, o.rolling AS rolling,
    if(o.is_ended, o.void_reason, '') AS void_reason,
    if(o.is_met, o.note, '') AS note,
    o.cause AS cause, o.opened_by_source AS opened_by_source,
    if(o.is_met, o.met_by, '') AS met_by,
    if(o.is_met, o.met_by_source, '') AS met_by_source,
    if(o.is_met, o.office_s, NULL) AS office_s,
    o.lead_then AS lead_then,
    o.definition_version AS definition_version
FROM
(
    SELECT
        *,
        if(met_at <= t, met_at, NULL) AS met,
        if(ended_at <= t, ended_at, NULL) AS ended,
        ifNull(met <= ended, met IS NOT NULL) AS is_met,
        ended IS NOT NULL AND NOT is_met AS is_ended
    FROM facts.obligations FINAL
    WHERE generation = (SELECT generation FROM facts.live ORDER BY at DESC LIMIT 1) AND opened_at <= t
) AS o;

CREATE OR REPLACE VIEW boards.obligations DEFINER = CURRENT_USER SQL SECURITY DEFINER AS
SELECT * FROM boards.obligations_as_of(at = funnel_now());
