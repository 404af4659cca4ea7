// purpose: appends events to the log; fails where one of them is there
// params: rows
// returns: -
UNWIND $rows AS row
CREATE (e:Event)
SET e = row
