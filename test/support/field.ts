import { execFile } from 'node:child_process';
import { randomInt } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Command } from 'commander';
import { createProducer } from '../../src/bus/log/producer.ts';
import { repairCounter } from '../../src/bus/log/repair.ts';
import { addIngest } from '../../src/cli/commands/ingest.ts';
import { toFailure } from '../../src/cli/exit.ts';
import type { IngestReport } from '../../src/ingest/report.ts';
import { GRAPH } from '../../src/roles/graph.ts';
import { createTestIo } from './cli-io.ts';
import { createPipeline } from './pipeline.ts';
import { sharedServers } from './servers.ts';

/** What GraphQL and receipts hold, as deep as a test looks. */
type Answer = any; // eslint-disable-line @typescript-eslint/no-explicit-any -- the query decides the shape

const BIN = fileURLToPath(new URL('../../bin/stemma.mjs', import.meta.url));

/** Far apart, so that no two services in one graph hand out the same log number. */
const FLOOR_STEP = 100_000;

export type Ran = { readonly exitCode: number; readonly stdout: string; readonly stderr: string };

export type Ingested = {
  readonly exitCode: number;
  /** Null where the command failed before it had one. */
  readonly report: IngestReport | null;
  readonly stderr: string;
};

export type IngestOptions = {
  /** Fails on what is tolerated otherwise. */
  readonly strict?: boolean;
  /** Further flags, such as `--event push`. */
  readonly flags?: readonly string[];
  /** Variables beside those of the process. The command then runs in a process of its own, as in a hook of git. */
  readonly env?: Readonly<Record<string, string>>;
};

export type Verdicts = {
  /** Keys of deployments, sorted. */
  readonly affected: readonly string[];
  readonly notAffected: readonly string[];
  readonly unknown: readonly string[];
  /** Key of a deployment → the reason of its verdict. */
  readonly reasons: Readonly<Record<string, string>>;
};

/** Keys by label, sorted; what was asked about is not among them. */
export type Reached = Readonly<Record<string, readonly string[]>>;

/** A service as a user has it: HTTP in front, the bus and the graph behind; what tests ask of it, in few words. */
export interface Field {
  readonly url: string;
  /** The whole answer, with its errors. */
  gql(query: string, variables?: Record<string, unknown>): Promise<Answer>;
  /** `data` of the answer; throws where there are errors. */
  ask(query: string, variables?: Record<string, unknown>): Promise<Answer>;
  /** Sends CloudEvents, waits until each is settled, and gives the receipts. */
  post(events: readonly object[]): Promise<Answer[]>;
  /** `stemma ingest --json --wait`; the first path may be `git`. */
  ingest(paths: readonly string[], options?: IngestOptions): Promise<Ingested>;
  /** Ingests documents and webhooks, in order, each as a file; throws unless all are accepted. */
  ingestAll(...documents: readonly object[]): Promise<void>;
  /** Global id of what `resolve` finds; null where it finds nothing. */
  idOf(ref: string): Promise<string | null>;
  /** The entity that a reference stands for, with the fields of `selection`. */
  resolve(ref: string, selection?: string): Promise<Answer>;
  lineage(
    ref: string,
    direction: 'UPSTREAM' | 'DOWNSTREAM',
    options?: Readonly<Record<string, unknown>>,
  ): Promise<Reached>;
  impact(ref: string, options?: Readonly<Record<string, unknown>>): Promise<Verdicts>;
  /** For each environment that is answered for, whether the commit runs there. */
  isDeployed(
    commit: string,
    options?: Readonly<Record<string, unknown>>,
  ): Promise<Readonly<Record<string, boolean>>>;
  /** Runs the program with STEMMA_URL set. */
  cli(args: readonly string[], env?: Readonly<Record<string, string>>): Promise<Ran>;
  /** Starts a graph writer, where it was held back. */
  release(): Promise<void>;
  stop(): Promise<void>;
}

/**
 * Starts a service on the servers of the integration project: a bus of its own in Redis, and the one graph that all tests share.
 * Other tests write there at the same time, so each uses names of its own and asks about those.
 *
 * @param isHeld whether events wait on the bus, since the graph writer has been stopped
 */
export async function startField(isHeld = false): Promise<Field> {
  const servers = sharedServers();
  const floor = FLOOR_STEP * randomInt(1, 10_000_000);
  const pipeline = await createPipeline(servers);
  const { redis, keys } = pipeline;
  await repairCounter(redis, keys, { group: GRAPH.name, floor, now: Date.now() });
  await redis.del(keys.gaps(GRAPH.name)); // nothing was lost
  const release = async (): Promise<void> => {
    await pipeline.startWriter({ greatestPosition: 0 });
  };
  await release();
  if (isHeld) await pipeline.stopWriters();
  const api = await pipeline.startApi({
    producer: createProducer({ redis, keys, now: Date.now, floor }),
  });
  const url = api.address;

  const gql: Field['gql'] = async (query, variables = {}) => {
    const response = await fetch(`${url}/graphql`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ query, variables }),
    });
    return response.json();
  };
  const ask: Field['ask'] = async (query, variables) => {
    const { data, errors } = await gql(query, variables);
    if (errors !== undefined) throw new Error(`${query}\n${JSON.stringify(errors)}`);
    return data;
  };
  const resolve: Field['resolve'] = async (ref, selection = 'id __typename key') =>
    (await ask(`query ($ref: String!) { resolve(ref: $ref) { ${selection} } }`, { ref })).resolve;
  const known = async (ref: string): Promise<string> => {
    const found = await resolve(ref);
    if (found === null) throw new Error(`nothing is known of ${ref}`);
    return found.id as string;
  };
  const cli: Field['cli'] = (args, env = {}) => runCli(args, { STEMMA_URL: url, ...env });

  const ingest: Field['ingest'] = async (paths, { strict = false, flags = [], env } = {}) => {
    const args = [...paths, '--json', '--wait', ...(strict ? ['--strict'] : []), ...flags];
    const { exitCode, stdout, stderr } =
      env === undefined ? await ingestHere(args, url) : await cli(['ingest', ...args], env);
    return { exitCode, report: stdout === '' ? null : JSON.parse(stdout), stderr };
  };
  const directory = mkdtempSync(join(tmpdir(), 'stemma-field-'));
  let files = 0;

  return {
    ...{ url, gql, ask, resolve, cli, ingest, release },
    async post(events) {
      const response = await fetch(`${url}/events?wait=applied&waitMs=30000`, {
        method: 'POST',
        headers: { 'content-type': 'application/cloudevents-batch+json' },
        body: JSON.stringify(events),
      });
      const { receipts } = (await response.json()) as { receipts?: Answer[] };
      if (receipts === undefined) throw new Error(`refused with status ${response.status}`);
      return receipts;
    },
    async ingestAll(...documents) {
      const paths = documents.map((document) => {
        files += 1;
        const path = join(directory, `${files}.json`);
        writeFileSync(path, JSON.stringify(document));
        return path;
      });
      const { exitCode, report, stderr } = await ingest(paths);
      if (exitCode !== 0 || report?.refused !== 0) {
        throw new Error(`not all was accepted: ${JSON.stringify(report)} ${stderr}`);
      }
    },
    idOf: async (ref) => (await resolve(ref))?.id ?? null,
    async lineage(ref, direction, options = {}) {
      const { lineage } = await ask(
        `query ($of: ID!) { lineage(of: $of, direction: ${direction}${argumentsOf(options)}) {
           nodes { node { __typename key } } truncated } }`,
        { of: await known(ref) },
      );
      if (lineage.truncated === true) throw new Error('the lineage is truncated');
      const nodes: { __typename: string; key: string }[] = lineage.nodes.map(
        ({ node }: Answer) => node,
      );
      return Object.fromEntries(
        [...Map.groupBy(nodes, ({ __typename }) => __typename)].map(([label, group]) => [
          label,
          group.map(({ key }) => key).sort(),
        ]),
      );
    },
    async impact(ref, options = {}) {
      const list = 'nodes { reason deployment { key } }';
      const { impact } = await ask(
        `query ($of: ID!) { impact(of: $of${argumentsOf(options)}) {
           affected(first: 500) { ${list} } notAffected(first: 500) { ${list} } unknown(first: 500) { ${list} } } }`,
        { of: await known(ref) },
      );
      const keysOf = ({ nodes }: Answer): string[] =>
        nodes.map(({ deployment }: Answer) => deployment.key).sort();
      const items: Answer[] = [impact.affected, impact.notAffected, impact.unknown].flatMap(
        ({ nodes }) => nodes,
      );
      return {
        affected: keysOf(impact.affected),
        notAffected: keysOf(impact.notAffected),
        unknown: keysOf(impact.unknown),
        reasons: Object.fromEntries(items.map((item) => [item.deployment.key, item.reason])),
      };
    },
    async isDeployed(commit, options = {}) {
      const { isDeployed } = await ask(
        `query ($commit: String!) { isDeployed(commit: $commit${argumentsOf(options)}) {
           environments { deployed environment { key } } } }`,
        { commit },
      );
      return Object.fromEntries(
        isDeployed.environments.map((item: Answer) => [item.environment.key, item.deployed]),
      );
    },
    async stop() {
      await pipeline.stop();
      rmSync(directory, { recursive: true, force: true });
    },
  };
}

/** Runs a program of Node and keeps what it says; never throws for an exit code. */
export function runNode(
  args: readonly string[],
  env: Readonly<Record<string, string>>,
): Promise<Ran> {
  return new Promise((resolve, reject) => {
    const options = {
      env: { ...process.env, NODE_OPTIONS: '', STEMMA_LOG_LEVEL: 'warn', ...env },
      maxBuffer: 64 * 1024 * 1024,
    };
    execFile(process.execPath, args, options, (error, stdout, stderr) => {
      if (error === null) resolve({ exitCode: 0, stdout, stderr });
      else if (typeof error.code === 'number') resolve({ exitCode: error.code, stdout, stderr });
      else reject(new Error(`could not run ${args.join(' ')}`, { cause: error }));
    });
  });
}

export const runCli = (
  args: readonly string[],
  env: Readonly<Record<string, string>>,
): Promise<Ran> => runNode([BIN, ...args], env);

/** The command in this process: as the program runs it, without half a second for each start. */
async function ingestHere(args: readonly string[], url: string): Promise<Ran> {
  const { io, written } = createTestIo({ STEMMA_URL: url });
  const program = new Command().exitOverride().configureOutput({ writeErr: () => undefined });
  addIngest(program, io);
  // the program adds it to every command (src/cli.ts)
  program.commands[0]?.option('--json');
  try {
    await program.parseAsync(['ingest', ...args], { from: 'user' });
  } catch (error) {
    const failure = toFailure(error);
    written.exit = failure.exitCode;
    written.err.push(failure.message);
  }
  const { out, err, exit } = written;
  return { exitCode: exit, stdout: out.join('\n'), stderr: err.join('\n') };
}

/** These arguments are of an enumeration, whose words GraphQL writes without quotes. */
const ENUMERATED = new Set(['edgeTypes', 'minTrust']);

/** Arguments of a field as GraphQL writes them, each after a comma. */
function argumentsOf(options: Readonly<Record<string, unknown>>): string {
  return Object.entries(options)
    .map(([name, value]) => {
      const written = literal(value);
      return `, ${name}: ${ENUMERATED.has(name) ? written.replaceAll('"', '') : written}`;
    })
    .join('');
}

function literal(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(literal).join(', ')}]`;
  if (typeof value === 'object' && value !== null) {
    const fields = Object.entries(value).map(([name, part]) => `${name}: ${literal(part)}`);
    return `{${fields.join(', ')}}`;
  }
  return JSON.stringify(value);
}
