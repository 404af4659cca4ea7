import { createHash } from 'node:crypto';
import { describe, expect, test } from '@jest/globals';
import { startHttp } from '../../support/http.ts';

const BROWSER = 'text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8';
const EVIL = '<script>alert(1)</script>"\'&\u202e';

const deployment = (more: object = {}) => ({
  ...{ key: 'https://ci.example#d', name: null, state: 'COMPLETED', url: 'https://d.example/1' },
  ...{ liveSince: '2026-11-20T08:15:00.000Z', environment: { key: '-/prod', name: 'prod' } },
  service: { key: '-/shop', name: 'shop' },
  origin: {
    versions: ['1.2'],
    runs: { nodes: [{ key: `sha256:${'b'.repeat(64)}`, name: 'shop.tgz' }] },
    builds: { nodes: [{ key: 'https://ci.example/runs/1', name: 'release' }] },
    commits: { nodes: [{ key: 'c'.repeat(40), name: 'Make 1.2' }] },
    builders: { nodes: [] },
  },
  ...more,
});

/** The page as a service has it that knows these deployments and things. */
async function open(
  { accept = BROWSER, path = '/' }: { accept?: string | null; path?: string },
  live: object = {
    data: { deployments: { nodes: [deployment()], pageInfo: { hasNextPage: false } } },
  },
  found: object = { data: { search: { nodes: [] } } },
) {
  const asked: unknown[] = [];
  const http = await startHttp({
    graphql: {
      async handle({ body }) {
        asked.push(body);
        const isSearch = (body as { query: string }).query.startsWith('query Search');
        return { status: 200, headers: new Map(), body: JSON.stringify(isSearch ? found : live) };
      },
    },
  });
  try {
    const response = await fetch(http.address + path, {
      headers: accept === null ? {} : { accept },
    });
    return { response, text: await response.text(), asked };
  } finally {
    await http.stop();
  }
}

describe('GET /', () => {
  test.each([null, '*/*', 'application/json', 'application/json, text/html'])(
    'is JSON for who accepts %j, and asks the graph nothing',
    async (accept) => {
      const { response, text, asked } = await open({ accept });
      expect(JSON.parse(text)).toMatchObject({ service: 'stemma' });
      expect([response.headers.get('vary'), asked]).toEqual(['accept', []]);
    },
  );

  test('is a page for browsers: what is live in each environment, a search, links', async () => {
    const { response, text } = await open({});
    expect(response.headers.get('content-type')).toBe('text/html; charset=utf-8');
    expect(text).toContain('<h2>Live in prod</h2>');
    expect(text).toContain('>shop</span>');
    expect(text).toContain(`>sha256:${'b'.repeat(12)}</code> shop.tgz`);
    expect(text).toContain('<a href="https://ci.example/runs/1" rel="noreferrer nofollow">');
    expect(text).toContain('2026-11-20 08:15 UTC');
    expect(text).toContain('<input type="search" name="q"');
    expect(text).toContain('<a href="/schemas">');
  });

  test('loads nothing and runs no script, whatever comes from the graph', async () => {
    const { response, text } = await open({});
    const policy = response.headers.get('content-security-policy') ?? '';
    const style = /<style>([^]*?)<\/style>/.exec(text)?.[1] ?? '';
    const hash = createHash('sha256').update(style).digest('base64');
    expect(policy.split('; ')).toEqual([
      ...["default-src 'none'", `style-src 'sha256-${hash}'`, "form-action 'self'"],
      ...["base-uri 'none'", "frame-ancestors 'none'"],
    ]);
  });

  test('shows text out of the graph as text', async () => {
    const nodes = [
      deployment({ key: EVIL, url: 'javascript:alert(1)', service: { key: EVIL, name: EVIL } }),
    ];
    const live = { data: { deployments: { nodes, pageInfo: { hasNextPage: true } } } };
    const found = { data: { search: { nodes: [{ label: EVIL, key: EVIL, name: EVIL }] } } };
    const path = `/?q=${encodeURIComponent(EVIL)}`;
    const { text } = await open({ path }, live, found);
    expect(text).not.toMatch(/<script|javascript:|\u202e/);
    expect(text).toContain('&lt;script&gt;alert(1)&lt;/script&gt;&quot;&#39;&amp;\ufffd');
    expect(text).toContain('There are more');
  });

  test('searches, and says where nothing is found or the search is refused', async () => {
    const { text, asked } = await open({ path: '/?q=%20pad%20' });
    expect(asked).toContainEqual(expect.objectContaining({ variables: { text: 'pad' } }));
    expect(text).toContain('Nothing is called that.');
    const refusal = { data: null, errors: [{ message: 'text is too short.' }] };
    const refused = await open({ path: '/?q=p' }, undefined, refusal);
    expect(refused.response.status).toBe(200);
    expect(refused.text).toContain('<p class="problem">text is too short.</p>');
    expect(refused.text).toContain('<h2>Live in prod</h2>');
  });

  test('says that nothing is live, and with 503 that the graph does not answer', async () => {
    const none = { data: { deployments: { nodes: [], pageInfo: { hasNextPage: false } } } };
    expect((await open({}, none)).text).toContain('No deployment is known to be live.');
    const { response, text } = await open({}, { errors: [{ message: 'The graph is away.' }] });
    expect(response.status).toBe(503);
    expect(text).toContain('The graph is away.');
    expect(text).not.toContain('No deployment is known to be live.');
  });
});
