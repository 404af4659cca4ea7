// purpose: what attestations attest: the second step of a question that starts at a signer
// params: roots, limit, full, types, valid, known, minTrust, now
// returns: rows = lists of up to 1000 [internal id, label, key, 1, properties (null unless $full)]
UNWIND $roots AS root
MATCH (a) WHERE id(a) = root
CALL (a) {
  MATCH (a)-[r:ATTESTS]->(x)
  WHERE {{holds}}
    AND ($types IS NULL OR type(r) IN $types)
  WITH DISTINCT x
  LIMIT $limit
  RETURN x
}
WITH collect([id(x), labels(x)[0], x.key, 1, CASE WHEN $full THEN properties(x) END]) AS rows
UNWIND range(0, size(rows) - 1, 1000) AS at
RETURN rows[at..at + 1000] AS rows
