// purpose: the BOM-Links that lead into documents with the given serial numbers
// params: serials
// returns: id, label, properties
UNWIND $serials AS serial
MATCH (r:Resource) WHERE r.key STARTS WITH 'urn:cdx:' + serial + '/'
RETURN id(r) AS id, 'Resource' AS label, properties(r) AS properties
