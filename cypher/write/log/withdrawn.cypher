// purpose: which of these claims have been withdrawn before they were asserted
// params: claims
// returns: key, endValid, endKnown, endBy
UNWIND $claims AS claim
MATCH (w:Withdrawal {key: claim})
WHERE w.endBy IS NOT NULL
RETURN w.key AS key, w.endValid AS endValid, w.endKnown AS endKnown, w.endBy AS endBy
