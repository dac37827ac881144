$__conditionalAll(channel IN (${channel:singlequote}), $channel)
AND $__conditionalAll(1 = 0, $owner)
AND $__conditionalAll(region IN (${region:singlequote}), $region)
