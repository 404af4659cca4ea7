// purpose: events of each of some types per day, by effective time, counted in the index
// params: types, since, until, offset
// returns: type, day (number of days since the epoch, by clocks that are $offset ms ahead of UTC), count
UNWIND $types AS type
MATCH (e:Event) WHERE e.type = type AND e.at >= $since AND e.at < $until
WITH type, (e.at + $offset) / 86400000 AS day, count(*) AS count
RETURN type, day, count ORDER BY day, type
