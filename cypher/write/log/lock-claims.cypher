// purpose: makes whoever asserts edges of a document and whoever withdraws them wait for each other
// params: claims
// returns: -
UNWIND $claims AS claim
MERGE (w:Withdrawal {key: claim})
SET w.asserted = true
