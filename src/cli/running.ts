import type { Command } from 'commander';
import type { Client } from './client.ts';
import { CliError, EXIT, usage } from './exit.ts';
import { resolveRef, THING, thingText, type Thing, type ThingText } from './commands/get.ts';
import type { CliIo } from './io.ts';
import { PAGE_INFO, type Connection } from './questions.ts';
import { brief, safe } from './text.ts';

/** What the commands about deployments have in common. */

export type Running = {
  readonly id: string;
  readonly key: string;
  readonly name: string | null;
  readonly state: string | null;
  readonly instance: string | null;
  readonly isLive: boolean | null;
  readonly verification: string | null;
  readonly createdAt: string | null;
  readonly completedAt: string | null;
  readonly liveSince: string | null;
  readonly learntAt: string | null;
  readonly environment: Place | null;
  readonly service: Place | null;
  readonly origin: {
    readonly versions: readonly string[];
    readonly runs: Connection<Thing>;
    readonly builds: Connection<Thing>;
    readonly commits: Connection<Thing>;
    readonly builders: Connection<Thing>;
  };
};
type Place = { readonly key: string; readonly name: string | null };

const list = (name: string): string => `${name}(first: 5) { nodes { ${THING} } ${PAGE_INFO} }`;

/** Asks for a moment: the variable `$asOf`. */
export const RUNNING = `id key name state instance isLive(asOf: $asOf) verification createdAt completedAt learntAt liveSince(asOf: $asOf)
  environment { key name } service { key name }
  origin(asOf: $asOf) { versions ${['runs', 'builds', 'commits', 'builders'].map(list).join(' ')} }`;

const LIVE = `query Live($environment: String, $service: String, $asOf: AsOf, $first: Int!, $after: String) {
  deployments(live: true, environment: $environment, service: $service, asOf: $asOf, first: $first, after: $after) {
    nodes { ${RUNNING} } ${PAGE_INFO}
  }
}`;

/** The cost of a query counts its lists: so many deployments go into one. */
export const RUNNING_PAGE = 100;

export type LiveQuestion = {
  readonly environment: string | null;
  readonly service?: string | null;
  readonly asOf: object | null;
};

export async function readLive(
  client: Client,
  question: LiveQuestion,
  first: number,
  after: string | null,
): Promise<Connection<Running>> {
  const variables = { ...question, first, after };
  const answer = await client.graphql<{ deployments: Connection<Running> }>(LIVE, variables);
  return answer.deployments;
}

export type WithinFlags = { readonly environment?: string };

/** Where a service runs in several environments, one of them is meant. */
export function addWithin(command: Command): Command {
  return command.option('--environment <name>', 'of a service: what is live of it there');
}

/**
 * The deployment that a reference names: itself, or what is live of a service or in an environment, where that is one.
 *
 * @param environment of a service, the one that is meant
 * @throws CliError NOT_FOUND, AMBIGUOUS, after the candidates were listed
 */
export async function deploymentOf(
  client: Client,
  io: CliIo,
  ref: string,
  environment: string | null = null,
): Promise<Thing> {
  const thing = await resolveRef(client, io, ref);
  if (environment !== null && thing.label !== 'Service') {
    throw usage(`--environment is for a service, and '${brief(ref, 120)}' is a ${thing.label}.`);
  }
  if (thing.label !== 'Service' && thing.label !== 'Environment') return thing;
  const place =
    thing.label === 'Service' ? { environment, service: thing.key } : { environment: thing.key };
  const { nodes } = await readLive(client, { ...place, asOf: null }, 10, null);
  const [first, second] = nodes;
  const where = environment === null ? '' : ` in '${brief(environment, 120)}'`;
  const what = `${thing.label.toLowerCase()} '${brief(thing.key, 120)}'${where}`;
  if (first === undefined) {
    throw new CliError('NOT_FOUND', `Nothing of the ${what} is live: give a deployment.`, {
      exitCode: EXIT.notFound,
    });
  }
  if (second !== undefined) {
    for (const { key } of nodes) io.err(`  Deployment ${safe(key)}`);
    throw new CliError(
      'AMBIGUOUS',
      `Several deployments of the ${what} are live: give one${thing.label === 'Service' && environment === null ? ', or --environment' : ''}.`,
      {
        exitCode: EXIT.usage,
      },
    );
  }
  return { ...first, label: 'Deployment', resolved: true };
}

/** Whether a deployment ever had the chance to run: one that failed before it completed did not. */
export function hasRun({ state, completedAt }: Running): boolean {
  return state !== 'FAILED' || completedAt !== null;
}

/** Deployments of one slot follow one another. */
export function slotOf({ environment, service, instance }: Running): string {
  return JSON.stringify([environment?.key, service?.key, instance]);
}

/** `shop`, or `shop #2` for an instance of it. */
export function serviceText({ service, instance }: Running): string {
  const name = service?.name ?? service?.key ?? '-';
  return instance === null ? name : `${name} #${instance}`;
}

export function placeText({ environment }: Running): string {
  return environment?.key.replace(/^-\//, '') ?? '-';
}

/** A list in one cell: the first, and how many more. */
export function cellOf(
  { nodes, pageInfo }: Connection<Thing>,
  text: (thing: Thing) => string,
): string {
  const [first, ...rest] = nodes;
  if (first === undefined) return '-';
  const more = pageInfo.hasNextPage
    ? ` +${rest.length} or more`
    : rest.length > 0
      ? ` +${rest.length}`
      : '';
  return `${text(first)}${more}`;
}

export function versionText({ origin }: Running): string {
  return origin.versions.length === 0 ? '-' : origin.versions.join(', ');
}

export type Width = { readonly wide?: boolean };

/** With `--wide` no line is cut. */
export function widened(io: CliIo, { wide = false }: Width): CliIo {
  return wide ? { ...io, columns: Infinity } : io;
}

/** Keys as a terminal shows them: 12 characters of a digest or commit id are enough to ask on with; elsewhere all of it. */
export function keyText(io: CliIo, { wide = false }: Width): (thing: Pick<Thing, 'key'>) => string {
  return ({ key }) => (io.isTerminal && !wide ? shortKey(key) : key);
}

/** A thing on one line, with its key as `keyText` shows it. */
export function thingsText(io: CliIo, width: Width = {}): ThingText {
  const key = keyText(io, width);
  return (thing) => thingText({ ...thing, key: key(thing) });
}

/** 12 characters of a digest or commit id. */
export function shortKey(key: string): string {
  return key.replace(/^((?:[a-z0-9+._-]+:)?[0-9a-f]{12})[0-9a-f]{20,}$/, '$1');
}

/** A time as a terminal shows it: UTC, to the minute; elsewhere with milliseconds. */
export function timeText(io: CliIo, time: string | null): string {
  if (time === null) return '-';
  return io.isTerminal ? `${time.slice(0, 16).replace('T', ' ')}Z` : time;
}

export function addWide<T extends { option(flags: string, description: string): T }>(
  command: T,
): T {
  return command.option('--wide', 'whole digests, commit ids and deployments on a terminal');
}

/** A deployment's state, with the colour of how well that is. */
export function stateText({ state, isLive, verification }: Running): string {
  const words = [
    state?.toLowerCase().replaceAll('_', ' ') ?? 'only referred to',
    ...(verification === null ? [] : [`verification ${verification.toLowerCase()}`]),
  ];
  return isLive === true ? `live, ${words.join(', ')}` : words.join(', ');
}
