// purpose: all events per day, by effective time, counted in the index
// params: since, until, offset
// returns: day (number of days since the epoch, by clocks that are $offset ms ahead of UTC), count
MATCH (e:Event) WHERE e.at >= $since AND e.at < $until
WITH (e.at + $offset) / 86400000 AS day, count(*) AS count
RETURN day, count ORDER BY day
