// purpose: whether a claim says that two things are one; an end that came before it has made its edge, without a beginning
// params: claim, from, to
// returns: found
MATCH (:Artifact|PackageVersion|Vulnerability {key: $from})-[r:SAME_AS|PACKAGED_AS]-(:Artifact|PackageVersion|Vulnerability {key: $to})
WHERE r.claim = $claim AND r.validFrom IS NOT NULL
RETURN true AS found
LIMIT 1
