import { createServer } from 'node:net';
import { StemmaError } from '../errors.ts';

export const LOOPBACK = '127.0.0.1';

export async function freePort(): Promise<number> {
  return listenOnce(0);
}

export async function isPortFree(port: number): Promise<boolean> {
  return listenOnce(port).then(
    () => true,
    () => false,
  );
}

/** The port to start a server on: the wanted one, proven free, or any free one. */
export async function portFor(server: string, wanted: number | undefined): Promise<number> {
  if (wanted === undefined) return freePort();
  if (await isPortFree(wanted)) return wanted;
  throw portInUse(server, wanted);
}

export function portInUse(server: string, port: number): StemmaError {
  return new StemmaError(
    'SERVER_UNAVAILABLE',
    `${server} cannot start: port ${port} on ${LOOPBACK} is in use by another process; stop that process or choose another port.`,
    { details: { port } },
  );
}

async function listenOnce(port: number): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', reject);
    server.listen({ port, host: LOOPBACK, exclusive: true }, () => {
      const address = server.address();
      server.close(() => {
        if (address !== null && typeof address === 'object') resolve(address.port);
        else reject(new Error('no address'));
      });
    });
  });
}
