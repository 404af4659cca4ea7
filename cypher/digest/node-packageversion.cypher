// purpose: every PackageVersion node, for the state digest
// params: -
// returns: properties
MATCH (n:PackageVersion) RETURN properties(n) AS properties
