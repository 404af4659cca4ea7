// purpose: events per day, by effective time, and type, of those that were known at a log number
// params: since, until, offset, known
// returns: type, day (number of days since the epoch, by clocks that are $offset ms ahead of UTC), count
MATCH (e:Event) USING INDEX e:Event(at) WHERE e.at >= $since AND e.at < $until AND e.n <= $known
WITH e.type AS type, (e.at + $offset) / 86400000 AS day, count(*) AS count
RETURN type, day, count ORDER BY day, type
