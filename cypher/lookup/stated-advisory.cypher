// purpose: whether anybody says what a vulnerability affects
// params: key
// returns: found
MATCH (:Vulnerability {key: $key})-[:AFFECTS|CONCERNS]->()
RETURN true AS found
LIMIT 1
