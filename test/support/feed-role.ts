import { once } from 'node:events';
import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { defineGroup, startGroup } from '../../src/bus/group/group.ts';
import { StemmaError } from '../../src/errors.ts';
import { DOMAINS } from '../../src/model/events/catalogue.ts';
import { defineRole } from '../../src/roles/role.ts';

/** A throw-away role, as a contributor would write one: every client sees every event, from the place that it asks for on. */
const FEED = defineGroup({ name: 'feed', acknowledges: false, domains: DOMAINS });

export const role = defineRole({
  name: 'feed',
  async start({ settings, connect, ...parts }) {
    const following = new Set<() => Promise<void>>();
    /** A line for each event: its position, and its id. */
    async function feed(after: string | null, client: ServerResponse): Promise<void> {
      const closed = once(client, 'close');
      const follower = await startGroup(FEED, {
        ...parts,
        ...(after === null ? {} : { after: Number(after) }),
        connectReader: () => connect('feed-reader', { failFast: false }),
        batchSize: settings.STEMMA_BATCH_SIZE,
        async deliver(entries) {
          const lines = entries.map(({ n, text }) => `${n} ${(JSON.parse(text) as Typed).id}\n`);
          if (!client.write(lines.join(''))) await Promise.race([once(client, 'drain'), closed]);
        },
      });
      void closed.then(async () => follower.stop());
      following.add(async () => follower.stop());
      client.writeHead(200).flushHeaders();
      client.end(`${(await follower.failed).code}\n`);
    }
    const server = createServer((request, response) => {
      const after = new URL(request.url ?? '/', 'http://feed').searchParams.get('after');
      feed(after, response).catch((error: unknown) => {
        response.writeHead(410).end(error instanceof StemmaError ? error.code : String(error));
      });
    });
    server.listen(0, settings.STEMMA_HOST);
    await once(server, 'listening');
    return {
      address: `http://${settings.STEMMA_HOST}:${(server.address() as AddressInfo).port}`,
      async stop() {
        await Promise.all([...following].map((stop) => stop()));
        server.closeAllConnections();
        server.close();
      },
    };
  },
});

type Typed = { readonly id: string };
