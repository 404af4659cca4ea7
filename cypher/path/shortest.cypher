// purpose: a shortest {{direction}} way from one node to another over edges that hold{{history}}
// variants: direction, follow
// params: from, to, valid, known, minTrust, now{{if typed}}, types{{end}}
// returns: hops = [from, to, type] in the order of the way; no row where there is none
MATCH (a) WHERE id(a) = $from
MATCH (b) WHERE id(b) = $to
MATCH p = shortestPath((a){{left}}[:{{types}}*1..100000]{{right}}(b))
WHERE all(r IN relationships(p) WHERE {{followed}})
RETURN [r IN relationships(p) | [id(startNode(r)), id(endNode(r)), type(r)]] AS hops
