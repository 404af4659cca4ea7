import type { FastifyInstance } from 'fastify';
import type { Schemas } from '../intake/schemas.ts';
import { StemmaError } from '../errors.ts';

export type Check = { readonly name: string; readonly ok: boolean; readonly detail: string };
export type Readiness = {
  /** Whether the process can do its work: for balancers and rollouts. */
  readonly ready: boolean;
  /** Whether nothing waits for an operator: for alerts. What is amiss may not keep the process from serving. */
  readonly healthy: boolean;
  readonly checks: readonly Check[];
};

/** What there is. */
export const ENDPOINTS = {
  'GET /': 'this list; for browsers, a page of what is live, with a search',
  'POST /graphql': 'queries and mutations',
  'POST /events':
    'CloudEvents (structured, binary, batch), CDEvents and agent events; ?wait=applied&waitMs=…',
  'POST /documents': 'an SBOM, attestation or other document as it is; gzip; ?about=…&wait=applied',
  'GET /lineage.ndjson': 'a lineage of any size, row by row: ?of=<global id>&direction=upstream',
  'GET /schemas': 'JSON Schemas of every event type and version',
  'GET /metrics':
    'figures of this process, and of the bus where it has the role metrics, for Prometheus',
  'GET /livez': 'the process runs',
  'GET /readyz': 'whether the process can serve, and why not',
  'GET /healthz':
    'whether something waits for an operator: events lost, a writer behind, a bus that was rewound',
};

export function addProbes(app: FastifyInstance, readiness: () => Promise<Readiness>): void {
  // that it answers says all: the event loop turns
  app.get('/livez', async () => ({ live: true }));

  app.get('/readyz', async (_request, reply) => {
    const state = await readiness();
    reply.header('cache-control', 'no-store');
    return reply.code(state.ready ? 200 : 503).send(state);
  });

  app.get('/healthz', async (_request, reply) => {
    const state = await readiness();
    reply.header('cache-control', 'no-store');
    return reply.code(state.healthy ? 200 : 503).send(state);
  });
}

/** What is counted, and where the counts are kept: src/metrics. */
export type HttpMetrics = {
  answered(request: {
    readonly method: string;
    readonly route: string | null;
    readonly status: number;
    readonly seconds: number;
  }): void;
  openSockets(count: () => number): void;
  readonly contentType: string;
  text(): Promise<string>;
};

/** `/metrics`, which counts itself as well. */
export function addMetrics(app: FastifyInstance, metrics: HttpMetrics): void {
  app.addHook('onResponse', async (request, reply) => {
    const { method, routeOptions } = request;
    const route = routeOptions.url ?? null;
    metrics.answered({
      method,
      route,
      status: reply.statusCode,
      seconds: reply.elapsedTime / 1_000,
    });
  });
  app.get('/metrics', async (_request, reply) =>
    reply
      .header('cache-control', 'no-store')
      .type(metrics.contentType)
      .send(await metrics.text()),
  );
}

/** `/schemas`: an index, the envelope, and one file for each type and version. */
export function addSchemas(app: FastifyInstance, schemas: Schemas): void {
  app.get('/schemas', async () => schemas.index());
  app.get('/schemas/index.json', async () => schemas.index());
  app.get('/schemas/envelope.json', async (_request, reply) =>
    reply.type('application/schema+json').send(JSON.stringify(schemas.envelope())),
  );
  app.get<{ Params: { type: string; file: string } }>(
    '/schemas/:type/:file',
    async ({ params }, reply) => {
      const version = /^(\d{1,4})\.json$/.exec(params.file)?.[1];
      const schema = version === undefined ? null : schemas.get(params.type, Number(version));
      if (schema === null) {
        throw new StemmaError(
          'NOT_FOUND',
          'There is no schema of this type and version: GET /schemas lists them.',
        );
      }
      return reply.type('application/schema+json').send(JSON.stringify(schema));
    },
  );
}
