// purpose: the deployments that bring back what ran before: few, and each says of another one that it was bad
// params: -
// returns: -
CREATE INDEX deployment_rollback IF NOT EXISTS FOR (n:Deployment) ON (n.rollback);
