// purpose: every {{label}} node, for the state digest
// variants: label
// params: -
// returns: properties
MATCH (n:{{label}}) RETURN properties(n) AS properties
