// purpose: remembers how far a rebuild of this database has come
// params: source, n
// returns: -
MERGE (r:Replay {key: 'rebuild'})
SET r.source = $source, r.n = $n
