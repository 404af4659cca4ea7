// purpose: every Attestation node, for the state digest
// params: -
// returns: properties
MATCH (n:Attestation) RETURN properties(n) AS properties
