// purpose: archives dead letters; what is there already only takes a decision that is newer: an open one may be decided, a discarded one replayed
// params: rows
// returns: -
UNWIND $rows AS row
MERGE (l:DeadLetter {key: row.key})
ON CREATE SET l = row
ON MATCH SET
  l.mark = CASE WHEN row.state <> 'open' AND (l.state = 'open' OR row.state = 'replayed') THEN row.mark ELSE l.mark END,
  l.state = CASE WHEN row.state <> 'open' AND (l.state = 'open' OR row.state = 'replayed') THEN row.state ELSE l.state END
