import { mkdtempSync, writeFileSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { runCli, type Ran } from './field.ts';
import { startGraphProcess, type GraphProcess } from './graph-process.ts';
import { borrowNeo4j, type BorrowedNeo4j } from './neo4j-pool.ts';
import { startRedis, type TestRedis } from './servers.ts';

/** A service that has just started may have no servers yet: whoever sends to it tries again. */
const MOST_RETRIES = 20;

/** What GraphQL answers, as deep as a test looks. */
type Answer = any; // eslint-disable-line @typescript-eslint/no-explicit-any -- the query decides the shape

export type Receipt = {
  readonly status: string;
  readonly warnings?: readonly string[];
  readonly error: unknown;
};

/** Servers that a file has for itself, and the processes on them, which can be killed. */
export interface AutomationWorld {
  readonly redis: TestRedis;
  readonly neo4j: BorrowedNeo4j;
  /** A process with these roles, separated by commas. */
  start(roles: string, failpoint?: string): GraphProcess;
  /** The same, with an API, which is asked from then on. */
  serve(roles?: string): Promise<void>;
  /** `data` of the answer; throws where there are errors. */
  ask(query: string, variables?: object): Promise<Answer>;
  /** Sends CloudEvents, waits until each is settled, and gives the receipts. */
  post(events: readonly object[]): Promise<Receipt[]>;
  cli(...args: string[]): Promise<Ran>;
  /** The path of a new file with this text. */
  file(text: string): string;
  stop(): Promise<void>;
}

/** @param variables of every process */
export async function startAutomationWorld(
  variables: () => Readonly<Record<string, string>> = () => ({}),
): Promise<AutomationWorld> {
  const [redis, neo4j] = await Promise.all([startRedis(), borrowNeo4j()]);
  let url = '';
  const start: AutomationWorld['start'] = (roles, failpoint) =>
    startGraphProcess({
      servers: {
        ...{ neo4jUri: neo4j.uri, neo4jUser: neo4j.user, neo4jPassword: neo4j.password },
        redisUrl: redis.url,
      },
      ...{ main: 'roles-process-main.ts', tag: '' },
      ...(failpoint === undefined ? {} : { failpoint }),
      variables: {
        ...{ STEMMA_ROLES: roles, STEMMA_HEARTBEAT_MS: '200' },
        STEMMA_CLAIM_IDLE_MS: '1000', // what a killed writer had is taken over at once
        ...variables(),
      },
    });
  return {
    ...{ redis, neo4j, start },
    async serve(roles = 'graph,api,watch') {
      const service = start(roles);
      await service.whenReady();
      url = service.said().trim().split(' ')[1] ?? '';
    },
    async ask(query, parameters = {}) {
      const response = await fetch(`${url}/graphql`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ query, variables: parameters }),
      });
      const { data, errors } = (await response.json()) as Answer;
      if (errors !== undefined) throw new Error(JSON.stringify(errors));
      return data;
    },
    async post(events) {
      for (let attempt = 0; ; attempt += 1) {
        const response = await fetch(`${url}/events?wait=applied&waitMs=30000`, {
          method: 'POST',
          headers: { 'content-type': 'application/cloudevents-batch+json' },
          body: JSON.stringify(events),
        });
        const answer = (await response.json()) as { receipts?: Receipt[] };
        if (response.status === 503 && attempt < MOST_RETRIES) await delay(500);
        else if (answer.receipts !== undefined) return answer.receipts;
        else throw new Error(`${response.status}: ${JSON.stringify(answer)}`);
      }
    },
    cli: async (...args) => runCli(args, { STEMMA_URL: url }),
    file(text) {
      const path = join(mkdtempSync(join(tmpdir(), 'stemma-automation-')), 'definitions.yaml');
      writeFileSync(path, text);
      return path;
    },
    stop: async () => {
      await Promise.all([redis.stop(), neo4j.stop()]);
    },
  };
}
