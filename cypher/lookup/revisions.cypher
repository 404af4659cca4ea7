// purpose: the documents with the given serial numbers: what they describe, under each name that they give it, what ends them,
//   and the events that submitted them
// params: serials
// returns: serial, digest, version, issuedAt, names (Label:key), endings ([by, valid, known]), submissions ([key, n, at]), inParts
UNWIND $serials AS serial
MATCH (d:Document {serialNumber: serial})
CALL (d) {
  MATCH (d)-[r:DESCRIBES]->(x) WHERE r.claim = d.key AND r.validFrom IS NOT NULL
  CALL (d, x) {
    RETURN x AS named
    UNION
    MATCH (x)-[r:PACKAGED_AS|SAME_AS|DISTRIBUTION_OF]-(y) WHERE r.claim = d.key AND r.validFrom IS NOT NULL
    RETURN y AS named
  }
  WITH d, named WHERE NOT named.key STARTS WITH d.key + '#'
  RETURN collect(DISTINCT labels(named)[0] + ':' + named.key) AS names
}
CALL (d) {
  UNWIND ['Document:', 'Attestation:'] AS label
  MATCH (e:Event {subjectRef: label + d.key}) WHERE e.n > 0 AND e.type IN ['document.part', 'document.submitted']
  RETURN collect(CASE e.type WHEN 'document.submitted' THEN [e.key, e.n, e.at] END) AS submissions,
    any(type IN collect(e.type) WHERE type = 'document.part') AS inParts
}
RETURN serial, d.key AS digest, d.bomVersion AS version, d.issuedAt AS issuedAt, names, submissions, inParts,
  [i IN range(0, size(coalesce(d.endBy, [])) - 1) | [d.endBy[i], d.endValid[i], d.endKnown[i]]] AS endings
