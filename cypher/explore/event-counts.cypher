// purpose: events of each of some types per day (UTC), by effective time, counted in the index
// params: types, since, until
// returns: type, day (number of days since the epoch), count
UNWIND $types AS type
MATCH (e:Event) WHERE e.type = type AND e.at >= $since AND e.at < $until
WITH type, e.at / 86400000 AS day, count(*) AS count
RETURN type, day, count ORDER BY day, type
