// purpose: claims (PackageVersion)-[:MAY_BE_GENERATED_BY]->(Build); a claim that is known keeps its earliest times
// params: rows
// returns: -
UNWIND $rows AS row
MATCH (a:PackageVersion {key: row.a})
MATCH (b:Build {key: row.b})
MERGE (a)-[e:MAY_BE_GENERATED_BY {claim: row.c}]->(b)
ON CREATE SET e += row.p
ON MATCH SET
  e.claim = row.c, // takes the lock before the times are read
  e += CASE WHEN e.knownFrom IS NULL THEN row.p WHEN e.knownFrom <= row.p.knownFrom THEN {} ELSE {knownFrom: row.p.knownFrom, claimant: row.p.claimant} END,
  e += CASE WHEN e.validFrom <= row.p.validFrom THEN {} ELSE {validFrom: row.p.validFrom} END
