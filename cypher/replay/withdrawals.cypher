// purpose: every claim that has ended as a whole, to compare it with the log
// params: -
// returns: properties
MATCH (w:Withdrawal) WHERE w.endBy IS NOT NULL
RETURN properties(w) AS properties
