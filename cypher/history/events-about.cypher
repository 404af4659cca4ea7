// purpose: the events that may say something of a node: those about it, those that claim or end one of its edges, those of documents that do;
//   what names a package says so of its version
// params: id, ref, known, limit
// returns: n, type, acceptedAt, body, endings (its withdrawals as [valid, known]), each event once
MATCH (x) WHERE id(x) = $id
CALL (x) {
  MATCH (e:Event {subjectRef: $ref}) WHERE e.n <= $known
  RETURN e
  UNION
  MATCH (x)-[r]-() WHERE r.claim IS NOT NULL
  WITH DISTINCT r.claim AS claim
  LIMIT $limit
  MATCH (e:Event {key: claim}) WHERE e.n <= $known
  RETURN e
  UNION
  MATCH (x:Package)<-[:VERSION_OF]-()-[r]-() WHERE r.claim IS NOT NULL
  WITH DISTINCT r.claim AS claim
  LIMIT $limit
  MATCH (e:Event {key: claim}) WHERE e.n <= $known
  RETURN e
  UNION
  MATCH (x)-[r]-() WHERE r.endBy IS NOT NULL
  UNWIND r.endBy AS ending
  WITH DISTINCT ending
  LIMIT $limit
  MATCH (e:Event {key: ending}) WHERE e.n <= $known
  RETURN e
  UNION
  MATCH (x)-[r]-() WHERE r.claim IS NOT NULL AND NOT r.claim CONTAINS ' '
  WITH DISTINCT 'Document:' + r.claim AS document
  LIMIT $limit
  MATCH (e:Event {subjectRef: document}) WHERE e.n <= $known
  RETURN e
  UNION
  MATCH (x:Package)<-[:VERSION_OF]-()-[r]-() WHERE r.claim IS NOT NULL AND NOT r.claim CONTAINS ' '
  WITH DISTINCT 'Document:' + r.claim AS document
  LIMIT $limit
  MATCH (e:Event {subjectRef: document}) WHERE e.n <= $known
  RETURN e
}
OPTIONAL MATCH (w:Withdrawal {key: e.key})
RETURN e.n AS n, e.type AS type, e.acceptedAt AS acceptedAt, e.body AS body,
  [at IN range(0, size(coalesce(w.endValid, [])) - 1) | [w.endValid[at], w.endKnown[at]]] AS endings
