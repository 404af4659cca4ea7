import type { Command } from 'commander';
import type { Client } from './client.ts';
import { positionOrTime, time } from './flags.ts';
import { resolveRef, THING, thingText, type Thing, type ThingText } from './commands/get.ts';
import type { CliIo } from './io.ts';
import { brief, safe, toColumns } from './text.ts';

/** What the commands that ask about the graph have in common. */

export type Path = {
  readonly length: number;
  readonly nodes: readonly Thing[];
  readonly edges: readonly {
    readonly from: string;
    readonly type: string;
    readonly trust: string;
  }[];
};

export type Completeness = {
  readonly acceptedPosition: number | null;
  readonly throughPosition: number | null;
  readonly lagSeconds: number | null;
  readonly deadLettered: number | null;
  readonly gaps: number | null;
};

export type MomentFlags = { readonly at?: string; readonly known?: number | string };

export const PATH = `length nodes { ${THING} } edges { from type trust }`;
export const COMPLETENESS =
  'completeness { acceptedPosition throughPosition throughTime lagSeconds deadLettered gaps }';
export const DEPLOYMENT = `deployment { ${THING} environment { name } service { name } }`;

export type DeploymentThing = Thing & {
  readonly environment: { readonly name: string | null } | null;
  readonly service: { readonly name: string | null } | null;
};

export function addMoment(command: Command): Command {
  return command
    .option('--at <time>', 'as it was at this time (a day, or RFC 3339)', time)
    .option(
      '--known <time>',
      'as it was known at this time: what had been accepted by then; or at this log number',
      positionOrTime,
    );
}

/** The argument `asOf`. */
export function asOf({ at, known }: MomentFlags): object | null {
  return at === undefined && known === undefined ? null : { valid: at, known };
}

/** The global id of what a reference names. */
export async function idOf(client: Client, io: CliIo, ref: string): Promise<string> {
  return (await resolveRef(client, io, ref)).id;
}

export function deploymentText(deployment: DeploymentThing, text: ThingText = thingText): string {
  const { environment, service } = deployment;
  const where = [environment?.name, service?.name].filter((name) => typeof name === 'string');
  return `${text(deployment)}${where.length === 0 ? '' : ` in ${safe(where.join(', '))}`}`;
}

/** One thing on each line, with the edge that leads to it. */
export function pathLines(
  { nodes, edges }: Path,
  indent = '',
  text: ThingText = thingText,
): string[] {
  return nodes.map((node, at) => {
    const edge = edges[at - 1];
    if (edge === undefined) return `${indent}${text(node)}`;
    const arrow = edge.from === node.id ? `<-${edge.type}-` : `-${edge.type}->`;
    const trust = edge.trust === 'UNVERIFIED' ? '' : ` [${edge.trust.toLowerCase()}]`;
    return `${indent}  ${arrow} ${text(node)}${trust}`;
  });
}

/** Columns on a terminal, tabs elsewhere. Cells are made safe here. */
export function printTable(rows: readonly (readonly (string | number)[])[], io: CliIo): void {
  const shown = rows.map((row) => row.map((cell) => safe(String(cell))));
  const lines = io.isTerminal ? toColumns(shown, io.columns) : shown.map((row) => row.join('\t'));
  for (const line of lines) io.out(line.trimEnd());
}

/** Says on standard error what the answer cannot know. */
export function warnOf(completeness: Completeness, io: CliIo): void {
  const { acceptedPosition, throughPosition, lagSeconds, deadLettered, gaps } = completeness;
  if (lagSeconds === null) return;
  const known = [
    lagSeconds > 0
      ? `events are on their way (accepted up to ${acceptedPosition ?? 0}, applied up to ${throughPosition ?? 0}; the oldest waits for ${Math.ceil(lagSeconds)} s)`
      : '',
    (deadLettered ?? 0) > 0
      ? `${deadLettered ?? 0} events could not be applied (stemma dead-letters list)`
      : '',
    (gaps ?? 0) > 0 ? `${gaps ?? 0} events were lost` : '',
  ].filter((text) => text !== '');
  if (known.length > 0) io.err(`The answer may not be complete: ${known.join('; ')}.`);
}

/** What to ask next, for people: on a terminal. */
export function hint(io: CliIo, text: string): void {
  if (io.isTerminal) io.err(io.paint('dim', `Next: ${text}`));
}

/** Says on standard error that a list is empty, and which of the filters that were given may be why. */
export function sayNone(
  what: string,
  filter: Readonly<Record<string, string | number | undefined>>,
  io: CliIo,
): void {
  const given = Object.entries(filter).flatMap(([name, value]) =>
    value === undefined ? [] : [`--${name} ${brief(String(value), 120)}`],
  );
  io.err(`${what}${given.length === 0 ? '' : ` with ${given.join(', ')}`}.`);
}

/** Says on standard error that only part of the graph was read. */
export function sayTruncated(truncated: boolean, io: CliIo): void {
  if (!truncated) return;
  io.err('The graph around this is larger than what one question reads: the answer is incomplete.');
}

/** Every item of a list, or the first of them, in pages of at most so many. */
export async function readAll<T>(
  most: number,
  read: (first: number, after: string | null) => Promise<Connection<T>>,
  pageSize = 500,
): Promise<{ readonly items: T[]; readonly more: boolean }> {
  const items: T[] = [];
  let after: string | null = null;
  for (;;) {
    const page: Connection<T> = await read(Math.min(pageSize, most - items.length), after);
    items.push(...page.nodes);
    after = page.pageInfo.endCursor;
    const { hasNextPage } = page.pageInfo;
    if (!hasNextPage || after === null || items.length >= most) return { items, more: hasNextPage };
  }
}

export type Connection<T> = {
  readonly nodes: readonly T[];
  readonly pageInfo: { readonly hasNextPage: boolean; readonly endCursor: string | null };
};

export const PAGE_INFO = 'pageInfo { hasNextPage endCursor }';

export function sayMore(more: boolean, io: CliIo): void {
  if (more) io.err('There is more: ask with a greater --limit.');
}
