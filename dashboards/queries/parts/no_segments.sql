$__conditionalAll(1 = 0, $channel) AND $__conditionalAll(1 = 0, $owner) AND $__conditionalAll(1 = 0, $region)
