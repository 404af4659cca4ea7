// purpose: the greatest log number that the graph knows: of the log, or of an archived dead letter
// params: -
// returns: n (null where there is none)
CALL () {
  MATCH (e:Event) WHERE e.n > 0
  RETURN e.n AS n ORDER BY n DESC LIMIT 1
  UNION ALL
  MATCH (l:DeadLetter) WHERE l.n > 0
  RETURN l.n AS n ORDER BY n DESC LIMIT 1
}
RETURN max(n) AS n
