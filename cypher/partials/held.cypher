// whether the claim `r` held at a moment, and is believed enough: model/moment.ts in Cypher
r.knownFrom <= $known AND r.validFrom <= $valid AND coalesce(r.trust, 1) >= $minTrust AND
(r.endValid IS NULL OR none(e IN range(0, size(r.endValid) - 1) WHERE r.endKnown[e] <= $known AND r.endValid[e] <= $valid))
