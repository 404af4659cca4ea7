// purpose: which database this is; a rebuild goes on only with the log that it began with
// params: -
// returns: id
CALL db.info() YIELD id RETURN id
