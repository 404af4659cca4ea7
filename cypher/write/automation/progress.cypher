// purpose: gates and watches have looked at the log from one number up to another, unless somebody else did so in the meantime
// params: rows
// returns: advanced
UNWIND $rows AS row
MERGE (g:AutomationProgress {key: row.key})
SET g.lock = true
WITH g, row WHERE coalesce(g.n, row.begin) = row.from
SET g.n = row.to
RETURN count(*) AS advanced
