import { createHash } from 'node:crypto';
import canonicalize from 'canonicalize';
import { EDGE_TYPES } from '../model/edge.ts';
import { NODE_LABELS, propertiesOf, type NodeLabel } from '../model/node.ts';
import { endingsIn, isRevision, standingEndings } from '../model/revisions.ts';
import type { Graph } from './driver.ts';
import type { Statements } from './statement.ts';

/**
 * The state digests of design section 4. `content`: what the events say, equal for any order and duplication of the same input;
 * it leaves out log numbers, accepted times, knowledge times, stamps and derived facts (trust). `full`: everything, equal after
 * crash, replay and rebuild of one log. `current`: only what holds now.
 */
export type DigestKind = 'content' | 'full' | 'current';
export const DIGEST_KINDS: readonly DigestKind[] = ['content', 'full', 'current'];

export type Digests = {
  /** sha256 (hex) over the sorted sha256s of all lines. */
  readonly digest: string;
  /** The same per label, edge type and for the log (`Event`), so that a difference can be located. */
  readonly parts: Readonly<Record<string, { readonly digest: string; readonly count: number }>>;
};

type Properties = Readonly<Record<string, unknown>>;

/** Event properties that depend on when and how often the event was delivered. */
const DELIVERY = new Set(['n', 'acceptedAt', 'at', 'body', 'sha256', 'clockSkew', 'lock']);
/** Events that state derived facts. */
const DERIVED_EVENT =
  /^(?:attestation\.verified|watch\.(?:matched|action\.)|gate\.(?:passed|failed))/;

/** Computes the digests by streaming: memory is 32 bytes for each node and edge. */
export async function computeDigests(
  graph: Graph,
  statements: Statements,
  kinds: readonly DigestKind[] = DIGEST_KINDS,
): Promise<Record<DigestKind, Digests>> {
  const collectors = new Map(kinds.map((kind) => [kind, createDigester()]));
  const add = (part: string, line: (kind: DigestKind) => unknown): void => {
    for (const [kind, collector] of collectors) {
      const value = line(kind);
      if (value !== null) collector.add(part, canonicalize(value) ?? '');
    }
  };
  const timeoutMs = 3_600_000;

  for (const label of NODE_LABELS) {
    const statement = statements.get('digest/node', label);
    for await (const row of graph.stream(statement, {}, { timeoutMs })) {
      const properties = row.get('properties') as Properties; // shape of the statement
      add(label, (kind) => nodeLine(label, properties, kind));
    }
  }
  for (const type of EDGE_TYPES) {
    const statement = statements.get('digest/edge', type);
    for await (const row of graph.stream(statement, {}, { timeoutMs })) {
      const properties = row.get('properties') as Properties; // shape of the statement
      add(type, (kind) =>
        edgeLine(String(row.get('from')), type, String(row.get('to')), properties, kind),
      );
    }
  }
  for await (const row of graph.stream(statements.get('digest/events'), {}, { timeoutMs })) {
    const properties = row.get('properties') as Properties; // shape of the statement
    add('Event', (kind) => eventLine(properties, kind));
  }
  const result = {} as Record<DigestKind, Digests>; // filled for every asked kind
  for (const [kind, collector] of collectors) result[kind] = collector.finish();
  return result;
}

const CONTENT_PROPERTIES = new Map(NODE_LABELS.map((label) => [label, propertiesOf(label)]));

/** Properties of a claim that are told apart from what it says, or depend on when it was learnt. */
const CLAIM = new Set([
  'claim',
  'validFrom',
  'knownFrom',
  'claimant',
  'endValid',
  'endKnown',
  'endBy',
  'trust',
]);

export function nodeLine(label: NodeLabel, properties: Properties, kind: DigestKind): unknown {
  if (kind === 'full') return ['node', label, sorted(properties)];
  const said: Record<string, unknown> = {};
  for (const name of CONTENT_PROPERTIES.get(label) ?? []) {
    if (properties[name] !== undefined) said[name] = properties[name];
  }
  const resolved = properties['resolved'] === true;
  // a withdrawn alias leaves nodes behind that nothing says anything about any more
  if (kind === 'current' && !resolved) return null;
  return ['node', label, properties['key'], resolved, said, ...ends(properties, kind)];
}

export function edgeLine(
  from: string,
  type: string,
  to: string,
  properties: Properties,
  kind: DigestKind,
): unknown {
  if (kind === 'full') return ['edge', from, type, to, sorted(properties)];
  if (
    kind === 'current' &&
    (properties['validFrom'] === undefined || ends(properties, kind).length > 0)
  )
    return null;
  const said = Object.fromEntries(Object.entries(properties).filter(([name]) => !CLAIM.has(name)));
  const { claim, validFrom } = properties;
  return ['edge', from, type, to, claim, validFrom ?? null, said, ...ends(properties, kind)];
}

export function eventLine(properties: Properties, kind: DigestKind): unknown {
  if (kind === 'current') return null;
  if (kind === 'full') return ['event', sorted(properties)];
  if (DERIVED_EVENT.test(String(properties['type']))) return null;
  const said = Object.fromEntries(
    Object.entries(properties).filter(([name]) => !DELIVERY.has(name)),
  );
  return ['event', said];
}

/**
 * The endings of a claim as a set: when it ended, and by which event. Of a document that newer versions replace, only that it was,
 * and since when, unless positions count: which of them was known first depends on the order.
 */
function ends(properties: Properties, kind: DigestKind): unknown[] {
  const all = endingsIn(properties);
  if (all.length === 0) return [];
  if (kind === 'full') {
    return [
      standingEndings(all)
        .map(({ by, validFrom, knownFrom }) => [by, validFrom, knownFrom])
        .sort(byFirst),
    ];
  }
  const pairs = all.filter((one) => !isRevision(one)).map(({ by, validFrom }) => [by, validFrom]);
  const revised = all.filter(isRevision).map(({ validFrom }) => validFrom);
  if (revised.length > 0) pairs.push(['revision', Math.min(...revised)]);
  return [pairs.sort(byFirst)];
}

function byFirst(x: readonly unknown[], y: readonly unknown[]): number {
  return String(x[0]) < String(y[0]) ? -1 : 1;
}

/** Lists of endings are sets: their order in the store is the order of arrival. */
function sorted(properties: Properties): unknown {
  const rest = { ...properties };
  delete rest['endValid'];
  delete rest['endKnown'];
  delete rest['endBy'];
  delete rest['asserted'];
  return [rest, ...ends(properties, 'full')];
}

/** sha256 over the sorted sha256s of lines, in parts and as a whole. */
export function createDigester() {
  const parts = new Map<string, Buffer[]>();
  return {
    add(part: string, line: string): void {
      const hash = createHash('sha256').update(line).digest();
      const lines = parts.get(part);
      if (lines === undefined) parts.set(part, [hash]);
      else lines.push(hash);
    },
    finish(): Digests {
      const all: Buffer[] = [];
      const named: Record<string, { digest: string; count: number }> = {};
      for (const part of [...parts.keys()].sort()) {
        const lines = parts.get(part) ?? [];
        named[part] = { digest: digestOf(lines), count: lines.length };
        for (const line of lines) all.push(line);
      }
      return { digest: digestOf(all), parts: named };
    },
  };
}

function digestOf(lines: Buffer[]): string {
  const hash = createHash('sha256');
  for (const line of lines.sort((x, y) => x.compare(y))) hash.update(line);
  return hash.digest('hex');
}
