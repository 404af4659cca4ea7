import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { serverAudits, type Audit, type AuditFail } from 'graphql-http';
import { createTestGraphql, type Asked } from '../../support/graphql.ts';
import { startHttp, type TestHttp } from '../../support/http.ts';

/**
 * "SHOULD use 200 … when accepting application/json", for servers that cannot know whether a client reads the body of a 400. Apollo
 * Server answers 400 there, and so do we: a request that cannot be executed is an error for logs, proxies and retries as well.
 */
const OTHERWISE = new Set(['572B', 'FDE2', '7B9B']);

const audits = serverAudits({ url: () => `${address}/graphql`, fetchFn: send });

type Audited = Pick<Audit, 'id' | 'name' | 'fn'>;

let address = '';

/** The audits send GET without a header that a foreign web page could not send; a client of ours has one. */
async function send(url: string, init?: RequestInit): Promise<Response> {
  const headers = new Headers(init?.headers);
  headers.set('apollo-require-preflight', 'true');
  return fetch(url, { ...init, headers });
}

describe('the GraphQL-over-HTTP specification, by the audits of graphql-http', () => {
  let asked: Asked;
  let http: TestHttp;
  beforeAll(async () => {
    asked = await createTestGraphql();
    http = await startHttp({ graphql: asked.graphql });
    address = http.address;
  });
  afterAll(async () => {
    await http.stop();
    await asked.graphql.stop();
  });

  const [held, rest] = [false, true].map((isRest) =>
    audits
      .filter(({ id }) => OTHERWISE.has(id) === isRest)
      .map(({ id, name, fn }) => ({ id, name, fn })),
  ) as [Audited[], Audited[]];

  it.each(held)('$id $name', async ({ fn }) => {
    expect(await fn()).toMatchObject({ status: 'ok' });
  });

  it.each(rest)('$id does not hold: $name', async ({ fn }) => {
    const { status, reason } = (await fn()) as AuditFail;
    expect({ status, reason }).toEqual({
      status: 'warn',
      reason: 'Response status code is not 200',
    });
  });
});
