// purpose: decides about an archived dead letter, once; a discarded one may still be replayed
// params: key, state, mark
// returns: key (no row where there is none, or where it was decided before)
MATCH (l:DeadLetter {key: $key})
SET l.locked = true // taken before the state is read
REMOVE l.locked
WITH l WHERE l.state = 'open' OR (l.state = 'discarded' AND $state = 'replayed')
SET l.state = $state, l.mark = $mark
RETURN l.key AS key
