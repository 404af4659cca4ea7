import type { Command } from 'commander';
import type { Client } from '../client.ts';
import { CliError, EXIT } from '../exit.ts';
import { wholeNumber } from '../flags.ts';
import type { CliIo } from '../io.ts';
import { brief, safe } from '../text.ts';

export type Thing = {
  readonly id: string;
  readonly label: string;
  readonly key: string;
  readonly name: string | null;
  readonly resolved: boolean;
};

type Neighbor = {
  readonly type: string;
  readonly direction: 'IN' | 'OUT' | 'BOTH';
  readonly trust: string;
  readonly node: Thing;
};

type Facts = Readonly<Record<string, unknown>>;

type Found = Thing & {
  readonly facts: Facts;
  readonly neighbors: { readonly edges: readonly Neighbor[]; readonly hasMore: boolean };
};

export const THING = 'id label key name resolved';
const CONFLICT = 'conflict { since names { node { key } claims { claim } } }';

/** What is worth showing of each label, beside what every thing has. */
const FACTS: Readonly<Record<string, string>> = {
  Commit: 'message authorName authorEmail authoredAt committedAt url changeUrl',
  Build:
    'buildState: state url buildType trigger queuedAt startedAt finishedAt buildOutcome: outcome otherNames',
  Environment: 'url otherNames',
  Artifact: `mediaType size url createdAt publishedAt publishedTo deletedAt ${CONFLICT}`,
  PackageVersion: `version componentType ${CONFLICT}`,
  Deployment:
    'deploymentState: state url instance parallel ref task description parameterNames production transient createdAt completedAt failedAt failure removedAt rolledBackAt verification',
  Attestation: 'predicateType statementType signatures issuedAt',
  Vulnerability: 'summary severity score url publishedAt withdrawnAt',
};

const QUERY = `query Get($ref: String!, $first: Int!) {
  resolve(ref: $ref) {
    ${THING}
    learntAt
    ${Object.entries(FACTS)
      .map(([label, fields]) => `... on ${label} { ${fields} }`)
      .join('\n    ')}
    neighbors(first: $first) { pageInfo { hasNextPage } edges { type direction trust node { ${THING} } } }
  }
}`;

export function addGet(program: Command, io: CliIo): void {
  program
    .command('get')
    .description('Show one thing and what is around it.')
    .argument('<ref>', 'a digest, commit id, package URL, URL, or id of a build or deployment')
    .option('--neighbors <n>', 'at most this many neighbours', wholeNumber(1, 500), 50)
    .addHelpText(
      'after',
      `
Exit code 4 where nothing has that name; where several have, they are listed and the exit code is 2.

Examples:
  stemma get 44ee177                           a commit, by the beginning of its id
  stemma get pkg:npm/sigstore@1.2.0
  stemma get sha256:9f86d0… --json`,
    )
    .action(async (ref: string, flags: { neighbors: number; json?: boolean }) => {
      const { connect } = await import('../service.ts');
      const client = connect(io);
      const found = toFound(
        await resolveRef<Facts>(client, io, ref, QUERY, { first: flags.neighbors }),
      );
      if (flags.json === true) io.out(JSON.stringify(found));
      else show(found, io);
    });
}

/** The service looks for beginnings from seven characters on. */
const TOO_SHORT = /^(?:[a-z0-9]+:)?[0-9a-f]{1,6}$/i;

/**
 * The thing that a reference names.
 *
 * @throws CliError NOT_FOUND; AMBIGUOUS, after the candidates were listed
 */
export async function resolveRef<T = Thing>(
  client: Client,
  io: CliIo,
  ref: string,
  query = `query Resolve($ref: String!) { resolve(ref: $ref) { ${THING} } }`,
  variables: Readonly<Record<string, unknown>> = {},
): Promise<T> {
  let answer: { readonly resolve: T | null };
  try {
    answer = await client.graphql(query, { ref, ...variables });
  } catch (error) {
    for (const candidate of candidatesOf(error)) io.err(`  ${safe(candidate)}`);
    throw error;
  }
  if (answer.resolve !== null) return answer.resolve;
  const { onTheWay } = await import('../client.ts');
  const nothing = `Nothing is known under '${brief(ref, 120)}'.`;
  const short = TOO_SHORT.test(ref)
    ? ' For the beginning of a commit id or digest it is too short: give at least 7 characters.'
    : '';
  throw new CliError('NOT_FOUND', `${nothing}${short}${onTheWay(answer)}`, {
    exitCode: EXIT.notFound,
  });
}

function candidatesOf(error: unknown): string[] {
  if (!(error instanceof Error) || !('details' in error)) return [];
  const { candidates } = error.details as { candidates?: unknown }; // details are an object on both classes
  if (!Array.isArray(candidates)) return [];
  return (candidates as Partial<Thing>[]).map(
    ({ label = '?', key = '', name }) => `${label} ${key}${name ? ` (${name})` : ''}`,
  );
}

function toFound(answer: Facts): Found {
  const { id, label, key, name, resolved, neighbors, ...facts } = answer as Facts &
    Thing & { neighbors: { pageInfo: { hasNextPage: boolean }; edges: Neighbor[] } }; // as the query asks
  return {
    id,
    label,
    key,
    name,
    resolved,
    facts: Object.fromEntries(
      Object.entries(facts)
        .filter(([, value]) => value !== null)
        .map(([field, value]) => [
          field.replace(/^(build|deployment)(State|Outcome)$/, lowerSecond),
          value,
        ]),
    ),
    neighbors: { edges: neighbors.edges, hasMore: neighbors.pageInfo.hasNextPage },
  };
}

function lowerSecond(_whole: string, _label: string, field: string): string {
  return field.toLowerCase();
}

function show({ label, key, name, resolved, facts, neighbors }: Found, io: CliIo): void {
  io.out(`${io.paint('bold', label)} ${safe(key)}${resolved ? '' : ' (only referred to)'}`);
  if (name !== null && name !== key) io.out(`  name: ${safe(name)}`);
  for (const [field, value] of Object.entries(facts)) {
    const text = typeof value === 'string' ? value : JSON.stringify(value);
    io.out(`  ${field}: ${brief(text, 300)}`);
  }
  for (const { type, direction, trust, node } of neighbors.edges) {
    const arrow = direction === 'IN' ? `<-${type}-` : `-${type}->`;
    const isTrusted = trust === 'UNVERIFIED' ? '' : ` [${trust.toLowerCase()}]`;
    io.out(`  ${arrow} ${thingText(node)}${io.paint('dim', isTrusted)}`);
  }
  if (neighbors.hasMore) io.out('  … and more: ask with --neighbors');
}

export type ThingText = (thing: Thing) => string;

/** A thing on one line. */
export function thingText({ label, key, name }: Thing): string {
  const title = name === null || name === key || key.includes(name) ? '' : ` (${brief(name, 60)})`;
  return `${label} ${brief(key, 160)}${title}`;
}
