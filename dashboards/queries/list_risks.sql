SELECT
    risks.lead_id AS lead_id,
    leads.crm_record_id AS crm_record_id,
    leads.company AS company,
    leads.hot AS hot,
    risks.amount AS amount,
    risks.currency AS currency,
    risks.basis AS basis,
    if(risks.basis = 'estimate', round(100 * risks.p_win, 1), NULL) AS chance,
    risks.stage AS stage,
    risks.owner AS owner,
    risks.channel AS channel,
    risks.region AS region
FROM
(
    SELECT *
    FROM boards.money_at_risk
    WHERE @segments AND $__conditionalAll(basis IN (${basis:singlequote}), $basis)
) AS risks
LEFT JOIN boards.lead_details AS leads ON leads.lead_id = risks.lead_id
ORDER BY amount DESC, lead_id
