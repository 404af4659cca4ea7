// purpose: the events of some types in a stretch of the log, in its order
// params: types, after, until, limit
// returns: n, key, at, subjectRef (null where it is about nothing of the graph), outcome (null where it has none), body
UNWIND $types AS type
CALL (type) {
  MATCH (e:Event) USING INDEX e:Event(type, n) WHERE e.type = type AND e.n > $after AND e.n <= $until
  RETURN e ORDER BY e.n LIMIT $limit
}
WITH e ORDER BY e.n LIMIT $limit
RETURN e.n AS n, e.key AS key, e.at AS at, e.subjectRef AS subjectRef, e.outcome AS outcome, e.body AS body ORDER BY n
