SELECT if(count() = 0, NULL, max(last_event_at)) AS at, funnel_now() AS now FROM boards.leads
