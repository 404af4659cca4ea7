// purpose: empties the target of a rebuild between two rounds
// params: -
// returns: -
MATCH (n) WHERE NOT n:Migration
CALL (n) { DETACH DELETE n } IN TRANSACTIONS OF 5000 ROWS
