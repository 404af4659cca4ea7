// purpose: waits until every index is filled
// params: seconds
// returns: -
CALL db.awaitIndexes(toInteger($seconds))
