// purpose: how many archived dead letters nobody has decided about, and the greatest log number of any
// params: prefix
// returns: open, through
MATCH (l:DeadLetter) WHERE l.key STARTS WITH $prefix
RETURN count(CASE WHEN l.state = 'open' THEN 1 END) AS open, coalesce(max(l.n), 0) AS through
