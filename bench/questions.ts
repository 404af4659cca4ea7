import { connectRedis, whenConnected } from '../src/bus/redis.ts';
import { busKeys } from '../src/bus/keys.ts';
import { createProducer } from '../src/bus/log/producer.ts';
import { toId } from '../src/graphql/ids.ts';
import type { Envelope } from '../src/model/event.ts';
import { ask } from './ask.ts';
import { toPublish } from './events.ts';
import { startRole } from './role-process.ts';
import { machine, median, progress, round2, startBenchServers } from './servers.ts';

/** Releases; each brings 12 nodes: `npm run -s bench -- questions 83000` is a graph of a million. */
const RELEASES = 8_000;
const SERVICES = 100;
const PACKAGES = 5_000;
const PER_ARTIFACT = 10;
const ROUNDS = 20;
const BATCH = 500;
/** Events that may wait on the bus. */
const BACKLOG = 20_000;

const START = Date.parse('2026-01-01T00:00:00Z');
const STEP_MS = 60_000;
const SOURCE = 'https://ci.example/acme';

/** The events of release `at`: each service in turn is built from its next commit and deployed to both environments. */
function release(at: number, releases: number): Envelope[] {
  const service = at % SERVICES;
  const time = (offset: number) => new Date(START + at * STEP_MS + offset).toISOString();
  const event = (type: string, id: string, offset: number, data: object): Envelope => ({
    ...{ specversion: '1.0', source: SOURCE, type, id: `${id}-${at}`, time: time(offset), data },
  });
  const deployments = ['staging', 'production'].flatMap((environment, place) => [
    event('deployment.created', `d${place}`, 3 + place, {
      ...{ deployment: deploymentOf(at, environment), artifacts: [digestOf(at)] },
      ...{ environment, scope: 'acme', service: `service-${service}` },
    }),
    event('deployment.completed', `f${place}`, 5 + place, {
      deployment: deploymentOf(at, environment),
    }),
  ]);
  return [
    event('source.commit.created', 'c', 0, {
      ...{ commit: commitOf(at), repository: `https://git.example/acme/service-${service}` },
      ...{ parents: at < SERVICES ? [] : [commitOf(at - SERVICES)], message: `Change ${at}` },
    }),
    event('build.completed', 'b', 1, {
      ...{ build: `${SOURCE}/runs/${at}`, commit: commitOf(at), outcome: 'success' },
      builder: `https://runner.example/${at % 20}`,
      artifacts: [{ digest: digestOf(at), name: `service-${service}` }],
    }),
    event('artifact.created', 'a', 2, { digest: digestOf(at), contains: contentsOf(at) }),
    ...deployments,
    ...(at === releases - 1 ? [advisory('EVERYWHERE', 0, at), advisory('RARE', 17, at)] : []),
  ];

  function advisory(name: string, packageAt: number, n: number): Envelope {
    return event('vulnerability.detected', name, 9, {
      ...{ vulnerability: name, affects: [packageOf(packageAt)], severity: 'critical' },
      summary: `found at ${n}`,
    });
  }
}

/** One package is in everything; the others are in one artifact of five hundred. */
function contentsOf(at: number): string[] {
  return Array.from({ length: PER_ARTIFACT }, (_, i) =>
    packageOf(
      i === 0
        ? 0
        : 1 + ((Math.floor(at / SERVICES) * 7 + (at % SERVICES) * 49 + i) % (PACKAGES - 1)),
    ),
  );
}

function packageOf(at: number): string {
  return `pkg:npm/library-${at}@1.0.0`;
}

function digestOf(at: number): string {
  return `sha256:${at.toString(16).padStart(64, '0')}`;
}

function commitOf(at: number): string {
  return at.toString(16).padStart(40, '0');
}

function deploymentOf(at: number, environment: string): string {
  return `https://deploy.example/${environment}/${at}`;
}

type Question = {
  readonly name: string;
  readonly query: string;
  readonly variables: (round: number) => Readonly<Record<string, unknown>>;
};

/** What an analyst asks; `round` picks what of. */
function questions(releases: number): Question[] {
  const pick = (round: number) => Math.floor(((round + 1) * releases) / (ROUNDS + 3));
  const artifact = (at: number) => toId({ label: 'Artifact', key: digestOf(at) });
  const deployment = (at: number) =>
    toId({ label: 'Deployment', key: deploymentOf(at, 'production') });
  const last = (round: number) => releases - SERVICES + (round % SERVICES);
  const impact = (what: string, environments: string) =>
    `query ($of: ID!) { impact(of: $of${environments}) { affectedCount notAffectedCount unknownCount truncated
      affected(first: 20) { nodes { deployment { key }  path { nodes { key } } } } } }`.replace(
      'impact(',
      `${what}: impact(`,
    );
  const production = ', environments: ["acme/production"]';
  const advisory = (name: string) => () => ({ of: toId({ label: 'Vulnerability', key: name }) });
  return [
    {
      name: 'impact of a rare advisory',
      query: impact('rare', production),
      variables: advisory('RARE'),
    },
    {
      name: 'impact of an advisory on everything',
      query: impact('all', production),
      variables: advisory('EVERYWHERE'),
    },
    {
      name: 'impact of an advisory on everything, in every environment',
      query: impact('all', ''),
      variables: advisory('EVERYWHERE'),
    },
    {
      name: 'impact of a commit',
      query: impact('commit', production),
      variables: (round) => ({ of: toId({ label: 'Commit', key: commitOf(pick(round)) }) }),
    },
    {
      name: 'impact of a builder',
      query: impact('builder', production),
      variables: (round) => ({
        of: toId({ label: 'Builder', key: `https://runner.example/${round % 20}` }),
      }),
    },
    {
      name: 'isDeployed',
      query:
        'query ($commit: String!) { isDeployed(commit: $commit) { environments { environment { name } deployed count } } }',
      variables: (round) => ({ commit: commitOf(pick(round)) }),
    },
    {
      name: 'contains',
      query:
        'query ($of: ID!) { contains(deployment: $of) { packageCount packages(first: 20) { nodes { key } } vulnerabilities(first: 20) { nodes { vulnerability { key } } } } }',
      variables: (round) => ({ of: deployment(last(round)) }),
    },
    {
      name: 'diff of two releases',
      query:
        'query ($from: ID!, $to: ID!) { diff(from: $from, to: $to) { totals { kind added removed changed } changes(first: 20) { nodes { kind } } } }',
      variables: (round) => ({
        from: artifact(last(round) - SERVICES),
        to: artifact(last(round)),
      }),
    },
    {
      name: 'gaps of an artifact',
      query: 'query ($of: ID!) { gaps(of: $of) { total gaps(first: 20) { nodes { kind } } } }',
      variables: (round) => ({ of: artifact(last(round)) }),
    },
    {
      name: 'gaps of an environment',
      query:
        '{ gaps(environment: "acme/production") { total gaps(first: 20) { nodes { kind } } } }',
      variables: () => ({}),
    },
    {
      name: 'compromise of a builder for an hour',
      query: `query ($of: ID!, $from: DateTime!, $to: DateTime!) { compromise(of: $of, between: { from: $from, to: $to }, environments: ["acme/production"]) {
        taintedCount tainted(first: 20) { nodes { deployment { key } cleanRebuild } } } }`,
      variables: (round) => ({
        of: toId({ label: 'Builder', key: `https://runner.example/${round % 20}` }),
        from: new Date(START + last(round) * STEP_MS - 3_600_000).toISOString(),
        to: new Date(START + (last(round) + 1) * STEP_MS).toISOString(),
      }),
    },
    {
      name: 'paths from a deployment to its commit',
      query:
        'query ($from: ID!, $to: ID!) { paths(from: $from, to: $to) { paths { length nodes { key } edges { type } } } }',
      variables: (round) => ({
        from: deployment(pick(round)),
        to: toId({ label: 'Commit', key: commitOf(pick(round)) }),
      }),
    },
    {
      name: 'timeline of an artifact',
      query: 'query ($of: ID!) { timeline(of: $of, first: 20) { nodes { type eventId } } }',
      variables: (round) => ({ of: artifact(pick(round)) }),
    },
    {
      name: 'search for a word',
      query: 'query ($text: String!) { search(text: $text) { edges { match node { key } } } }',
      variables: (round) => ({ text: `library-${round * 17}` }),
    },
    {
      name: 'search for the beginning of a digest',
      query: 'query ($text: String!) { search(text: $text) { edges { match node { key } } } }',
      variables: (round) => ({ text: digestOf(pick(round)).slice(0, 69) }),
    },
    {
      name: 'statistics of a month',
      query: `{ statistics(since: "2026-01-01T00:00:00Z", until: "2026-02-01T00:00:00Z", environment: "acme/production") {
        events { day type count } deployments { succeeded failed } } }`,
      variables: () => ({}),
    },
    {
      name: 'live deployments of an environment',
      query:
        '{ deployments(live: true, environment: "acme/production", first: 50) { nodes { key } } }',
      variables: () => ({}),
    },
    {
      name: 'unresolved',
      query: '{ unresolved(first: 20) { nodes { label key } } }',
      variables: () => ({}),
    },
  ];
}

/** The analyst's questions among many releases, as GraphQL over HTTP, the API in a process of its own. */
export async function run(argv: readonly string[]): Promise<object> {
  const releases = Number(argv[0] ?? RELEASES);
  const servers = await startBenchServers();
  try {
    await load(servers, releases);
    const api = await startRole('api', servers);
    const rows: object[] = [];
    for (const { name, query, variables } of questions(releases)) {
      const times: number[] = [];
      for (let round = -2; round < ROUNDS; round += 1) {
        const body = JSON.stringify({ query, variables: variables(Math.max(round, 0)) });
        const start = performance.now();
        const answer = await ask(`${api.address}/graphql`, body);
        if (round >= 0) times.push(performance.now() - start);
        else if (answer.includes('"errors"')) throw new Error(`${name}: ${answer.slice(0, 1_000)}`);
        else if (round === -1) progress(`${name}: ${answer.slice(0, 160)}`);
      }
      times.sort((a, b) => a - b);
      const row = {
        question: name,
        p50Ms: round2(median(times)),
        p95Ms: round2(times[Math.floor(0.95 * times.length)] ?? 0),
      };
      rows.push(row);
      progress(JSON.stringify(row));
    }
    const peakMemoryMb = api.peakMemoryMb();
    await api.stop();
    return {
      ...{ bench: 'questions', unit: 'ms', releases, nodes: releases * 12, rows, peakMemoryMb },
      ...{ machine: machine(), versions: servers.versions },
    };
  } finally {
    await servers.stop();
  }
}

async function load(
  servers: Awaited<ReturnType<typeof startBenchServers>>,
  releases: number,
): Promise<void> {
  const keys = busKeys();
  const redis = connectRedis({ url: servers.redisUrl, name: 'bench' });
  const subscriber = connectRedis({ url: servers.redisUrl, name: 'bench-sub' });
  try {
    await Promise.all([whenConnected(redis), whenConnected(subscriber)]);
    const writer = await startRole('graph', servers);
    const producer = createProducer({ redis, keys, now: Date.now });
    let sent = 0;
    let applied = 0;
    let more = (): void => undefined;
    subscriber.on('message', (_channel: string, text: string) => {
      applied += (JSON.parse(text) as { n: number[] }).n.length;
      more();
    });
    await subscriber.subscribe(keys.reports('graph'));
    const until = async (isEnough: () => boolean): Promise<void> => {
      while (!isEnough()) await new Promise<void>((resolve) => (more = resolve));
    };
    let batch: Envelope[] = [];
    const send = async (): Promise<void> => {
      await producer.publish(toPublish(batch));
      sent += batch.length;
      batch = [];
    };
    for (let at = 0; at < releases; at += 1) {
      batch.push(...release(at, releases));
      if (batch.length < BATCH) continue;
      await send();
      await until(() => sent - applied < BACKLOG);
      if (at % 1_000 < BATCH / 7) progress(`${at} of ${releases} releases`);
    }
    await send();
    await until(() => applied >= sent);
    progress(`${applied} events applied`);
    await writer.stop();
  } finally {
    redis.disconnect();
    subscriber.disconnect();
  }
}
