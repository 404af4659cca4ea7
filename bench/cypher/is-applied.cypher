// purpose: whether a log number is in the log
// params: n
// returns: found
RETURN EXISTS { MATCH (e:Event {n: toInteger($n)}) } AS found
