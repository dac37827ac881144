$__conditionalAll(1 = 0, $channel)
AND $__conditionalAll(owner IN (${owner:singlequote}), $owner)
AND $__conditionalAll(1 = 0, $region)
