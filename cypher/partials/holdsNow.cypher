// whether the claim `r` holds now, which is later than every stated time: it has no end. An end that comes before its claim makes the edge
r.endValid IS NULL
