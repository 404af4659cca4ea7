// purpose: events without a log number: they have been edited, and no replay would find them
// params: limit
// returns: key
MATCH (e:Event) WHERE NOT coalesce(e.n >= 0, false)
RETURN e.key AS key LIMIT $limit
