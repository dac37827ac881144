-- Whose each leak is: who owes it, or `data`, as the event that meets it may be missing. streams/verdict.py says the same.
-- In this order: it is for the data to bring; what reached Kafka before it was due is not all in these views yet; a CRM
-- source is silent for longer than usual, since before it was due; else who owes it. What is in, is asked for now.
CREATE OR REPLACE VIEW boards.verdicts_as_of DEFINER = CURRENT_USER SQL SECURITY DEFINER AS
WITH
    (SELECT if(count() = 0, NULL, min(as_of)) FROM boards.progress) AS until,
    (
        SELECT (count(), min(last_event_at), argMin(source, (last_event_at, source)))
        FROM boards.sources_as_of(at = {at:DateTime64(6, 'UTC')})
        WHERE brings = 'crm' AND is_silent = 1
    ) AS silent,
    '%Y-%m-%d %H:%i UTC' AS minute,
    ifNull(until < o.due_at, 0) AS is_queued,
    silent.1 > 0 AND silent.2 < o.due_at AS is_unheard
SELECT
    o.lead_id AS lead_id, o.kind AS kind, o.cause AS cause, o.owner AS owner, o.owed_by AS owed_by, o.due_at AS due_at,
    if(is_queued OR is_unheard, 'data', toString(o.owed_by)) AS verdict,
    multiIf(
        o.owed_by = 'data', 'it is for the data to bring: a connector or an import is behind',
        is_queued, concat('events since ', formatDateTime(assumeNotNull(until), minute), ' are not yet in'),
        is_unheard, concat(
            'the CRM connector ', silent.3, ' has said nothing since ', formatDateTime(silent.2, minute)
        ),
        concat('it was due at ', formatDateTime(o.due_at, minute), ' and is not met, and no data is known to be missing')
    ) AS why
FROM boards.obligations_as_of(at = {at:DateTime64(6, 'UTC')}) AS o
WHERE o.state = 'leaking';

CREATE OR REPLACE VIEW boards.verdicts DEFINER = CURRENT_USER SQL SECURITY DEFINER AS
SELECT * FROM boards.verdicts_as_of(at = funnel_now());
