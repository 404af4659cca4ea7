// `held`; later than every stated time, a claim holds that has no end: one property instead of four, for each edge that is met
CASE WHEN $now THEN r.endValid IS NULL ELSE {{held}} END
