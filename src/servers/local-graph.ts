import { randomBytes } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { startLocalNeo4j, type LocalNeo4j } from './local-neo4j.ts';

/** Made once per home: every user of the machine can reach 127.0.0.1, but only the owner reads this file. */
export function localPassword(home: string): string {
  const file = join(home, 'data', 'password');
  if (!existsSync(file)) {
    mkdirSync(dirname(file), { recursive: true, mode: 0o700 });
    writeFileSync(file, randomBytes(24).toString('base64url'), { mode: 0o600, flag: 'wx' });
  }
  return readFileSync(file, 'utf8');
}

export type LocalGraphOptions = {
  readonly home: string;
  /** Where scripts/setup.mjs put the servers. */
  readonly serversDir: string;
  readonly dataDir: string;
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly signal?: AbortSignal;
  /** Replaced in tests. */
  readonly start?: typeof startLocalNeo4j;
};

export type LocalGraph = {
  readonly server: LocalNeo4j;
  readonly address: { readonly uri: string; readonly user: string; readonly password: string };
};

/** Starts Neo4j on a data directory of the home; every graph of a home has the password of the home. */
export async function startLocalGraph(options: LocalGraphOptions): Promise<LocalGraph> {
  const { home, serversDir, dataDir, environment, signal, start = startLocalNeo4j } = options;
  const password = localPassword(home);
  const heap = environment['STEMMA_NEO4J_HEAP'];
  const server = await start({
    ...{ libDir: join(serversDir, 'neo4j', 'lib'), dataDir, password, environment },
    ...(heap === undefined || heap === '' ? {} : { heap }),
    ...(signal === undefined ? {} : { signal }),
  });
  return { server, address: { uri: server.uri, user: 'neo4j', password } };
}
