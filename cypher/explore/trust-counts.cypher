// purpose: how many of the first `$examined` attestations have which trust, the best of their claims; 1 = nobody has verified them
// params: examined
// returns: trust (rank), count
CALL () { MATCH (n:Attestation) RETURN n LIMIT $examined }
OPTIONAL MATCH (n)-[r:ATTESTS]->()
WITH n, max(coalesce(r.trust, 1)) AS trust
RETURN coalesce(trust, 1) AS trust, count(*) AS count
