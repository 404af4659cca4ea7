// purpose: what advisories are compared with: components without an ecosystem by name, documents by the serial number of a BOM-Link,
// packages by name
// params: -
// returns: -
CREATE INDEX packageversion_match_name IF NOT EXISTS FOR (n:PackageVersion) ON (n.matchName);
CREATE INDEX document_serial IF NOT EXISTS FOR (n:Document) ON (n.serialNumber);
CREATE INDEX package_name IF NOT EXISTS FOR (n:Package) ON (n.name);
