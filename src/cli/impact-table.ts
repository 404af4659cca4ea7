import type { Thing } from './commands/get.ts';
import type { CliIo } from './io.ts';
import { pathLines, type Path } from './questions.ts';
import { thingsText, timeText } from './running.ts';
import { brief, safe, toColumns } from './text.ts';

type Place = { readonly key: string; readonly name: string | null } | null;
type Names = { readonly nodes: readonly Thing[] };

export type IncidentDeployment = Thing & {
  readonly environment: Place;
  readonly service: Place;
  readonly liveSince: string | null;
  readonly origin: { readonly versions: readonly string[] };
};

export type Match = {
  readonly thing: Thing;
  readonly version: string | null;
  readonly fixedIn: string | null;
  readonly dependencyPath: {
    readonly explained: boolean;
    readonly path: { readonly nodes: readonly Thing[] };
  } | null;
  readonly otherPaths: number;
  readonly introduced: {
    readonly at: string;
    readonly unknownBefore: number;
    readonly deployment: Thing & { readonly origin: { builds: Names; commits: Names } };
  } | null;
};

export type LiveFixes = {
  readonly totalCount: number;
  readonly nodes: readonly {
    readonly deployment: Thing & { readonly environment: Place; readonly service: Place };
    readonly version: Thing | null;
  }[];
};

export type IncidentItem = {
  readonly deployment: IncidentDeployment;
  readonly reason: string;
  readonly disputed: boolean;
  readonly path: Path | null;
  readonly detail: string | null;
  readonly why?: readonly Evidence[];
  readonly claimants: readonly string[];
  readonly matches?: { readonly totalCount: number; readonly nodes: readonly Match[] };
  readonly liveFixes?: LiveFixes | null;
};

export type Evidence = {
  readonly text: string;
  readonly claims: readonly { readonly claim: string; readonly knownFrom: number | null }[];
};

/** Columns of a terminal that the table fits into. */
const WIDTHS = [20, 20, 14, 10, 34, 12];
const TITLES = ['SERVICE', 'ENVIRONMENT', 'VERSION', 'SINCE', 'WHAT', 'FIXED IN'];

/** One line for each deployment, and below it what is known of the way, of where it came from, and of fixes. */
export function printIncidents(items: readonly IncidentItem[], io: CliIo): void {
  if (items.length === 0) return;
  const rows = items.map((item) => cellsOf(item, io));
  const [titles, ...lines] = io.isTerminal
    ? toColumns(
        [TITLES, ...rows].map((row) =>
          row.map((cell, at) =>
            io.columns === Infinity ? safe(cell) : brief(cell, WIDTHS[at] ?? 0),
          ),
        ),
        io.columns,
      )
    : ['', ...rows.map((row) => row.map(safe).join('\t'))];
  if (io.isTerminal) io.out(io.paint('dim', `  ${titles ?? ''}`.trimEnd()));
  for (const [at, item] of items.entries()) {
    io.out(`  ${lines[at] ?? ''}`.trimEnd());
    for (const line of notesOf(item, io)) {
      io.out(`      ${io.isTerminal ? brief(line, Math.max(40, io.columns - 6)) : safe(line)}`);
    }
  }
}

function cellsOf({ deployment, matches, reason }: IncidentItem, io: CliIo): string[] {
  const { service, environment, liveSince, origin } = deployment;
  const [match] = matches?.nodes ?? [];
  return [
    service?.name ?? service?.key ?? '-',
    environment?.key.replace(/^-\//, '') ?? '-',
    origin.versions.join(', ') || '-',
    io.isTerminal ? timeText(io, liveSince).slice(0, 10) : timeText(io, liveSince),
    match === undefined ? reason.toLowerCase().replaceAll('_', ' ') : nameOf(match.thing.key),
    match === undefined ? '' : (match.fixedIn ?? '-'),
  ];
}

function* notesOf(item: IncidentItem, io: CliIo): Generator<string> {
  const { deployment, reason, disputed, detail, path, why, claimants, matches, liveFixes } = item;
  const [match] = matches?.nodes ?? [];
  if (why !== undefined) {
    yield `${deployment.key} [${reason.toLowerCase().replaceAll('_', ' ')}]`;
    for (const one of why) yield evidenceText(one);
    if (claimants.length > 0) yield `said by ${claimants.join(', ')}`;
  } else if (detail !== null) yield detail;
  if (disputed) yield 'disputed: another complete SBOM of it does not list this';
  const others = (matches?.totalCount ?? 0) - 1;
  if (others > 0) yield `and ${others} other ${others === 1 ? 'thing' : 'things'} that it has`;
  if (match !== undefined) yield* matchNotes(match, deployment.service?.name ?? 'the deployment');
  if (match?.dependencyPath == null && why === undefined && path !== null)
    yield* pathLines(path, '', thingsText(io, { wide: io.columns === Infinity }));
  if (match?.introduced != null) yield introductionText(match.introduced, io);
  const fixes = (liveFixes?.nodes ?? []).map(fixText);
  const more = (liveFixes?.totalCount ?? 0) - fixes.length;
  if (fixes.length > 0)
    yield `fix live in ${fixes.join(', ')}${more > 0 ? `, and ${more} more` : ''}`;
}

function* matchNotes({ dependencyPath, otherPaths }: Match, service: string): Generator<string> {
  if (dependencyPath === null) return;
  const { explained, path } = dependencyPath;
  if (!explained) {
    yield 'through what is not known: its document lists it, and does not say what depends on it';
    return;
  }
  const names = path.nodes
    .filter(({ label }) => label === 'PackageVersion')
    .map(({ key }) => nameOf(key));
  const way = [service, ...names].join(' → ');
  const other = otherPaths === 1 ? '1 other way' : `${otherPaths} other ways`;
  const more = otherPaths === 0 ? '' : ` (${other})`;
  yield names.length > 1
    ? `through ${way}${more}`
    : `directly in ${service}, as its document names nothing between${more}`;
}

function introductionText(
  { at, unknownBefore, deployment }: NonNullable<Match['introduced']>,
  io: CliIo,
): string {
  const { builds, commits } = deployment.origin;
  const [build] = builds.nodes;
  const [commit] = commits.nodes;
  const made = [
    ...(commit === undefined ? [] : [`of commit ${commit.key.slice(0, 12)}`]),
    ...(build === undefined ? [] : [`by ${build.key}`]),
  ];
  const doubt =
    unknownBefore === 0
      ? ''
      : `; of ${unknownBefore} earlier ${unknownBefore === 1 ? 'deployment' : 'deployments'} it is not known`;
  return `came ${timeText(io, at)} with ${deployment.key}${made.length === 0 ? '' : `, built ${made.join(' ')}`}${doubt}`;
}

function fixText({ deployment, version }: LiveFixes['nodes'][number]): string {
  const { service, environment } = deployment;
  const where = [environment, service].flatMap((place) => (place === null ? [] : [place.key]));
  const what = version === null ? 'without it' : nameOf(version.key);
  return `${where.join(' ') || deployment.key} (${what})`;
}

/** The step, and what says so. */
function evidenceText({ text, claims }: Evidence): string {
  const said = claims.map(({ claim, knownFrom }) =>
    knownFrom === null ? claim : `${claim} at ${knownFrom}`,
  );
  return said.length === 0 ? text : `${text} (${said.join('; ')})`;
}

/** A package URL without what tells its ecosystem, and without qualifiers: `golang.org/x/net@v0.17.0`. */
function nameOf(key: string): string {
  const [, name] = /^pkg:[^/]+\/([^?#]+)/.exec(key) ?? [];
  return name === undefined ? key : name.replaceAll('%40', '@');
}
