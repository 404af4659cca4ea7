// purpose: all events per day (UTC), by effective time, counted in the index
// params: since, until
// returns: day (number of days since the epoch), count
MATCH (e:Event) WHERE e.at >= $since AND e.at < $until
WITH e.at / 86400000 AS day, count(*) AS count
RETURN day, count ORDER BY day
