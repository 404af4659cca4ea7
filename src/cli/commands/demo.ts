import { existsSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Command } from 'commander';
import { readSettings, type Settings } from '../../environment.ts';
import { computeDigests, type Digests } from '../../graph/digest.ts';
import { ingest } from '../../ingest/run.ts';
import { createSender } from '../../ingest/sender.ts';
import { EDGE_TYPES } from '../../model/edge.ts';
import { NODE_LABELS } from '../../model/node.ts';
import { secretsOf } from '../../settings.ts';
import { createLog } from '../../telemetry.ts';
import { createClient, type Client } from '../client.ts';
import { askQuestions, showAnswer, type Answer } from '../demo-questions.ts';
import { usage } from '../exit.ts';
import type { CliIo } from '../io.ts';
import { checkPort } from '../port.ts';
import { readRunning } from '../../servers/running.ts';
import { startAll, whenStopped, type RunningService } from './serve.ts';

const DATA = fileURLToPath(new URL('../../../demo/data/', import.meta.url));
/** In the order in which a CI system would have told them; any other order gives the same graph. */
const FILES = [
  'slsa-framework_slsa-verifier.commits.jsonl',
  'slsa-framework_slsa-verifier.tags.jsonl',
  'slsa-verifier-v2.0.1.intoto.jsonl',
  'cinder-csi-operator-arm64.cdx.json',
  'events.json',
];

type DemoOptions = {
  readonly once?: boolean;
  readonly query?: boolean;
  readonly reset?: boolean;
  readonly json?: boolean;
};

/** A file in the data of a home that says that they are the demo's: nothing else is mixed with it, or removed. */
const MARK = 'demo';

/** What `npm run -s demo -- --once --json` prints. */
type DemoResult = {
  readonly events: number;
  readonly applied: number;
  readonly deadLettered: number;
  readonly nodes: Readonly<Record<string, number>>;
  readonly edges: Readonly<Record<string, number>>;
  /** The content digest. */
  readonly stateDigest: string;
  readonly questions: readonly Answer[];
};

export function addDemo(program: Command, io: CliIo): void {
  program
    .command('demo')
    .description("ingest the project's demo documents and ask three questions an analyst would ask")
    .option('--once', 'in data of its own, and stop afterwards instead of keeping the service up')
    .option('--query', 'show the GraphQL of each question')
    .option('--reset', 'begin anew: remove the data of an earlier demo')
    .option('--json', 'print one JSON object (with --once)')
    .addHelpText(
      'after',
      `
Its data stay: npm start goes on with them.

Examples:
  npm run demo
  npm run demo -- --reset
  npm run -s demo -- --once --json`,
    )
    .action(async (options: DemoOptions) => {
      await demo(options, io);
    });
}

async function demo(options: DemoOptions, io: CliIo): Promise<void> {
  const once = options.once === true;
  const json = options.json === true;
  const settings = readSettings({
    STEMMA_LOG_LEVEL: 'warn',
    ...process.env,
    ...(once ? { STEMMA_PORT: '0' } : {}),
  });
  const home = once ? join(settings.home, 'demo') : settings.home;
  await checkPort(settings.STEMMA_HOST, settings.STEMMA_PORT);
  prepareData(settings, home, once || options.reset === true, once);
  const stopped = whenStopped();
  const tell = (text: string): void => {
    if (!json) io.out(text);
    else io.err(text);
  };
  tell('Starting Redis, Neo4j and Stemma …');
  const running = await startDemo(settings, home);
  try {
    const url = running.service.address ?? '';
    const client = createClient({ url });
    const result = await runDemo(client, running, tell);
    if (json) io.out(JSON.stringify(result));
    else {
      for (const answer of result.questions) {
        io.out(showAnswer(answer, options.query === true));
      }
    }
    tell(`\n${result.applied} events applied. State digest ${result.stateDigest.slice(0, 16)}…`);
    if (!once) {
      io.out(goOn(url));
      await stopped;
    }
  } finally {
    await running.stop();
  }
}

/**
 * Makes a place for the data of the demo, unless somebody named the servers.
 *
 * @param isIts whether the home is the demo's alone
 * @throws CliError USAGE where the data of the home are not the demo's, or in use
 */
function prepareData(settings: Settings, home: string, reset: boolean, isIts: boolean): void {
  if (settings.NEO4J_URI !== undefined || settings.REDIS_URL !== undefined) return;
  if (readRunning(home) !== null) {
    throw usage(`A service runs with ${home} already: ask it (npx stemma ps), or stop it first.`);
  }
  const data = join(home, 'data');
  const mark = join(data, MARK);
  if (!isIts && existsSync(data) && !existsSync(mark)) {
    throw usage(
      `${data} holds another graph, which the demo would be mixed with: set STEMMA_HOME to another directory, or give --once.`,
    );
  }
  if (reset) rmSync(data, { recursive: true, force: true });
  mkdirSync(data, { recursive: true, mode: 0o700 });
  writeFileSync(mark, '');
}

/** What one can do next. */
function goOn(url: string): string {
  return `
Go on, in another terminal:
  npx stemma ps                                            what runs, and who built that of what
  npx stemma impact GO-2024-2687                           what of it has the vulnerability
  npx stemma lineage a438882 --down                        where a commit went
  ${url.padEnd(55)}  in a browser; ${url}/graphql for GraphQL
Ctrl-C stops it; npm start goes on with these data, npm run demo -- --reset begins anew.`;
}

async function startDemo(settings: Settings, home: string): Promise<RunningService> {
  return startAll({
    settings,
    home,
    purpose: 'demo',
    log: createLog(settings.STEMMA_LOG_LEVEL, { secrets: secretsOf(process.env) }),
  });
}

async function runDemo(
  client: Client,
  running: RunningService,
  tell: (text: string) => void,
): Promise<DemoResult> {
  tell('Ingesting a git history, SLSA provenance, an SBOM, an advisory and deployments …');
  let applied = 0;
  let deadLettered = 0;
  const report = await ingest({
    paths: FILES.map((name) => join(DATA, name)),
    git: false,
    stdin: process.stdin,
    recognise: {
      repository: null,
      githubEvent: null,
      source: 'urn:stemma:ingest',
      maxDocumentBytes: 32 * 1024 * 1024,
    },
    sender: createSender({
      sink: async (events, wait) => {
        const receipts = await client.postEvents(events, wait);
        for (const { status } of receipts) {
          if (status === 'APPLIED' || status === 'DUPLICATE') applied += 1;
          if (status === 'DEAD_LETTERED') deadLettered += 1;
        }
        return receipts;
      },
      wait: true,
      concurrency: 2,
    }),
    signal: new AbortController().signal,
    onFile: ({ file, format, events }) => {
      tell(`  ${file.slice(DATA.length)}: ${format ?? 'unknown'}, ${events} events`);
    },
  });
  const { graph, statements } = running.service;
  const { content } = await computeDigests(graph, statements, ['content']);
  return {
    events: report.events,
    applied,
    deadLettered,
    nodes: countsOf(content, NODE_LABELS),
    edges: countsOf(content, EDGE_TYPES),
    stateDigest: content.digest,
    questions: await askQuestions(client),
  };
}

function countsOf({ parts }: Digests, names: readonly string[]): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const name of names) {
    const part = parts[name];
    if (part !== undefined) counts[name] = part.count;
  }
  return counts;
}
