SELECT
    why,
    uniqExact(lead_id) AS leads,
    arrayStringConcat(arraySlice(arraySort(groupUniqArrayIf(record_id, record_id != '')), 1, 5), ', ') AS records
FROM boards.identities
WHERE why != '' AND lead_id IN (SELECT lead_id FROM boards.leads WHERE @segments)
GROUP BY why
ORDER BY leads DESC, why
