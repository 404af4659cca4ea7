import type { Client } from './client.ts';
import { PAGE_INFO, type Connection } from './questions.ts';
import type { Running } from './running.ts';

export type CommitChange = {
  readonly subject: string;
  readonly before: readonly string[];
  readonly entity: { readonly name: string | null } | null;
};

/** What differs in the history of commits behind two deployments. */
export type CommitsBetween = {
  readonly added: number;
  readonly removed: number;
  /** Some of those that came in. */
  readonly commits: readonly CommitChange[];
  readonly truncated: boolean;
};

const QUERY = `query CommitsBetween($from: ID!, $to: ID!, $first: Int!) {
  diff(from: $from, to: $to) {
    totals { kind added removed }
    changes(kinds: [COMMIT], first: $first) { nodes { subject before entity { name } } ${PAGE_INFO} }
    truncated
  }
}`;

type Diff = {
  readonly totals: readonly {
    readonly kind: string;
    readonly added: number;
    readonly removed: number;
  }[];
  readonly changes: Connection<CommitChange>;
  readonly truncated: boolean;
};

/** Null where of either deployment nobody says what commit it was built from: then its history is not known. */
export async function commitsBetween(
  client: Client,
  from: Running,
  to: Running,
  first: number,
): Promise<CommitsBetween | null> {
  const [before, after] = [from, to].map(({ origin }) =>
    origin.commits.nodes.map(({ key }) => key),
  );
  if (before === undefined || after === undefined) return null;
  if (before.length === 0 || after.length === 0) return null;
  if (before.join() === after.join())
    return { added: 0, removed: 0, commits: [], truncated: false };
  const { diff } = await client.graphql<{ diff: Diff }>(QUERY, { from: from.id, to: to.id, first });
  const total = diff.totals.find(({ kind }) => kind === 'COMMIT');
  return {
    ...{ added: total?.added ?? 0, removed: total?.removed ?? 0 },
    commits: diff.changes.nodes.filter((change) => change.before.length === 0),
    truncated: diff.truncated,
  };
}

export function commitsText(between: CommitsBetween | null): string {
  if (between === null) return 'commits not known';
  const { added, removed, truncated } = between;
  const parts = [
    ...(added > 0 ? [`+${added} ${added === 1 ? 'commit' : 'commits'}`] : []),
    ...(removed > 0 ? [`-${removed} ${removed === 1 ? 'commit' : 'commits'}`] : []),
  ];
  const text = parts.length === 0 ? 'no other commits' : parts.join(', ');
  return truncated ? `${text}, or more` : text;
}
