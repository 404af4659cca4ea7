import { once } from 'node:events';
import { createServer } from 'node:net';
import { StemmaError } from '../errors.ts';

/**
 * Whether a port can be listened on, asked before anything else is fetched or started.
 *
 * @param port 0 = any free one
 * @throws StemmaError SERVER_UNAVAILABLE where something listens there
 */
export async function checkPort(host: string, port: number): Promise<void> {
  const server = createServer();
  try {
    server.listen({ host, port });
    await once(server, 'listening');
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code !== 'EADDRINUSE') return; // who listens in earnest will say what it is
    throw new StemmaError(
      'SERVER_UNAVAILABLE',
      `Port ${port} is in use: stop what listens there, or set another (STEMMA_PORT; 0 picks a free one).`,
      { cause },
    );
  } finally {
    server.close();
  }
}
