import { Command, CommanderError } from 'commander';
import { EXIT, toFailure, type Failure } from './cli/exit.ts';
import { wholeNumber } from './cli/flags.ts';
import { createIo, type CliIo } from './cli/io.ts';
import { safe } from './cli/text.ts';
import { pinCaselessHosts } from './model/hosts.ts';
import { entryOf } from './model/table.ts';
import { VERSION } from './version.ts';

type AddCommand = (program: Command, io: CliIo) => void;
type Entry = { readonly summary: string; readonly load: () => Promise<AddCommand> };

/** Titles in the help, each with the first command below it. */
const TITLES: Readonly<Record<string, string>> = {
  serve: 'Run it:',
  ingest: 'Tell it what happened:',
  ps: 'Ask every day:',
  lineage: 'Ask where from and where to:',
  timeline: 'Look around:',
  'dead-letters': 'Operate:',
};

/**
 * The commands, in the order of the help. Only the one that is called is loaded, so that help is instant; each adds itself to the
 * program with its options and examples.
 */
const COMMANDS: Readonly<Record<string, Entry>> = {
  serve: {
    summary: 'start the service and keep it running',
    load: async () => (await import('./cli/commands/serve.ts')).addServe,
  },
  demo: {
    summary: 'ingest real documents and ask three questions about them',
    load: async () => (await import('./cli/commands/demo.ts')).addDemo,
  },
  doctor: {
    summary: 'check what Stemma needs, and say how to get what is missing',
    load: async () => (await import('./cli/commands/doctor-command.ts')).addDoctor,
  },
  ingest: {
    summary: 'read documents, events and git repositories and send what they hold',
    load: async () => (await import('./cli/commands/ingest.ts')).addIngest,
  },
  'watch-advisories': {
    summary: 'follow a directory of advisories and send what is new or changed',
    load: async () => (await import('./cli/commands/watch-advisories.ts')).addWatchAdvisories,
  },
  explain: {
    summary: 'show what a document says, and what of it is not read',
    load: async () => (await import('./cli/commands/explain.ts')).addExplain,
  },
  record: {
    summary: 'report a commit, build, artifact or deployment',
    load: async () => (await import('./cli/commands/record.ts')).addRecord,
  },
  publish: {
    summary: 'send CloudEvents as they are',
    load: async () => (await import('./cli/commands/publish.ts')).addPublish,
  },
  ps: {
    summary: 'show what runs, since when, and who built that of what',
    load: async () => (await import('./cli/commands/ps.ts')).addPs,
  },
  log: {
    summary: 'list the deployments of a service with the commits between them',
    load: async () => (await import('./cli/commands/log.ts')).addLog,
  },
  diff: {
    summary: 'show what changed between two things, or in an environment over a time',
    load: async () => (await import('./cli/commands/diff.ts')).addDiff,
  },
  impact: {
    summary: 'show which deployments an advisory, package or commit reaches',
    load: async () => (await import('./cli/commands/impact.ts')).addImpact,
  },
  vulnerabilities: {
    summary: 'show what is wrong with what is live in an environment or of a service',
    load: async () => (await import('./cli/commands/vulnerabilities.ts')).addVulnerabilities,
  },
  why: {
    summary: 'show through what a package comes into a deployment',
    load: async () => (await import('./cli/commands/why.ts')).addWhy,
  },
  blame: {
    summary: 'show which deployment, build and commit brought a package',
    load: async () => (await import('./cli/commands/blame.ts')).addBlame,
  },
  open: {
    summary: 'open the page of a thing in the browser',
    load: async () => (await import('./cli/commands/open.ts')).addOpen,
  },
  lineage: {
    summary: 'show where a thing came from, or where it went',
    load: async () => (await import('./cli/commands/lineage.ts')).addLineage,
  },
  get: {
    summary: 'show one thing and what is around it',
    load: async () => (await import('./cli/commands/get.ts')).addGet,
  },
  path: {
    summary: 'show the shortest ways from one thing to another',
    load: async () => (await import('./cli/commands/path.ts')).addPath,
  },
  gaps: {
    summary: 'show where the chain back to the source is broken',
    load: async () => (await import('./cli/commands/gaps.ts')).addGaps,
  },
  compromise: {
    summary: 'show what follows if a builder, signer or commit was bad',
    load: async () => (await import('./cli/commands/compromise.ts')).addCompromise,
  },
  timeline: {
    summary: 'list the events about a thing and what is around it',
    load: async () => (await import('./cli/commands/timeline.ts')).addTimeline,
  },
  events: {
    summary: 'list the log, or follow it',
    load: async () => (await import('./cli/commands/events.ts')).addEvents,
  },
  search: {
    summary: 'find things by their id or the words of their name',
    load: async () => (await import('./cli/commands/search.ts')).addSearch,
  },
  graphql: {
    summary: 'send a query or mutation and print the answer as JSON',
    load: async () => (await import('./cli/commands/graphql.ts')).addGraphql,
  },
  stats: {
    summary: 'show figures over a span of time',
    load: async () => (await import('./cli/commands/stats.ts')).addStats,
  },
  unresolved: {
    summary: 'list what is referred to and was never stated',
    load: async () => (await import('./cli/commands/unresolved.ts')).addUnresolved,
  },
  export: {
    summary: 'write a lineage, paths or a difference for other programs',
    load: async () => (await import('./cli/commands/export.ts')).addExport,
  },
  'dead-letters': {
    summary: 'look at events that could not be applied, replay or discard them',
    load: async () => (await import('./cli/commands/dead-letters.ts')).addDeadLetters,
  },
  status: {
    summary: 'show how the service and its consumers are',
    load: async () => (await import('./cli/commands/status.ts')).addStatus,
  },
  type: {
    summary: 'register event types of your own, look at them, deprecate them',
    load: async () => (await import('./cli/commands/type.ts')).addType,
  },
  gate: {
    summary: 'look at gates, and at what they know of an artifact, a commit, …',
    load: async () => (await import('./cli/commands/gate.ts')).addGate,
  },
  watch: {
    summary: 'look at watches, and try them on past events',
    load: async () => (await import('./cli/commands/watch.ts')).addWatch,
  },
  apply: {
    summary: 'declare event types, gates and watches, as files have them',
    load: async () => (await import('./cli/commands/apply.ts')).addApply,
  },
  bus: {
    summary: 'look at the event bus, take note of what it lost, remove a consumer',
    load: async () => (await import('./cli/commands/bus.ts')).addBus,
  },
  cypher: {
    summary: 'show the statements that the graph database gets, and their plans',
    load: async () => (await import('./cli/commands/cypher.ts')).addCypher,
  },
  digest: {
    summary: 'print the fingerprints of the graph',
    load: async () => (await import('./cli/commands/digest.ts')).addDigest,
  },
  replay: {
    summary: 'apply a part of the log again',
    load: async () => (await import('./cli/commands/replay.ts')).addReplay,
  },
  rebuild: {
    summary: 'compute the graph anew in an empty database',
    load: async () => (await import('./cli/commands/rebuild.ts')).addRebuild,
  },
  'verify-graph': {
    summary: 'compare the graph with its log and name what differs',
    load: async () => (await import('./cli/commands/verify-graph.ts')).addVerifyGraph,
  },
  completion: {
    summary: 'print what completes commands and flags in bash, zsh or fish',
    load: async () => {
      const { addCompletion } = await import('./cli/commands/completion.ts');
      return (program, io) => {
        addCompletion(program, io, assembleAll);
      };
    },
  },
};

const EXAMPLES = `
Examples:
  stemma ingest git .                       the history of this repository
  stemma ingest attestation.intoto.jsonl    what a build says of itself
  stemma lineage sha256:9f86d0… --up        where this artifact came from
  stemma events --follow                    what comes in

Exit codes: 0 done, 1 failed or partly refused, 2 wrong usage, 3 verification failed, 4 not found, 5 not allowed,
6 service not available, 130 interrupted. STEMMA_URL, or STEMMA_PORT on this machine, points to a service; without them the local
one is asked.`;

/** Runs the command line of this process. */
export async function main(argv: readonly string[] = process.argv.slice(2)): Promise<void> {
  const end = argv.indexOf('--');
  const flags = end === -1 ? argv : argv.slice(0, end);
  const io = createIo(flags.includes('--no-color'));
  pinCaselessHosts((io.env['STEMMA_CASELESS_HOSTS'] ?? '').split(','));
  await warnOfUnknownSettings(io);
  try {
    const called = flags.find((flag) => Object.hasOwn(COMMANDS, flag));
    const program = await assemble((name) => name === called, io);
    await program.parseAsync(argv, { from: 'user' });
  } catch (error) {
    const failure = failureOf(error);
    if (failure === null) return;
    process.exitCode = failure.exitCode;
    report(failure, flags.includes('--json'), io);
  }
}

/** Loads the settings only where there may be something to say: help is instant. */
async function warnOfUnknownSettings(io: CliIo): Promise<void> {
  if (!Object.keys(io.env).some((name) => name.startsWith('STEMMA_'))) return;
  const { unknownSettings } = await import('./settings.ts');
  for (const { name, meant } of unknownSettings(io.env)) {
    io.err(`stemma: ${name} is not a setting and has no effect; the nearest is ${meant}.`);
  }
}

/** The program with every command as it is called. */
export async function assembleAll(io: CliIo): Promise<Command> {
  return assemble(() => true, io);
}

async function assemble(
  isCalled: (name: string) => boolean,
  io: CliIo & { timeoutMs?: number },
): Promise<Command> {
  const program = new Command('stemma')
    .description('Where software came from, where it went, and whether to believe it.')
    .version(VERSION, '-V, --version')
    .helpCommand('help [command]', 'show the help of a command')
    .showSuggestionAfterError(true)
    .exitOverride()
    .configureOutput({ outputError: () => undefined }) // said once, by report()
    .addHelpText('after', EXAMPLES);
  for (const [name, { summary, load }] of Object.entries(COMMANDS)) {
    const title = entryOf(TITLES, name);
    if (title !== undefined) program.commandsGroup(title);
    if (isCalled(name)) (await load())(program, io);
    else program.command(name).description(summary);
  }
  addCommonOptions(program);
  program.hook('preAction', (_, action) => {
    const { timeout } = action.opts<{ timeout?: number }>();
    if (timeout !== undefined) io.timeoutMs = timeout * 1_000;
  });
  return program;
}

/** Commands that do not ask the service. */
const LOCAL: ReadonlySet<string> = new Set([
  ...['serve', 'demo', 'doctor'],
  'completion',
  ...['bus', 'cypher', 'digest', 'replay', 'rebuild', 'verify-graph'],
]);

/** `--json` and `--no-color` are there for every command, `--timeout` for every one that asks the service. */
function addCommonOptions(command: Command, asks = false): void {
  for (const child of command.commands) {
    if (child.name() === 'help') continue;
    if (child.commands.length === 0 && !child.options.some(({ long }) => long === '--json')) {
      child.option('--json', 'print one JSON document');
    }
    const asksHere = command.parent === null ? !LOCAL.has(child.name()) : asks;
    if (child.commands.length === 0 && asksHere) {
      child.option(
        '--timeout <seconds>',
        'wait at most this long for each answer of the service; left out: 30, to events 60',
        wholeNumber(1, 86_400),
      );
    }
    addCommonOptions(child, asksHere);
  }
  if (command.commands.length === 0 || command.parent === null) {
    command.option('--no-color', 'print without colours');
  }
}

/** Null where there is nothing to report: help and version end a parse as well. */
function failureOf(error: unknown): Failure | null {
  if (!(error instanceof CommanderError)) return toFailure(error);
  if (error.exitCode === 0) return null;
  const message = error.message.replace(/^error: /, '').replace(/\n+/g, ' ');
  const isHelp = error.code === 'commander.help' || message === '(outputHelp)';
  return {
    code: 'USAGE',
    message: isHelp ? 'Say what to do: give a command.' : sentence(message),
    exitCode: EXIT.usage,
    details: {},
  };
}

function sentence(text: string): string {
  const ended = /[.?!)]$/.test(text) ? text : `${text}.`;
  return ended.charAt(0).toUpperCase() + ended.slice(1);
}

function report({ code, message, details }: Failure, isJson: boolean, io: CliIo): void {
  if (isJson) {
    const { candidates } = details;
    const error = { code, message, ...(candidates === undefined ? {} : { candidates }) };
    io.err(JSON.stringify({ error }));
  } else io.err(`stemma: ${safe(message)}`);
}

if (import.meta.main) await main();
