SELECT anonymous_id, channel, country, first_seen, last_seen, sessions, pages, ownership
FROM boards.visitors
WHERE $__timeFilter(first_seen)
    AND @visitor_segments
ORDER BY last_seen DESC, anonymous_id
