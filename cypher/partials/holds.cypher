// whether the claim `r` held at a moment, and was believed enough; `$now`: one property instead of four, for each edge that is met
CASE WHEN $now THEN {{holdsNow}} ELSE {{held}} AND {{trust}} >= $minTrust END
