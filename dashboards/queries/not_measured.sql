SELECT m.kind AS kind, any(o.owed_by) AS owed_by, any(m.why) AS why, count() AS promises
FROM (SELECT kind, owed_by FROM boards.obligations WHERE @segments) AS o
INNER JOIN (SELECT kind, why FROM boards.measured WHERE NOT measured) AS m ON m.kind = o.kind
GROUP BY kind
ORDER BY promises DESC, kind
