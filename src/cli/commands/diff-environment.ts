import type { Client } from '../client.ts';
import type { CliIo } from '../io.ts';
import { printTable, readAll, sayMore } from '../questions.ts';
import {
  cellOf,
  keyText,
  placeText,
  readLive,
  RUNNING_PAGE,
  serviceText,
  slotOf,
  versionText,
  widened,
  type Running,
  type Width,
} from '../running.ts';
import { brief } from '../text.ts';

export type EnvironmentQuestion = {
  readonly environment: string;
  readonly from: string;
  /** Undefined: now. */
  readonly to: string | undefined;
  readonly known: number | string | undefined;
  readonly limit: number;
};

type Change = {
  readonly kind: 'ADDED' | 'REMOVED' | 'CHANGED';
  readonly before: Running | null;
  readonly after: Running | null;
  /** Of CHANGED. */
  readonly contents: Contents | null;
};

type Contents = {
  readonly totals: readonly {
    readonly kind: string;
    readonly added: number;
    readonly removed: number;
    readonly changed: number;
  }[];
  readonly ranking: readonly {
    readonly why: string;
    readonly change: { readonly kind: string; readonly subject: string };
  }[];
  readonly truncated: boolean;
};

const QUERY = `query Changed($from: ID!, $to: ID!) {
  diff(from: $from, to: $to) {
    totals { kind added removed changed } ranking(first: 3) { why change { kind subject } } truncated
  }
}`;

/** What runs in an environment at one time and not at another, by slot: environment, service and instance. */
export async function diffEnvironment(
  client: Client,
  { environment, from, to, known, limit }: EnvironmentQuestion,
) {
  const liveAt = async (valid: string | undefined) =>
    readAll(
      limit,
      async (first, after) => {
        const asOf = valid === undefined && known === undefined ? null : { valid, known };
        return readLive(client, { environment, asOf }, first, after);
      },
      RUNNING_PAGE,
    );
  const [before, after] = [await liveAt(from), await liveAt(to)];
  const changes: Change[] = [];
  for (const change of pairs(before.items, after.items)) {
    const { before: was, after: is } = change;
    const contents = was === null || is === null ? null : await readContents(client, was, is);
    changes.push({ ...change, contents });
  }
  const kept = before.items.filter(({ key }) => after.items.some((one) => one.key === key));
  return {
    ...{ environment, from, to: to ?? null, changes },
    ...{ unchanged: kept.length, more: before.more || after.more },
  };
}

async function readContents(client: Client, from: Running, to: Running): Promise<Contents> {
  const variables = { from: from.id, to: to.id };
  return (await client.graphql<{ diff: Contents }>(QUERY, variables)).diff;
}

/** Where one deployment took the place of one other it is a change; canaries come and go by themselves. */
function pairs(before: readonly Running[], after: readonly Running[]): Omit<Change, 'contents'>[] {
  const gone = before.filter(({ key }) => after.every((one) => one.key !== key));
  const come = after.filter(({ key }) => before.every((one) => one.key !== key));
  const slots = [...new Set([...gone, ...come].map(slotOf))].sort();
  return slots.flatMap((slot): Omit<Change, 'contents'>[] => {
    const [was = [], is = []] = [gone, come].map((list) =>
      list.filter((one) => slotOf(one) === slot),
    );
    const [first, second] = [was[0], is[0]];
    if (was.length === 1 && is.length === 1 && first !== undefined && second !== undefined) {
      return [{ kind: 'CHANGED', before: first, after: second }];
    }
    return [
      ...was.map((one) => ({ kind: 'REMOVED', before: one, after: null }) as const),
      ...is.map((one) => ({ kind: 'ADDED', before: null, after: one }) as const),
    ];
  });
}

export function showEnvironmentDiff(
  { environment, from, to, changes, unchanged, more }: Awaited<ReturnType<typeof diffEnvironment>>,
  flags: Width,
  io: CliIo,
): void {
  const key = keyText(io, flags);
  const signs = { ADDED: '+', REMOVED: '-', CHANGED: '~' } as const;
  const rows = changes.flatMap(({ kind, before, after, contents }) => {
    const one = after ?? before;
    if (one === null) return [];
    const both = (text: (of: Running) => string): string => {
      const sides = [before, after].flatMap((side) => (side === null ? [] : [text(side)]));
      return sides[0] === sides[1] ? (sides[0] ?? '') : sides.join(' -> ');
    };
    return [
      [
        ...[signs[kind], placeText(one), serviceText(one), both(versionText)],
        both(({ origin }) => cellOf(origin.runs, key)),
        contents === null ? '' : contentsText(contents),
      ],
    ];
  });
  const lines: string[] = [];
  printTable(rows, { ...widened(io, flags), out: (line) => void lines.push(line) });
  for (const [at, { contents }] of changes.entries()) {
    io.out(lines[at] ?? '');
    for (const { why, change } of contents?.ranking ?? []) {
      io.out(`    ${change.kind} ${brief(change.subject, 120)}: ${brief(why, 200)}`);
    }
  }
  const span = `between ${from} and ${to ?? 'now'}`;
  const where = brief(environment, 120);
  if (changes.length === 0 && unchanged === 0) {
    io.err(`Nothing is known to be live in '${where}' ${span}.`);
  } else {
    io.err(`${changes.length} changed in '${where}' ${span}; ${unchanged} as before.`);
  }
  if (changes.some(({ contents }) => contents?.truncated === true)) {
    io.err('Some contents are larger than what one question reads: there may be more differences.');
  }
  sayMore(more, io);
}

/** What changed inside, in the words of `stemma diff`. */
function contentsText({ totals }: Contents): string {
  const texts = totals.map(({ kind, added, removed, changed }) => {
    const parts = [
      ...(added > 0 ? [`+${added}`] : []),
      ...(removed > 0 ? [`-${removed}`] : []),
      ...(changed > 0 ? [`~${changed}`] : []),
    ];
    return `${kind} ${parts.join(' ')}`;
  });
  return texts.length === 0 ? 'nothing else, as far as is known' : texts.join(', ');
}
