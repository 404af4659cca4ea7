// how far the claim `r` was believed at a moment: by the last verdict that was known then (decisions/0016); without any, as far as it says
CASE WHEN r.trustKnown IS NULL THEN coalesce(r.trust, 1)
ELSE coalesce(last([verdict IN range(0, size(r.trustKnown) - 1)
  WHERE r.trustKnown[verdict] <= $known | r.trustRank[verdict]]), 1) END
