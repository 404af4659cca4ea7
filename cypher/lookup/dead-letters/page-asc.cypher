// purpose: which archived dead letters make a page, oldest first; only so many are looked at, and none is read
// params: above, below, scan, state, code, type, source
// returns: key, wanted
MATCH (l:DeadLetter) WHERE l.key > $above AND l.key < $below
WITH l ORDER BY l.key ASC LIMIT $scan
RETURN l.key AS key,
  ($state IS NULL OR l.state = $state)
    AND ($code IS NULL OR l.code = $code)
    AND ($type IS NULL OR l.type = $type)
    AND ($source IS NULL OR l.source = $source) AS wanted
ORDER BY key ASC
