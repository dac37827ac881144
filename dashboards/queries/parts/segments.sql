$__conditionalAll(channel IN (${channel:singlequote}), $channel)
AND $__conditionalAll(owner IN (${owner:singlequote}), $owner)
AND $__conditionalAll(region IN (${region:singlequote}), $region)
