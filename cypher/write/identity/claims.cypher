// purpose: everything that claims say {{label}} nodes are one with
// variants: fileLabel
// params: keys
// returns: key, label and other = what it is one with, ended = by a withdrawal, n = when the first of them became known, null if only ends are
UNWIND $keys AS key
MATCH (n:{{label}} {key: key})
SET n.key = key // takes the lock before the claims are read
WITH n, key
MATCH (n)-[e:{{types}}]-(x)
RETURN key, labels(x)[0] AS label, x.key AS other, {{withdrawn}} AS ended, min(e.knownFrom) AS n
