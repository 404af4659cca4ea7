// purpose: waits for a transaction that is just appending these events, by taking the lock of their key; leaves nothing behind
// params: keys
// returns: key, body, acceptedAt of the events that exist
UNWIND $keys AS key
MERGE (e:Event {key: key})
ON CREATE SET e.lock = true
WITH e, e.lock AS created, e.key AS key, e.body AS body, e.acceptedAt AS acceptedAt
FOREACH (x IN CASE WHEN created THEN [e] ELSE [] END | DELETE x)
WITH key, body, acceptedAt, created WHERE created IS NULL
RETURN key, body, acceptedAt
