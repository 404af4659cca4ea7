// purpose: claims ({{from}})-[:{{type}}]->({{to}}), of which something may be known; a claim that is known keeps its earliest times
// variants: edge
// params: rows
// returns: -
UNWIND $rows AS row
MATCH (a:{{from}} {key: row.a})
MATCH (b:{{to}} {key: row.b})
MERGE (a)-[e:{{type}} {claim: row.c}]->(b)
ON CREATE SET e += row.p
ON MATCH SET
  e.claim = row.c, // takes the lock before the times are read
  e += CASE WHEN e.knownFrom IS NULL THEN row.p WHEN e.knownFrom <= row.p.knownFrom THEN {} ELSE {knownFrom: row.p.knownFrom, claimant: row.p.claimant} END,
  e += CASE WHEN e.validFrom <= row.p.validFrom THEN {} ELSE {validFrom: row.p.validFrom} END
