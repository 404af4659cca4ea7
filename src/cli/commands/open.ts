import { spawn } from 'node:child_process';
import type { Command } from 'commander';
import { CliError, EXIT } from '../exit.ts';
import { resolveRef, THING, thingText, type Thing } from './get.ts';
import type { CliIo } from '../io.ts';
import { safe } from '../text.ts';

/** Kinds of things that have a page of their own, under a name for each: their fields differ in whether they may be null. */
const PAGED = [
  'Commit',
  'Repository',
  'Build',
  'Artifact',
  'Deployment',
  'Environment',
  'Vulnerability',
];

const QUERY = `query Open($ref: String!) {
  resolve(ref: $ref) { ${THING} ${PAGED.map((label) => `... on ${label} { url }`).join(' ')} }
}`;

export function addOpen(program: Command, io: CliIo): void {
  program
    .command('open')
    .description(
      'Open the page of a thing in the browser: a commit, run, deployment, repository or advisory.',
    )
    .argument('<ref>', 'a digest, commit id, package URL, URL, or id of a build or deployment')
    .option('--print', 'print its address instead, as where standard output is not a terminal')
    .addHelpText(
      'after',
      `
Exit code 4 where nothing has that name, or nobody has told its page.

Examples:
  stemma open 44ee177
  stemma open https://deploy.example.com#42 --print`,
    )
    .action(async (ref: string, flags: { print?: boolean; json?: boolean }) => {
      const { connect } = await import('../service.ts');
      const thing = await resolveRef<Thing & { readonly url?: string | null }>(
        connect(io),
        io,
        ref,
        QUERY,
      );
      const url = pageOf(thing);
      if (url === null) {
        throw new CliError('NOT_FOUND', `Nobody has told the page of ${thingText(thing)}.`, {
          exitCode: EXIT.notFound,
        });
      }
      if (flags.json === true) io.out(JSON.stringify({ url }));
      else io.out(safe(url));
      if (io.isTerminal && flags.print !== true && flags.json !== true) launch(url, io);
    });
}

/** Only what a browser shows: a URL comes from whoever sent the event. */
export function pageOf({
  key,
  url,
}: Pick<Thing, 'key'> & { readonly url?: string | null }): string | null {
  for (const text of [url, key]) {
    const parsed = typeof text === 'string' ? URL.parse(text) : null;
    if (parsed !== null && /^https?:$/.test(parsed.protocol)) return parsed.href;
  }
  return null;
}

/** Without a shell, which would read the URL as a command. */
const LAUNCHERS: Readonly<Partial<Record<NodeJS.Platform, readonly [string, ...string[]]>>> = {
  darwin: ['open'],
  win32: ['rundll32', 'url.dll,FileProtocolHandler'],
};

function launch(url: string, io: CliIo): void {
  const [program, ...args] = LAUNCHERS[process.platform] ?? ['xdg-open'];
  const child = spawn(program, [...args, url], { stdio: 'ignore', detached: true });
  child.once('error', () => {
    io.err(`No browser could be started with ${program}: open the address yourself.`);
  });
  child.unref();
}
