// purpose: whether {{direction}} lineage goes on from any of the deepest nodes to one that is not known{{history}}
// variants: direction, follow
// params: ids, seen, valid, known, minTrust, now{{if typed}}, types{{end}}
// returns: beyond, true; no row where it ends here
UNWIND $ids AS i
MATCH (a) WHERE id(a) = i
CALL (a) {
  MATCH (a){{left}}[r:{{types}}]{{right}}(b)
  WHERE {{followed}}
  WITH id(b) AS far // asked of what the step led to: a young graph would be scanned for all that are not seen
  WHERE NOT far IN $seen
  RETURN true AS beyond
  LIMIT 1
}
RETURN beyond
LIMIT 1
