SELECT
    changes.changed_at AS changed_at,
    changes.what AS what,
    if(changes.gone, '', changes.from_lead) AS from_lead,
    changes.to_lead AS to_lead,
    leads.company AS company,
    arrayStringConcat(arrayDistinct(changes.stages), ', ') AS stages,
    changes.obligations AS obligations,
    changes.deals AS deals,
    changes.events AS events
FROM boards.identity_changes AS changes
INNER JOIN (SELECT lead_id, company FROM boards.lead_details WHERE @segments) AS leads
    ON leads.lead_id = changes.to_lead
WHERE changes.changed_at > funnel_now() - INTERVAL 1 DAY
ORDER BY changed_at DESC, events DESC, to_lead, from_lead
LIMIT 12
