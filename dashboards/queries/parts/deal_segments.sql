$__conditionalAll(channel IN (${channel:singlequote}), $channel)
AND $__conditionalAll(owner IN (${owner:singlequote}), $owner)
AND $__conditionalAll(lead_id IN (SELECT lead_id FROM boards.leads WHERE region IN (${region:singlequote})), $region)
