SELECT
    @target_name AS target_name,
    first_day, last_day,
    if(stage = '', 'any', stage) AS its_stage, if(region = '', 'any', region) AS its_region,
    if(industry = '', 'any', industry) AS its_industry, if(origin = '', 'any', origin) AS its_origin,
    target, target_to_date, delivered, accepted, share, accepted_share,
    if(satisfied, 'satisfied', '') AS satisfied
FROM (SELECT *, from_day AS first_day, to_day AS last_day FROM boards.quantity)
WHERE last_day >= toDate($__fromTime) AND first_day <= toDate($__toTime) AND @only_region
ORDER BY first_day DESC, last_day DESC, stage, region, industry, origin
