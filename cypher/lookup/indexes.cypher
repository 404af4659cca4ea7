// purpose: the indexes that there are
// params: -
// returns: name, state
SHOW INDEXES YIELD name, state
