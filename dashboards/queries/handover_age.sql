SELECT
    if(with_start > 0, quantileExactIf(0.5)(ifNull(age_days, 0), age_days IS NOT NULL) * 1440, NULL) AS median_age,
    countIf(age_days IS NOT NULL) AS with_start,
    if(countIf(inbound_days IS NOT NULL) > 0,
        quantileExactIf(0.5)(ifNull(inbound_days, 0), inbound_days IS NOT NULL) * 1440, NULL) AS median_inbound,
    countIf(is_old) AS older,
    if(with_start >= 30, older / with_start, NULL) AS older_rate,
    count() AS given
FROM
(
    @given
) AS handed
WHERE has(traits, 'handover') AND $__dateFilter(toDate(assigned_at)) AND @segments
HAVING given > 0
