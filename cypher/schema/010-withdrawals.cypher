// purpose: withdrawals of what events said, apart from the ends of documents, of which there are as many as were replaced
// params: -
// returns: -
CREATE INDEX withdrawal_of_event IF NOT EXISTS FOR (n:Withdrawal) ON (n.ofEvent);
MATCH (w:Withdrawal) WHERE w.endBy IS NOT NULL AND w.key CONTAINS ' ' SET w.ofEvent = true;
