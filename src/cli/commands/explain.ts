import { createReadStream } from 'node:fs';
import type { Command } from 'commander';
import type { Explanation } from '../../documents/explain.ts';
import type { Client } from '../client.ts';
import { CliError, EXIT } from '../exit.ts';
import type { CliIo } from '../io.ts';
import { brief, safe } from '../text.ts';

/** One document of an input: explained, or why it is not read. */
type Part = { readonly where: string } & (
  | { readonly document: Explanation; readonly complaint: string | null }
  | { readonly document: null; readonly reason: string }
);

const MAX_BYTES = 100 * 1024 * 1024;
const DIGEST = /^(?:sha256:)?([0-9a-f]{64})$/i;

export function addExplain(program: Command, io: CliIo): void {
  program
    .command('explain')
    .description('Show what a document says, what of it is not read, and why.')
    .argument(
      '<document>',
      'a file, - for standard input, or the sha256 of a document that was ingested',
    )
    .addHelpText(
      'after',
      `
A file needs no service: nothing is sent. A digest is asked of the service, which keeps the bytes of every document.
The exit code is 1 where nothing of the document is read.

Examples:
  stemma explain sbom.json
  cosign download attestation $IMAGE | stemma explain -
  stemma explain sha256:9f86d0… --json`,
    )
    .action(async (document: string, flags: { json?: boolean }) => {
      const parts = await explainText(await textOf(document, io));
      if (flags.json === true) io.out(JSON.stringify({ documents: parts }));
      else for (const part of parts) show(part, io);
      if (parts.every((part) => part.document === null)) io.exitWith(EXIT.unexpected);
    });
}

async function textOf(document: string, io: CliIo): Promise<string> {
  const digest = DIGEST.exec(document)?.[1];
  if (digest !== undefined) {
    const { connect } = await import('../service.ts');
    return ingestedText(connect(io), digest.toLowerCase());
  }
  const [{ readInput }, { unpackText }, { systemCode, systemReason }] = await Promise.all([
    import('../../ingest/input.ts'),
    import('../../ingest/unpack.ts'),
    import('../../ingest/files.ts'),
  ]);
  const stream = document === '-' ? io.stdin : createReadStream(document);
  try {
    const input = await readInput(stream as AsyncIterable<Buffer>, MAX_BYTES);
    const { text, reason } =
      input.kind === 'whole'
        ? unpackText(input.bytes, MAX_BYTES)
        : { text: null, reason: `has more than ${MAX_BYTES} bytes` };
    if (text !== null) return text;
    throw unreadable(document, reason);
  } catch (error) {
    if (systemCode(error) === null) throw error;
    throw unreadable(document, systemReason(error));
  }
}

function unreadable(document: string, reason: string): CliError {
  return new CliError('DOCUMENT_UNSUPPORTED', `'${brief(document, 120)}' ${reason}.`, {
    exitCode: EXIT.unexpected,
  });
}

type Event = {
  readonly type: string;
  readonly position: string;
  readonly data: Readonly<Record<string, unknown>>;
};

type EventPage = {
  readonly events: {
    readonly nodes: readonly Event[];
    readonly pageInfo: { readonly hasNextPage: boolean; readonly endCursor: string | null };
  };
};

const QUERY = `query Document($subject: String!, $type: String!, $after: String) {
  events(subject: $subject, type: $type, first: 100, after: $after) {
    pageInfo { hasNextPage endCursor } nodes { type position data }
  }
}`;

/** The bytes of a document as they were sent: in one event, or in parts. */
async function ingestedText(client: Client, digest: string): Promise<string> {
  const { storedText } = await import('../../documents/stored-text.ts');
  const submitted = await eventsOf(client, digest, 'document.submitted');
  if (submitted.length === 0) {
    throw new CliError('NOT_FOUND', `No document with the digest sha256:${digest} was ingested.`, {
      exitCode: EXIT.notFound,
    });
  }
  const isWhole = submitted.some(({ data }) => typeof data['content'] === 'string');
  const parts = isWhole ? [] : await eventsOf(client, digest, 'document.part');
  const events = [...submitted, ...parts]
    .map(({ type, position, data }) => ({
      type,
      n: Number(position),
      source: '',
      body: JSON.stringify({ data }),
    }))
    .sort((x, y) => x.n - y.n);
  const text = storedText({ digest, events });
  if (text !== null) return text;
  throw new CliError(
    'DOCUMENT_MALFORMED',
    `The document sha256:${digest} was submitted, and its parts do not make it yet: send it again.`,
    { exitCode: EXIT.unexpected },
  );
}

async function eventsOf(client: Client, digest: string, type: string): Promise<Event[]> {
  const found: Event[] = [];
  let after: string | null = null;
  do {
    const page: EventPage = await client.graphql<EventPage>(QUERY, {
      subject: `sha256:${digest}`,
      type,
      after,
    });
    found.push(...page.events.nodes);
    after = page.events.pageInfo.hasNextPage ? page.events.pageInfo.endCursor : null;
  } while (after !== null);
  return found;
}

async function explainText(text: string): Promise<Part[]> {
  const [
    { splitDocument },
    { explainDocument },
    { checkDocument },
    { sha256 },
    { eventsIn, reasonOf },
  ] = await Promise.all([
    import('../../documents/split.ts'),
    import('../../documents/explain.ts'),
    import('../../documents/validate.ts'),
    import('../../model/event.ts'),
    import('../../ingest/recognise.ts'),
  ]);
  return Promise.all(
    splitDocument(text).map(async ({ text: part, where }): Promise<Part> => {
      try {
        const digest = sha256(part);
        const { complaint } = await checkDocument(part, digest);
        const document = explainDocument(part, digest);
        return { where, document, complaint: complaint?.message ?? null };
      } catch (error) {
        const events = await eventsIn(part);
        const reason =
          events === null
            ? reasonOf(error)
            : `This is not a document: 'stemma ingest' takes it as ${events}.`;
        return { where, document: null, reason };
      }
    }),
  );
}

function show(part: Part, io: CliIo): void {
  const title = part.where === '' ? '' : `${part.where}: `;
  if (part.document === null) {
    io.out(io.paint('red', `${safe(title)}not read`));
    io.out(`  ${safe(part.reason)}`);
    return;
  }
  const { format, sha256, about, builds, nodes, edges, components, vulnerabilities } =
    part.document;
  const { warnings, notRead } = part.document;
  io.out(io.paint('bold', safe(`${title}${format}`)));
  line(io, 'sha256', [sha256]);
  line(
    io,
    'about',
    about.length === 0 ? ['nothing that it names by digest or package URL'] : about,
  );
  line(io, 'builds', builds);
  if (components !== null) line(io, 'components', [String(components)]);
  if (vulnerabilities > 0) line(io, 'advisories', [String(vulnerabilities)]);
  line(
    io,
    'nodes',
    Object.entries(nodes).map(([label, { count, placeholders }]) => {
      const only = placeholders === 0 ? '' : `, ${placeholders} only referred to`;
      return `${count} ${label}${only}`;
    }),
  );
  line(
    io,
    'edges',
    Object.entries(edges).map(([type, count]) => `${count} ${type}`),
  );
  line(io, 'warnings', warnings);
  line(io, 'schema', part.complaint === null ? [] : [part.complaint]);
  line(io, 'not read', notRead);
}

const SHOWN = 20;

/** A name and what belongs to it, one below the other; nothing where there is nothing. */
function line(io: CliIo, name: string, values: readonly string[]): void {
  for (const [index, value] of values.slice(0, SHOWN).entries()) {
    io.out(`  ${(index === 0 ? name : '').padEnd(10)}  ${brief(value, 320)}`);
  }
  if (values.length > SHOWN)
    io.out(`  ${''.padEnd(10)}  … and ${values.length - SHOWN} more (--json)`);
}
