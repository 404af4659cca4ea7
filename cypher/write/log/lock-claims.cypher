// purpose: makes whoever asserts, ends and withdraws edges of these claims wait for each other
// params: claims
// returns: key of those of which edges were asserted or ended before
UNWIND $claims AS claim
MERGE (w:Withdrawal {key: claim})
SET w.key = claim // takes the lock before it is read
WITH w, w.asserted AS asserted
SET w.asserted = true
WITH w, asserted WHERE asserted
RETURN w.key AS key
