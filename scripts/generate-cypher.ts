/**
 * Writes the statements of `cypher/write/{node,edge,end,identity}` and `cypher/digest`: one per label and per pair of labels of an edge type, because labels
 * and types are literals in every statement (an index is only used for a literal label). `--check` compares instead.
 */
import { mkdirSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';
import { EDGE_KINDS, EDGE_TYPES } from '../src/model/edge.ts';
import { FILE_IDENTITIES } from '../src/model/identity-conflict.ts';
import { NODE_LABELS } from '../src/model/node.ts';
import { edgeStatement } from '../src/graph/rows.ts';

const ROOT = fileURLToPath(new URL('../cypher/', import.meta.url));

const files = new Map<string, string>();
for (const label of NODE_LABELS) {
  files.set(
    `write/node/${label.toLowerCase()}.cypher`,
    `// purpose: states facets of ${label} nodes; a facet is replaced by a greater stamp only
// params: rows
// returns: -
UNWIND $rows AS row
MERGE (n:${label} {key: row.key})
// takes the lock of a node that would change, and looks again: of two writers the one with the smaller stamp could come last
FOREACH (x IN CASE WHEN any(f IN row.f WHERE n[f.s] IS NULL OR n[f.s] < f.v) THEN [1] ELSE [] END | SET n.key = row.key)
FOREACH (f IN [f IN row.f WHERE n[f.s] IS NULL OR n[f.s] < f.v] | SET n += f.p)
`,
  );
  files.set(
    `write/end/node-${label.toLowerCase()}.cypher`,
    `// purpose: ends every earlier claim of ${label} nodes, such as those of a withdrawn advisory
// params: rows
// returns: -
UNWIND $rows AS row
MATCH (n:${label} {key: row.key})
SET n.key = row.key // takes the lock before the list is read
WITH n, row WHERE NOT row.by IN coalesce(n.endBy, [])
SET n.endValid = coalesce(n.endValid, []) + row.v,
    n.endKnown = coalesce(n.endKnown, []) + row.k,
    n.endBy = coalesce(n.endBy, []) + row.by
`,
  );
}
for (const label of NODE_LABELS) {
  files.set(
    `digest/node-${label.toLowerCase()}.cypher`,
    `// purpose: every ${label} node, for the state digest
// params: -
// returns: properties
MATCH (n:${label}) RETURN properties(n) AS properties
`,
  );
}
for (const type of EDGE_TYPES) {
  files.set(
    `digest/edge-${type.toLowerCase().replaceAll('_', '-')}.cypher`,
    `// purpose: every claim of ${type}, for the state digest
// params: -
// returns: from, to, properties
MATCH (a)-[e:${type}]->(b)
RETURN labels(a)[0] + ':' + a.key AS from, labels(b)[0] + ':' + b.key AS to, properties(e) AS properties
`,
  );
  for (const [from, to] of EDGE_KINDS[type].ends) {
    const name = edgeStatement(type, from, to);
    files.set(
      `write/edge/${name}.cypher`,
      `// purpose: claims (${from})-[:${type}]->(${to}); a claim that is known keeps its earliest times
// params: rows
// returns: -
UNWIND $rows AS row
MATCH (a:${from} {key: row.a})
MATCH (b:${to} {key: row.b})
MERGE (a)-[e:${type} {claim: row.c}]->(b)
ON CREATE SET e += row.p
ON MATCH SET
  e.claim = row.c, // takes the lock before the times are read
  e += CASE WHEN e.knownFrom IS NULL THEN row.p WHEN e.knownFrom <= row.p.knownFrom THEN {} ELSE {knownFrom: row.p.knownFrom, claimant: row.p.claimant} END,
  e += CASE WHEN e.validFrom <= row.p.validFrom THEN {} ELSE {validFrom: row.p.validFrom} END
`,
    );
    files.set(
      `write/end/${name}.cypher`,
      `// purpose: ends claims of (${from})-[:${type}]->(${to}); the end may be known before the claim
// params: rows
// returns: -
UNWIND $rows AS row
MATCH (a:${from} {key: row.a})
MATCH (b:${to} {key: row.b})
MERGE (a)-[e:${type} {claim: row.c}]->(b)
SET e.claim = row.c // takes the lock before the list is read
WITH e, row WHERE NOT row.by IN coalesce(e.endBy, [])
SET e.endValid = coalesce(e.endValid, []) + row.v,
    e.endKnown = coalesce(e.endKnown, []) + row.k,
    e.endBy = coalesce(e.endBy, []) + row.by
`,
    );
  }
}

const IS_WITHDRAWN = `any(by IN coalesce(e.endBy, []) WHERE NOT by STARTS WITH 'conflict:')`;
const DIGESTS = `COLLECT { MATCH (x)-[:PACKAGED_AS]-(d:Artifact) RETURN DISTINCT d.key LIMIT 20 }`;
for (const [label, types, digestsOf] of [
  ['Artifact', 'SAME_AS|PACKAGED_AS', `CASE WHEN x:PackageVersion THEN ${DIGESTS} ELSE [] END`],
  ['PackageVersion', 'PACKAGED_AS', '[]'],
] as const) {
  const name = label.toLowerCase();
  files.set(
    `write/identity/remember-${name}.cypher`,
    `// purpose: remembers which strong digests ${label} nodes are one with; the first claims of a node need nothing further
// params: rows
// returns: key, sameDigests, conflictSince, conflictEver of the nodes at which more is to be done
UNWIND $rows AS row
MATCH (n:${label} {key: row.key})
SET n.key = row.key // takes the lock before the digests are read
WITH n, row, n.sameDigests AS known, n.conflictSince AS since, n.conflictEver AS ever
FOREACH (x IN CASE WHEN known IS NULL AND since IS NULL AND row.agree THEN [1] ELSE [] END |
  SET n.sameDigests = row.digests)
WITH row, known, since, ever
WHERE since IS NOT NULL OR ever IS NOT NULL OR NOT row.agree
  OR (known IS NOT NULL AND any(digest IN row.digests WHERE NOT digest IN known))
RETURN row.key AS key, known AS sameDigests, since AS conflictSince, ever AS conflictEver
`,
  );
  files.set(
    `write/identity/claims-${name}.cypher`,
    `// purpose: everything that claims say ${label} nodes are one with, of at most $most claims of each
// params: keys, most
// returns: of and key = the thing, label and other = what it is one with, ended = by a withdrawal, n = when the first of them became known, null if only ends are;
//   known and states = sameDigests, conflictSince and conflictEver of the thing and of the other; digests = keys of a package version's, at
//   most 20; claims = how many there are
UNWIND $keys AS key
MATCH (n:${label} {key: key})
SET n.key = key // takes the lock before the claims are read
WITH n, key
CALL (n) { MATCH (n)-[e:${types}]-(x) RETURN e, x LIMIT $most }
WITH n, key, x, ${IS_WITHDRAWN} AS ended, min(e.knownFrom) AS since, count(*) AS claims
RETURN '${label}' AS of, key, labels(x)[0] AS label, x.key AS other, ended, since AS n, claims,
  n {.sameDigests, .conflictSince, .conflictEver} AS known, x {.sameDigests, .conflictSince, .conflictEver} AS states,
  ${digestsOf} AS digests
`,
  );
  files.set(
    `write/identity/settle-${name}.cypher`,
    `// purpose: what all claims at ${label} nodes come to; where they contradict each other every edge ends, else those endings go
// params: rows, valid
// returns: -
UNWIND $rows AS row
MATCH (n:${label} {key: row.key})
WITH n, row, n.conflictEver IS NOT NULL OR row.conflictEver IS NOT NULL AS concerned
SET n.sameDigests = row.sameDigests, n.conflictSince = row.conflictSince, n.conflictEver = row.conflictEver
WITH n, row WHERE concerned
MATCH (n)-[e:${types}]-()
WHERE e.validFrom IS NOT NULL
SET e.claim = e.claim // takes the lock before the lists are read
WITH e, CASE WHEN startNode(e) = n THEN 'conflict:start' ELSE 'conflict:end' END AS own,
  CASE WHEN ${IS_WITHDRAWN} THEN row.conflictEver ELSE row.conflictSince END AS k
WITH e, own, k, [i IN range(0, size(coalesce(e.endBy, [])) - 1) WHERE e.endBy[i] <> own] AS others
WITH e,
  [i IN others | e.endBy[i]] + CASE WHEN k IS NULL THEN [] ELSE [own] END AS endBy,
  [i IN others | e.endValid[i]] + CASE WHEN k IS NULL THEN [] ELSE [$valid] END AS endValid,
  [i IN others | e.endKnown[i]] + CASE WHEN k IS NULL THEN [] ELSE [k] END AS endKnown
SET e.endBy = CASE WHEN endBy <> [] THEN endBy END,
  e.endValid = CASE WHEN endBy <> [] THEN endValid END,
  e.endKnown = CASE WHEN endBy <> [] THEN endKnown END
`,
  );
}
for (const { type, from, to } of FILE_IDENTITIES) {
  files.set(
    `write/identity/end-${edgeStatement(type, from, to)}.cypher`,
    `// purpose: ends claims of (${from})-[:${type}]->(${to}) at a thing whose claims contradict each other
// params: rows, valid
// returns: -
UNWIND $rows AS row
MATCH (a:${from} {key: row.a})
MATCH (b:${to} {key: row.b})
MATCH (a)-[e:${type} {claim: row.c}]->(b)
SET e.claim = row.c // takes the lock before the list is read
WITH e, row, CASE WHEN ${IS_WITHDRAWN} THEN row.ever ELSE row.since END AS k
WHERE k IS NOT NULL AND NOT row.by IN coalesce(e.endBy, [])
SET e.endValid = coalesce(e.endValid, []) + $valid,
    e.endKnown = coalesce(e.endKnown, []) + k,
    e.endBy = coalesce(e.endBy, []) + row.by
`,
  );
}

files.set(
  'digest/events.cypher',
  `// purpose: the whole log, for the state digest
// params: -
// returns: properties
MATCH (n:Event) RETURN properties(n) AS properties
`,
);

const check = process.argv.includes('--check');
const stale: string[] = [];
for (const folder of ['write/node', 'write/edge', 'write/end', 'write/identity', 'digest']) {
  mkdirSync(`${ROOT}${folder}`, { recursive: true });
  for (const name of readdirSync(`${ROOT}${folder}`)) {
    if (files.has(`${folder}/${name}`)) continue;
    stale.push(`${folder}/${name}`);
    if (!check) rmSync(`${ROOT}${folder}/${name}`);
  }
}
for (const [name, text] of files) {
  const path = `${ROOT}${name}`;
  if (readOrNull(path) === text) continue;
  stale.push(name);
  if (!check) {
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, text);
  }
}
if (check && stale.length > 0) {
  console.error(`cypher/ is out of date (${stale.join(', ')}): run npm run generate.`);
  process.exitCode = 1;
}

function readOrNull(path: string): string | null {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return null;
  }
}
