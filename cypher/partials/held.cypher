// whether the claim `r` held at a moment: model/moment.ts in Cypher
{{said}} AND
(r.endValid IS NULL OR none(e IN range(0, size(r.endValid) - 1) WHERE r.endKnown[e] <= $known AND r.endValid[e] <= $valid))
