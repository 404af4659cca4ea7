// purpose: which of the given claims are those of an event, a document or an attestation that is in the graph
// params: claims
// returns: claim
UNWIND $claims AS claim
CALL (claim) {
  MATCH (:Event {key: claim}) RETURN true AS known
UNION
  MATCH (:Document {key: claim}) RETURN true AS known
UNION
  MATCH (:Attestation {key: claim}) RETURN true AS known
}
RETURN DISTINCT claim
