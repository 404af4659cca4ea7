// purpose: components without an ecosystem by name, and versions of packages by the name of the package
// params: names, packages
// returns: id, label, properties
CALL () {
  UNWIND $names AS name
  MATCH (v:PackageVersion {matchName: name})
  RETURN v
UNION
  UNWIND $packages AS name
  MATCH (:Package {name: name})<-[:VERSION_OF]-(v:PackageVersion)
  RETURN v
}
RETURN DISTINCT id(v) AS id, 'PackageVersion' AS label, properties(v) AS properties
LIMIT 10001
