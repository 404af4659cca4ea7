// purpose: the first deployment that a source reported complete: since then, what it only created is not live
// params: -
// returns: -
CREATE INDEX deployment_completed_by IF NOT EXISTS FOR (n:Deployment) ON (n.completedBy, n.createdAt);
