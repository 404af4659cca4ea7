// purpose: the repositories of these numbers (host/number), every name of each, at most 100
// params: hostIds
// returns: hostId, key
UNWIND $hostIds AS hostId
CALL (hostId) {
  MATCH (n:Repository) WHERE n.hostId = hostId
  RETURN n.key AS key ORDER BY key LIMIT 100
}
RETURN hostId, key
