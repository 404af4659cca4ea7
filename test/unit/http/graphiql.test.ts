import { readFileSync } from 'node:fs';
import { Script } from 'node:vm';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { buildSchema, parse, validate } from 'graphql';
import { questionsIn } from '../../../src/http/graphiql.ts';
import { startHttp } from '../../support/http.ts';

const BROWSER = 'text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8';
const DOCS = readFileSync(new URL('../../../docs/api.md', import.meta.url), 'utf8');
const SCHEMA = readFileSync(new URL('../../../schema.graphql', import.meta.url), 'utf8');

describe('GET /graphql in a browser', () => {
  let http: Awaited<ReturnType<typeof startHttp>>;
  const asked: string[] = [];
  beforeAll(async () => {
    http = await startHttp({
      graphql: {
        handle: async ({ search }) => {
          asked.push(search);
          return Promise.resolve({ status: 200, headers: new Map(), body: '{"data":{}}' });
        },
      },
    });
  });
  afterAll(() => http.stop());

  const get = async (path: string, headers: Record<string, string> = {}) =>
    fetch(http.address + path, { headers });

  test.each(['/graphql', '/graphql?query=%7Bsearch%7D'])(
    '%s is an editor, and asks nothing by itself',
    async (path) => {
      const response = await get(path, { accept: BROWSER });
      expect(response.status).toBe(200);
      expect(response.headers.get('content-type')).toBe('text/html; charset=utf-8');
      expect(response.headers.get('vary')).toBe('accept');
      expect(await response.text()).toContain('<div id="graphiql"');
      expect(asked).toEqual([]);
    },
  );

  test('loads everything from the service, and no other host may be reached', async () => {
    const page = await get('/graphql', { accept: BROWSER });
    const policy = page.headers.get('content-security-policy') ?? '';
    expect(policy).toContain("default-src 'none'");
    expect(policy).toContain("script-src 'self';");
    expect(policy).not.toMatch(/https?:|\*|unsafe-eval|script-src[^;]*unsafe/);
    const text = await page.text();
    expect(text).not.toMatch(/<script(?! src="\/)/);
    const start = await (await get('/graphiql/start.js')).text();
    const loaded = [...text.matchAll(/(?:src|href)="(\/[^"]+)"/g)].map(([, path = '']) => path);
    const workers = [...start.matchAll(/"(\w+\.worker\.js)"/g)].map(
      ([, name = '']) => `/graphiql/${name}`,
    );
    expect([loaded.length, workers.length]).toEqual([3, 3]);
    for (const path of [...loaded, ...workers]) {
      const file = await get(path);
      const content = await file.text();
      expect([path, file.status]).toEqual([path, 200]);
      expect(file.headers.get('content-type')).toBe(
        path.endsWith('.css') ? 'text/css; charset=utf-8' : 'text/javascript; charset=utf-8',
      );
      if (path.endsWith('.js')) expect(() => new Script(content)).not.toThrow();
      // fonts and pictures of the editor are inside
      else expect(content).not.toMatch(/url\((?!['"]?(?:data:|#))|@import/);
      const again = await get(path, { 'if-none-match': file.headers.get('etag') ?? '' });
      expect([again.status, await again.text()]).toEqual([304, '']);
    }
  });

  test('has the questions of docs/api.md ready, each of them valid', async () => {
    const questions = questionsIn(DOCS);
    expect(questions).toHaveLength(DOCS.match(/```graphql\n/g)?.length ?? 0);
    const start = await (await get('/graphiql/start.js')).text();
    const schema = buildSchema(SCHEMA);
    for (const { title, query } of questions) {
      expect(start).toContain(JSON.stringify(`# ${title}\n${query}`));
      expect(query).toMatch(/^(?:query|mutation) [A-Z]\w+ /);
      if (title !== 'An error')
        expect([title, validate(schema, parse(query))]).toEqual([title, []]);
    }
  });

  test('there is nothing else beside it', async () => {
    const response = await get('/graphiql/package.json');
    expect(response.status).toBe(404);
    expect(await response.json()).toMatchObject({ error: { code: 'NOT_FOUND' } });
  });

  test.each([{}, { accept: '*/*' }, { accept: 'application/json, text/html' }])(
    'is GraphQL for who sends %j',
    async (headers) => {
      asked.length = 0;
      const response = await get('/graphql?query=%7Bx%7D', {
        ...headers,
        'apollo-require-preflight': 'true',
      });
      expect([await response.json(), asked]).toEqual([{ data: {} }, ['?query=%7Bx%7D']]);
    },
  );
});
