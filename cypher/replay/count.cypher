// purpose: how many events the log has in a range
// params: from, until, types
// returns: events
MATCH (e:Event)
WHERE e.n >= $from AND e.n <= $until AND ($types IS NULL OR e.type IN $types)
RETURN count(e) AS events
