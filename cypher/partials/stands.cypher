// whether what makes the claim `r`, such as an advisory, was not withdrawn since
(startNode(r).endValid IS NULL OR none(e IN range(0, size(startNode(r).endValid) - 1) WHERE startNode(r).endKnown[e] <= $known
AND startNode(r).endValid[e] <= $valid AND startNode(r).endValid[e] >= r.validFrom))
