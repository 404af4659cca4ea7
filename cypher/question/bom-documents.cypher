// purpose: the CycloneDX documents with the given serial numbers
// params: serials
// returns: serial, version, sha256
UNWIND $serials AS serial
MATCH (d:Document {serialNumber: serial})
RETURN serial, d.bomVersion AS version, d.key AS sha256
ORDER BY sha256
