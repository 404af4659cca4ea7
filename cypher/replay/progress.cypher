// purpose: how far a rebuild of this database has come
// params: -
// returns: source, n
MATCH (r:Replay {key: 'rebuild'})
RETURN r.source AS source, r.n AS n
