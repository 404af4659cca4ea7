import { connect, createServer, type Socket } from 'node:net';

/** A TCP proxy that can lose what passes through it. */
export interface Proxy {
  readonly port: number;
  /** Forwards until a client has sent `bytes`; the answer to them is lost, and the connection with it. Once. */
  loseAnswerTo(bytes: Buffer): void;
  readonly lost: () => number;
  /** Connections that are open now stay so, but nothing passes any more. */
  freeze(): void;
  stop(): Promise<void>;
}

export async function startProxy(target: {
  readonly host: string;
  readonly port: number;
}): Promise<Proxy> {
  const open = new Set<Socket>();
  let wanted: Buffer | null = null;
  let lost = 0;

  const server = createServer((client) => {
    const upstream = connect(target.port, target.host);
    let losing = false;
    for (const socket of [client, upstream]) {
      open.add(socket);
      socket.on('error', () => undefined); // the other end sees it as a closed connection
      socket.on('close', () => {
        open.delete(socket);
        client.destroy();
        upstream.destroy();
      });
    }
    client.on('data', (data: Buffer) => {
      if (wanted !== null && data.includes(wanted)) {
        wanted = null;
        losing = true;
      }
      upstream.write(data);
    });
    upstream.on('data', (data: Buffer) => {
      if (!losing) {
        client.write(data);
        return;
      }
      lost += 1;
      client.destroy();
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('the proxy has no port');
  return {
    port: address.port,
    loseAnswerTo(bytes) {
      wanted = bytes;
    },
    lost: () => lost,
    freeze() {
      for (const socket of open) socket.pause();
    },
    async stop() {
      for (const socket of open) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
