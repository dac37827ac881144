arrayStringConcat(
    arrayFilter(
        x -> x != '',
        [
            concat(toString(first_day), ' to ', toString(last_day)), toString(region), toString(industry),
            toString(stage), toString(origin)
        ]),
    ', ')
