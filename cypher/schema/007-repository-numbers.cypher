// purpose: the names of one repository, which share its number on its host
// params: -
// returns: -
CREATE INDEX repository_host_id IF NOT EXISTS FOR (n:Repository) ON (n.hostId);
