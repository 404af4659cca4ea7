import { createHash } from 'node:crypto';
import { VERSION } from '../version.ts';
import type { ExportGraph, ExportNode } from './graph.ts';
import { isoOf } from './json.ts';
import { toSafeJson } from './text.ts';

/** OpenLineage wants a URI of the code that wrote the event. It is a name and no address: this program has no web site. */
const PRODUCER = `urn:stemma:${VERSION}`;
const SCHEMA = 'https://openlineage.io/spec/2-0-2/OpenLineage.json#/$defs/RunEvent';
const FACET_SCHEMA = 'https://openlineage.io/spec/2-0-2/OpenLineage.json#/$defs/DatasetFacet';
/** Of runs of which no time is known at all: OpenLineage must have one. */
const UNKNOWN_TIME = 0;

const INPUTS = new Set(['USED', 'BUILT_FROM', 'DEPLOYS']);

/** One event for each build and deployment, with what it took and what it made, on a line of its own. */
export function toOpenLineage(graph: ExportGraph): string {
  const runs = graph.nodes.filter(({ label }) => label === 'Build' || label === 'Deployment');
  return runs.map((run) => `${toSafeJson(runEvent(run, graph))}\n`).join('');
}

function runEvent(run: ExportNode, { nodes, edges }: ExportGraph) {
  const byId = new Map(nodes.map((node) => [node.id, node]));
  const inputs = edges.filter(({ from, type }) => from === run.id && INPUTS.has(type));
  const outputs = edges.filter(({ to, type }) => to === run.id && type === 'GENERATED_BY');
  const known = [...inputs, ...outputs].flatMap(({ validFrom }) => validFrom ?? []);
  const datasets = (ids: readonly string[]) =>
    ids.flatMap((id) => {
      const node = byId.get(id);
      return node === undefined ? [] : [datasetOf(node)];
    });
  return {
    eventType: typeOf(run),
    eventTime: isoOf(timeOf(run) ?? known.toSorted((a, b) => a - b)[0] ?? UNKNOWN_TIME),
    producer: PRODUCER,
    schemaURL: SCHEMA,
    run: { runId: uuidOf(run.key) },
    job: { namespace: `stemma/${run.label}`, name: run.name ?? run.key },
    inputs: datasets(inputs.map(({ to }) => to)),
    outputs: datasets(outputs.map(({ from }) => from)),
  };
}

function datasetOf({ label, key, name }: ExportNode) {
  return {
    namespace: `stemma/${label}`,
    name: key,
    facets: {
      ...(name === null ? {} : { stemma: { _producer: PRODUCER, _schemaURL: FACET_SCHEMA, name } }),
    },
  };
}

function typeOf({ properties }: ExportNode): 'COMPLETE' | 'FAIL' | 'ABORT' | 'RUNNING' | 'OTHER' {
  const { outcome, failedAt, completedAt, startedAt } = properties;
  if (outcome === 'success' || typeof completedAt === 'number') return 'COMPLETE';
  if (outcome === 'cancelled') return 'ABORT';
  if (typeof outcome === 'string' || typeof failedAt === 'number') return 'FAIL';
  return typeof startedAt === 'number' ? 'RUNNING' : 'OTHER';
}

function timeOf({ properties }: ExportNode): number | null {
  const names = ['finishedAt', 'completedAt', 'failedAt', 'startedAt', 'queuedAt', 'createdAt'];
  return names.map((name) => properties[name]).find((value) => typeof value === 'number') ?? null;
}

/** The same run always has the same UUID (version 8: made of a hash of our own). */
function uuidOf(key: string): string {
  const hex = createHash('sha256').update(`stemma run ${key}`).digest('hex');
  const variant = ((Number.parseInt(hex.charAt(16), 16) & 3) | 8).toString(16);
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-8${hex.slice(13, 16)}-${variant}${hex.slice(17, 20)}-${hex.slice(20, 32)}`;
}
