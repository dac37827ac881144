SELECT
    uniqExactIf(lead_id, state = 'recovered') AS leads,
    uniqExactIf(lead_id, state = 'met') AS in_time
FROM boards.obligations
WHERE state IN ('recovered', 'met') AND $__timeFilter(met_at) AND @segments
