import { createServer, type IncomingHttpHeaders, type Server } from 'node:http';
import { afterEach, describe, expect, test } from '@jest/globals';
import { perform, targetOf } from '../../../src/automation/actions/index.ts';
import { signature } from '../../../src/automation/actions/webhook.ts';
import { createSecrets } from '../../../src/automation/secrets.ts';
import { createTargets, isPublic, type TargetError } from '../../../src/automation/targets.ts';
import type { Delivery, RenderedAction } from '../../../src/model/deliveries.ts';

const servers: Server[] = [];
afterEach(() => {
  for (const server of servers.splice(0)) {
    server.closeAllConnections();
    server.close();
  }
});

type Received = { method: string; url: string; headers: IncomingHttpHeaders; body: string };

/** A real server on a free port: what it has received, and where it is. */
async function listen(
  answer: (received: Received) => { status: number; headers?: object; body?: string } | null,
) {
  const received: Received[] = [];
  const server = createServer((request, response) => {
    let body = '';
    request.setEncoding('utf8').on('data', (text: string) => (body += text));
    request.on('end', () => {
      const { method = '', url = '', headers } = request;
      const one = { method, url, headers, body };
      received.push(one);
      const said = answer(one);
      if (said === null) return; // it hangs
      response.writeHead(said.status, { ...said.headers });
      response.end(said.body ?? '');
    });
  });
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as { port: number };
  return { received, host: `127.0.0.1:${port}`, url: `http://127.0.0.1:${port}` };
}

const failure = async (work: Promise<unknown>) => {
  const error = (await work.then(
    () => null,
    (thrown: unknown) => thrown,
  )) as TargetError | null;
  return error === null ? null : { message: error.message, retryable: error.retryable };
};

describe('where a request may go', () => {
  const targets = createTargets({ allowed: [] });
  const post = async (url: string) => failure(targets.post({ url, headers: {}, body: '{}' }));

  test.each([
    'http://127.0.0.1/',
    'http://[::1]/',
    'http://[::ffff:10.0.0.1]/',
    'http://[::ffff:a00:1]/',
    'http://0x7f.1/',
    'http://2130706433/',
    'http://0177.0.0.1/',
    'http://169.254.169.254/latest/meta-data/',
    'http://[fd00::1]/',
    'http://[fe80::1]/',
    'http://[64:ff9b::a00:1]/',
    'http://[2002:a00:1::]/',
    'http://100.64.0.1/',
    'http://0.0.0.0/',
    'http://localhost/',
    'http://user:planted@example.com/',
    'file:///etc/passwd',
    'gopher://example.com/',
    'nonsense',
  ])('%s is forbidden, for good', async (url) => {
    const error = await post(url);
    expect(error).toMatchObject({ retryable: false });
    expect(error?.message).toMatch(/^TARGET_FORBIDDEN/);
    expect(error?.message).not.toContain('planted');
  });

  test.each([
    ['8.8.8.8', true],
    ['2606:4700::1111', true],
    ['172.32.0.1', true],
    ['172.31.255.255', false],
    ['192.168.1.1', false],
    ['224.0.0.1', false],
    ['::', false],
    ['2001:db8::1', false],
    ['ff02::1', false],
  ])('%s is public: %s', (address, expected) => {
    expect(isPublic(address)).toBe(expected);
  });

  test('what is allowed is reached; a redirect inward is not followed; each answer says whether to try again', async () => {
    const inner = await listen(() => ({ status: 200 }));
    const outer = await listen(({ url }) => {
      if (url === '/redirect') return { status: 302, headers: { location: inner.url } };
      return { status: Number(url.slice(1)), headers: { 'retry-after': '7' }, body: 'because' };
    });
    const own = createTargets({ allowed: [outer.host] });
    const to = async (path: string) =>
      failure(own.post({ url: `${outer.url}/${path}`, headers: {}, body: '{}' }));
    expect(await to('204')).toBeNull();
    expect(await to('redirect')).toMatchObject({
      retryable: false,
      message: expect.stringContaining('redirects are not followed'),
    });
    expect(inner.received).toEqual([]);
    for (const [status, retryable] of [
      ...[
        [400, false],
        [404, false],
        [410, false],
        [408, true],
        [425, true],
        [429, true],
      ],
      ...[
        [500, true],
        [503, true],
      ],
    ] as const) {
      const error = await to(String(status));
      expect(error).toEqual({ retryable, message: `it answered ${status}: because` });
    }
  });

  test('what does not answer in time, or is not there, is tried again', async () => {
    const mute = await listen(() => null);
    const own = createTargets({ allowed: ['127.0.0.1'], timeoutMs: 100 });
    const to = async (url: string) => failure(own.post({ url, headers: {}, body: '' }));
    expect(await to(mute.url)).toEqual({
      ...{ retryable: true, message: '127.0.0.1: no answer within 0.1 s' },
    });
    expect(await to('http://127.0.0.1:1/')).toMatchObject({ retryable: true });
  });
});

test('the signature is that of Standard Webhooks', () => {
  // the example of the specification's libraries
  const secret = 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw';
  expect(
    signature(secret, 'msg_p5jXN8AQM9LWM0D4loKWxJek', 1_614_265_330, '{"test": 2432232314}'),
  ).toBe('v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=');
});

describe('actions', () => {
  const secrets = createSecrets({
    STEMMA_SECRET_HOOK: 'whsec_c2VjcmV0',
    NEO4J_PASSWORD: 'planted',
  });
  const deliver = async (action: RenderedAction, allowed: string[]) => {
    const delivery: Delivery = { id: 'd1', watch: 'w@1', trigger: 't', matched: 'm', action };
    const sent: unknown[] = [];
    await perform(delivery, {
      ...{ targets: createTargets({ allowed }), secrets, now: () => 1_700_000_000_000 },
      publish: async (event) => Promise.resolve(void sent.push(event)),
      send: async (...message) => Promise.resolve(void sent.push(message)),
    });
    return sent;
  };

  test('webhook: JSON, with the id of the delivery, signed', async () => {
    const { url, host, received } = await listen(() => ({ status: 200 }));
    const body = { a: 1 };
    const headers = { 'X-Team': 'platform', authorization: { env: 'STEMMA_SECRET_HOOK' } };
    await deliver({ kind: 'webhook', url, body, headers, secret: { env: 'STEMMA_SECRET_HOOK' } }, [
      host,
    ]);
    expect(received).toMatchObject([
      {
        ...{ method: 'POST', body: '{"a":1}' },
        headers: {
          ...{ 'content-type': 'application/json', 'x-team': 'platform', 'webhook-id': 'd1' },
          authorization: 'whsec_c2VjcmV0',
          'webhook-timestamp': '1700000000',
          'webhook-signature': signature('whsec_c2VjcmV0', 'd1', 1_700_000_000, '{"a":1}'),
        },
      },
    ]);
  });

  test('slack, github: as their documentation has it', async () => {
    const { url, host, received } = await listen(({ url: path }) =>
      path.includes('dispatches') ? { status: 204 } : { status: 200, body: 'ok' },
    );
    const github = { kind: 'github', api: `${url}/`, repository: 'acme/shop' } as const;
    const token = { env: 'STEMMA_SECRET_HOOK' };
    await deliver({ kind: 'slack', url, text: 'released' }, [host]);
    await deliver(
      { ...github, token, event: 'repository_dispatch', eventType: 'released', payload: { n: 1 } },
      [host],
    );
    await deliver(
      {
        ...github,
        token,
        event: 'workflow_dispatch',
        workflow: 'a b.yml',
        ref: 'main',
        payload: {},
      },
      [host],
    );
    expect(received.map((one) => [one.url, JSON.parse(one.body)])).toEqual([
      ['/', { text: 'released' }],
      ['/repos/acme/shop/dispatches', { event_type: 'released', client_payload: { n: 1 } }],
      ['/repos/acme/shop/actions/workflows/a%20b.yml/dispatches', { ref: 'main', inputs: {} }],
    ]);
    expect(received[1]?.headers).toMatchObject({
      authorization: 'Bearer whsec_c2VjcmV0',
      accept: 'application/vnd.github+json',
    });
  });

  test('publish and redis reach the bus itself', async () => {
    const event = { specversion: '1.0', id: '1', source: 's', type: 't' } as const;
    expect(await deliver({ kind: 'publish', event }, [])).toEqual([event]);
    expect(await deliver({ kind: 'redis', channel: 'c', message: 'm' }, [])).toEqual([['c', 'm']]);
    const delivery = { id: 'd', watch: 'w@1', trigger: 't', matched: 'm' };
    expect(
      targetOf({ ...delivery, action: { kind: 'redis', channel: 'c', message: 'm' } }),
    ).toBeNull();
  });

  test.each(['STEMMA_SECRET_MISSING', 'NEO4J_PASSWORD'])(
    '%s is no secret that a watch has, and its value is told to nobody',
    async (env) => {
      const failed = deliver({ kind: 'slack', url: { env }, text: '' }, []);
      await expect(failed).rejects.toMatchObject({ code: 'CONFIGURATION_INVALID' });
      await expect(failed).rejects.not.toThrow('planted');
    },
  );
});
