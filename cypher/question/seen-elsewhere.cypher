// purpose: which of the given nodes have anything to do with something outside of the others
// params: ids, among, valid, known
// returns: id of each that does
UNWIND $ids AS i
MATCH (b) WHERE id(b) = i
CALL (b) {
  MATCH (b)<-[r:RAN_ON|SIGNED_BY|USED|CONTAINS|VERSION_OF|IN_REPOSITORY]-()
  WHERE NOT id(startNode(r)) IN $among
  AND {{held}}
  RETURN true AS elsewhere LIMIT 1
}
RETURN id(b) AS id
