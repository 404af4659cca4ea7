import { decodeEntry } from '../../src/apply/decode.ts';
import type { LoggedEvent } from '../../src/graph/write/writer.ts';
import { EDGE_KINDS, EDGE_TYPES, type EdgeType } from '../../src/model/edge.ts';
import { contentHash, type Envelope } from '../../src/model/event.ts';
import type { Moment } from '../../src/model/moment.ts';
import { isFileSpecificKey } from '../../src/model/purl-files.ts';
import { NODE_FACETS, refId } from '../../src/model/node.ts';

/** Lineage as design section 4 defines it, from the log alone: no Cypher, no database. */

export type OracleEnd = { readonly v: number; readonly k: number };
export type OracleClaim = {
  readonly from: string;
  readonly type: EdgeType;
  readonly to: string;
  readonly claim: string;
  validFrom: number;
  knownFrom: number;
  readonly ends: OracleEnd[];
  /** Log numbers since which it holds nowhere, because others contradict it. */
  readonly contradicted: number[];
};

export type OracleLog = {
  readonly events: readonly LoggedEvent[];
  readonly claims: readonly OracleClaim[];
  /** Node → its endings. */
  readonly nodeEnds: ReadonlyMap<string, OracleEnd[]>;
  readonly nodes: ReadonlySet<string>;
};

export type OracleEdge = { from: string; type: EdgeType; to: string; claims: string[] };
export type OracleLineage = {
  /** `Label:key` → depth. */
  readonly depths: Map<string, number>;
  readonly edges: OracleEdge[];
};

export type OracleScope = {
  readonly direction: 'UPSTREAM' | 'DOWNSTREAM' | 'BOTH';
  readonly at: Moment;
  readonly throughHistory?: boolean;
  readonly edgeTypes?: readonly EdgeType[] | null;
};

/** Envelopes in the order of their log numbers. */
export function logOf(
  envelopes: readonly Envelope[],
  first: number,
  acceptedAt: number,
): LoggedEvent[] {
  return envelopes.map((envelope, at) =>
    decodeEntry({
      text: JSON.stringify(envelope),
      n: first + at,
      acceptedAt,
      contentHash: contentHash(envelope),
    }),
  );
}

export function foldClaims(events: readonly LoggedEvent[]): OracleLog {
  const claims = new Map<string, OracleClaim>();
  const nodeEnds = new Map<string, OracleEnd[]>();
  const nodes = new Set<string>();
  const endsOfClaim = new Map<string, OracleEnd[]>();
  const endsOfEdge = new Map<string, OracleEnd[]>();
  for (const { changes, identity, n, at } of events) {
    const end = { v: at, k: n };
    for (const node of changes.nodes) nodes.add(refId(node));
    const others = changes.edges.filter(({ type }) => type !== 'VERSION_OF');
    for (const { type, from, to } of changes.edges) {
      nodes.add(refId(from)).add(refId(to));
      // whoever says more of the version does not claim by itself what its key says
      const isImplied =
        type === 'VERSION_OF' &&
        others.some((one) => [refId(one.from), refId(one.to)].includes(refId(from)));
      const claim = isImplied ? 'implied' : (changes.claim ?? identity);
      const isTimeless = type === 'PARENT' || type === 'VERSION_OF';
      const validFrom = isTimeless ? -Infinity : (changes.validFrom ?? at);
      const id = [refId(from), type, refId(to), claim].join('\n');
      const known = claims.get(id);
      if (known === undefined) {
        const ends: OracleEnd[] = [];
        claims.set(id, {
          ...{ from: refId(from), to: refId(to) },
          ...{ type, claim, validFrom, knownFrom: n, ends, contradicted: [] },
        });
      } else {
        known.validFrom = Math.min(known.validFrom, validFrom);
        known.knownFrom = Math.min(known.knownFrom, n);
      }
    }
    for (const claim of changes.endsClaims) push(endsOfClaim, claim, end);
    for (const { type, from, to, claim } of changes.edgeEndings ?? []) {
      nodes.add(refId(from)).add(refId(to));
      push(endsOfEdge, [refId(from), type, refId(to), claim].join('\n'), end);
    }
    for (const node of changes.nodeEndings ?? []) push(nodeEnds, refId(node), end);
  }
  for (const [id, claim] of claims) {
    claim.ends.push(...(endsOfClaim.get(claim.claim) ?? []), ...(endsOfEdge.get(id) ?? []));
  }
  const all = [...claims.values()];
  for (const [claim, ends] of all.map((claim) => [claim, contradictionsOf(claim, all)] as const)) {
    claim.contradicted.push(...ends);
  }
  return { events, claims: all, nodeEnds, nodes };
}

const STRONG = /^Artifact:(sha(?:256|384|512)|sha3-\d+|blake\w+(?:-\d+)?):/;

function isIdentity({ type, from, to }: OracleClaim): boolean {
  return (
    type === 'PACKAGED_AS' ||
    (type === 'SAME_AS' && `${from} ${to}`.match(/Artifact:/g)?.length === 2)
  );
}

/**
 * Log numbers at which claims came to say of one end of this one that it is two files. A claim that was withdrawn contradicts only what
 * was withdrawn too; compared pair by pair.
 */
function contradictionsOf(claim: OracleClaim, all: readonly OracleClaim[]): number[] {
  if (!isIdentity(claim)) return [];
  return [claim.from, claim.to].flatMap((thing) => {
    const others = all.filter(
      (one) =>
        isIdentity(one) &&
        (one.from === thing || one.to === thing) &&
        (claim.ends.length > 0 || one.ends.length === 0),
    );
    const digestOf = ({ from, to }: OracleClaim): string => (from === thing ? to : from);
    const pairs = others.flatMap((one) =>
      others
        .filter((other) => {
          const [a, b] = [STRONG.exec(digestOf(one)), STRONG.exec(digestOf(other))];
          return a !== null && b !== null && a[1] === b[1] && a.input !== b.input;
        })
        .map((other) => Math.max(one.knownFrom, other.knownFrom)),
    );
    return pairs.length === 0 ? [] : [Math.min(...pairs)];
  });
}

/** The claims that held. */
export function claimsAt({ claims, nodeEnds }: OracleLog, { valid, known }: Moment): OracleClaim[] {
  return claims.filter((claim) => {
    if (claim.knownFrom > known || claim.validFrom > valid) return false;
    if (claim.ends.some(({ v, k }) => v <= valid && k <= known)) return false;
    if (claim.contradicted.some((k) => k <= known)) return false;
    if (EDGE_KINDS[claim.type].role !== 'context') return true;
    const ends = nodeEnds.get(claim.from) ?? [];
    return !ends.some(({ v, k }) => v <= valid && k <= known && v >= claim.validFrom);
  });
}

const CONTEXT_ROOTS = new Set(
  'Builder Repository Package Vulnerability Environment Service Identity Attestation Document Workflow Step Agent'.split(
    ' ',
  ),
);
const FIRST_STEPS = EDGE_TYPES.filter(
  (type) =>
    EDGE_KINDS[type].role === 'context' && !['REPLACES', 'DEPENDS_ON', 'CONCERNS'].includes(type),
);

const NAMING = new Set<EdgeType>(['HAS_DIGEST', 'DISTRIBUTION_OF']);

/** A digest that is not a strong one of the content, or a purl that has several files for a version. */
function isSharedName(id: string): boolean {
  const key = id.slice(id.indexOf(':') + 1);
  if (id.startsWith('Artifact:'))
    return !/^(?:sha(?:256|384|512)|sha3-\d+|blake\w+(?:-\d+)?):/.test(key);
  return id.startsWith('PackageVersion:pkg:') && !isFileSpecificKey(key);
}

export function lineageOf(log: OracleLog, root: string, scope: OracleScope): OracleLineage {
  if (scope.direction !== 'BOTH')
    return oneWay(log, root, { ...scope, direction: scope.direction });
  const up = oneWay(log, root, { ...scope, direction: 'UPSTREAM' });
  const down = oneWay(log, root, { ...scope, direction: 'DOWNSTREAM' });
  const depths = new Map(up.depths);
  for (const [id, depth] of down.depths) {
    depths.set(id, Math.min(depth, depths.get(id) ?? depth));
  }
  const edges = new Map([...up.edges, ...down.edges].map((edge) => [edgeKey(edge), edge]));
  return { depths, edges: [...edges.values()] };
}

function oneWay(
  log: OracleLog,
  root: string,
  { at, direction, throughHistory = false, edgeTypes = null }: OracleScope,
): OracleLineage {
  const held = claimsAt(log, at);
  const isFollowed = (type: EdgeType): boolean => {
    if (edgeTypes !== null) return edgeTypes.includes(type);
    const { role } = EDGE_KINDS[type];
    return role === 'derivation' || role === 'identity' || (throughHistory && role === 'history');
  };
  const isFirst = (type: EdgeType): boolean =>
    FIRST_STEPS.includes(type) && (edgeTypes?.includes(type) ?? true);
  const label = (id: string): string => id.slice(0, id.indexOf(':'));

  const tags = tagRules(held);
  const depths = new Map([[root, 0]]);
  const beside = new Set<string>();
  const gone = new Set<string>();
  const seen = new Set<string>([`${root} `]);
  let frontier: Place[] = [{ id: root, via: null }];
  for (let depth = 1; frontier.length > 0; depth += 1) {
    const next: Place[] = [];
    const reach = (id: string, via: OracleClaim): void => {
      gone.add(edgeKey(via));
      const place = `${id} ${tags.isTag(id) ? edgeKey(via) : ''}`;
      if (!depths.has(id)) depths.set(id, depth);
      if (seen.has(place)) return;
      seen.add(place);
      next.push({ id, via });
    };
    for (const place of frontier) {
      const { id } = place;
      const second =
        id !== root &&
        (depth === 2 || label(root) === 'Vulnerability') &&
        ((label(root) === 'Identity' && label(id) === 'Attestation') ||
          (label(root) === 'Vulnerability' && label(id) === 'Vulnerability'));
      const starts = (id === root && CONTEXT_ROOTS.has(label(id))) || second;
      const isName = id === root && isSharedName(root);
      if (isName) beside.add(id);
      if (starts) beside.add(id);
      for (const claim of held) {
        const { from, type, to } = claim;
        if (isFollowed(type)) {
          if (direction === 'UPSTREAM' && from === id && tags.leadsUp(place, claim)) {
            reach(to, claim);
          }
          if (direction === 'DOWNSTREAM' && to === id && tags.leadsDown(place, claim)) {
            reach(from, claim);
          }
        }
        if (isName && NAMING.has(type) && isFirst(type) && to === id) reach(from, claim);
        if (!starts || !isFirst(type)) continue;
        if (second && label(root) === 'Identity' && type !== 'ATTESTS') continue;
        if (from === id) reach(to, claim);
        if (to === id) reach(from, claim);
      }
    }
    frontier = next;
  }
  const edges = new Map<string, OracleEdge>();
  for (const { from, type, to, claim } of held) {
    if (!depths.has(from) || !depths.has(to)) continue;
    const context = isFirst(type) && (beside.has(from) || beside.has(to));
    if (!isFollowed(type) && !context) continue;
    const edge = { from, type, to, claims: [claim] };
    // at a tag, only what was gone by someone
    if ((tags.isTag(from) || tags.isTag(to)) && !gone.has(edgeKey(edge))) continue;
    const known = edges.get(edgeKey(edge));
    if (known === undefined) edges.set(edgeKey(edge), edge);
    else known.claims.push(claim);
  }
  depths.delete(root);
  return { depths, edges: [...edges.values()] };
}

/** A node, and the edge by which it was come to. */
type Place = { readonly id: string; readonly via: OracleClaim | null };

/**
 * What a tag was for whoever used it: the last of its resolutions before the use, else the first one after it. Asked about by
 * itself, the last one of all.
 */
function tagRules(held: readonly OracleClaim[]) {
  const resolutions = Map.groupBy(
    held.filter(({ type }) => type === 'RESOLVED_TO'),
    ({ from }) => from,
  );
  const used = new Map<string, number>();
  for (const claim of held) {
    const key = edgeKey(claim);
    used.set(key, Math.min(claim.validFrom, used.get(key) ?? Infinity));
  }
  /** What the tag was for this user; null = by itself. */
  const targets = (tag: string, user: OracleClaim | null): string[] => {
    const all = (resolutions.get(tag) ?? []).toSorted((x, y) => x.validFrom - y.validFrom);
    const at = user === null ? Infinity : (used.get(edgeKey(user)) ?? 0);
    const chosen = all.findLast(({ validFrom }) => validFrom <= at) ?? all[0];
    return all.filter((one) => one.validFrom === chosen?.validFrom).map(({ to }) => to);
  };
  const isUse = ({ type }: OracleClaim): boolean =>
    type !== 'RESOLVED_TO' && EDGE_KINDS[type].role !== 'context';
  return {
    isTag: (id: string): boolean => resolutions.has(id),
    leadsUp: ({ id, via }: Place, claim: OracleClaim): boolean =>
      claim.type !== 'RESOLVED_TO' ||
      targets(id, via !== null && isUse(via) && via.to === id ? via : null).includes(claim.to),
    leadsDown: ({ id, via }: Place, claim: OracleClaim): boolean =>
      via?.type !== 'RESOLVED_TO' ||
      via.from !== id ||
      !isUse(claim) ||
      targets(id, claim).includes(via.to),
  };
}

/** Number of edges on the shortest way, or null. */
export function distance(
  log: OracleLog,
  from: string,
  to: string,
  scope: OracleScope,
): number | null {
  if (from === to) return 0;
  return lineageOf(log, from, scope).depths.get(to) ?? null;
}

export function edgeKey({ from, type, to }: Pick<OracleEdge, 'from' | 'type' | 'to'>): string {
  return `${from} ${type} ${to}`;
}

/** Facets of the life of a deployment: what was withdrawn by then is not told, and nothing where all of its creations were. */
const LIFE = new Set([
  ...['created', 'progress', 'completed', 'failed', 'removed', 'rolledback', 'verified'],
]);

/** What was known of a node's properties: the facets of every event so far, the latest word last. */
export function propertiesAt(
  events: readonly LoggedEvent[],
  id: string,
  { valid, known }: Moment,
): Record<string, unknown> | null {
  const seen = events.filter(({ n, at }) => n <= known && at <= valid);
  const withdrawn = new Set(seen.flatMap(({ changes }) => changes.endsClaims));
  const created = events.filter(
    ({ n, properties: { type }, changes: { subject } }) =>
      n <= known && type === 'deployment.created' && subject !== null && refId(subject) === id,
  );
  const isGone = created.length > 0 && created.every(({ identity }) => withdrawn.has(identity));
  const later = (x: LoggedEvent, y: LoggedEvent): number =>
    x.at - y.at || (x.tie < y.tie ? -1 : x.tie > y.tie ? 1 : 0);
  let properties: Record<string, unknown> | null = null;
  for (const { changes, identity } of seen.toSorted(later)) {
    const ends = [...changes.edges, ...(changes.edgeEndings ?? [])];
    if (ends.some(({ from, to }) => refId(from) === id || refId(to) === id)) properties ??= {};
    for (const node of changes.nodes) {
      if (refId(node) !== id) continue;
      properties ??= {};
      if (node.resolved) properties['resolved'] = true;
      for (const [name, stated] of Object.entries(node.facets)) {
        const isLife = node.label === 'Deployment' && LIFE.has(name);
        if (isLife && (isGone || withdrawn.has(identity))) continue;
        const all = (NODE_FACETS[node.label] as Record<string, readonly string[]>)[name] ?? [];
        for (const property of all) {
          const value = (stated as Record<string, unknown>)[property] ?? null;
          if (value === null) Reflect.deleteProperty(properties, property);
          else properties[property] = value;
        }
      }
    }
  }
  return properties;
}

function push<K, V>(map: Map<K, V[]>, key: K, value: V): void {
  const list = map.get(key);
  if (list === undefined) map.set(key, [value]);
  else list.push(value);
}
