// purpose: what is known of these claims beside what they assert: what ended them, or ended edges of them, before they came
// params: claims
// returns: key, asserted, endValid, endKnown, endBy
UNWIND $claims AS claim
MATCH (w:Withdrawal {key: claim})
RETURN w.key AS key, coalesce(w.asserted, false) AS asserted,
  coalesce(w.endValid, []) AS endValid, coalesce(w.endKnown, []) AS endKnown, coalesce(w.endBy, []) AS endBy
