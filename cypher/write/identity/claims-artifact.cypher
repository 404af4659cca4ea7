// purpose: everything that claims say Artifact nodes are one with
// params: keys
// returns: key, label and other = what it is one with, ended = by a withdrawal, n = when the first of them became known, null if only ends are
UNWIND $keys AS key
MATCH (n:Artifact {key: key})
SET n.key = key // takes the lock before the claims are read
WITH n, key
MATCH (n)-[e:SAME_AS|PACKAGED_AS]-(x)
RETURN key, labels(x)[0] AS label, x.key AS other, any(by IN coalesce(e.endBy, []) WHERE NOT by STARTS WITH 'conflict:') AS ended, min(e.knownFrom) AS n
