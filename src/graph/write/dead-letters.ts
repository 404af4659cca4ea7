import type {
  DeadLetter,
  DeadLetterArchive,
  DeadLetterMark,
  DeadLetterQuery,
} from '../../model/dead-letters.ts';
import { int, type Graph } from '../driver.ts';
import type { Statements } from '../statement.ts';

/** Letters that are looked at for one page: a filter that finds little goes on with the next. */
const SCAN_LIMIT = 5_000;
/** Letters hold whole events: few at a time. */
const COPY_CHUNK = 100;

/**
 * Dead letters as nodes of their own beside the graph: no digest, lineage or replay sees them.
 *
 * @param bus names the bus that they come from; ids are unique on it
 */
export function createDeadLetterArchive(
  graph: Pick<Graph, 'read' | 'write'>,
  statements: Statements,
  bus: string,
): DeadLetterArchive {
  const prefix = `${bus} `;
  const keyOf = (id: string): string => `${prefix}${sortable(id)}`;
  const byKey = async (keys: readonly string[]): Promise<Map<string, DeadLetter>> => {
    if (keys.length === 0) return new Map();
    const rows = await graph.read(statements.get('lookup/dead-letters/by-key'), { keys });
    return new Map(rows.map((row) => toLetter(row.get('properties') as Properties)));
  };

  return {
    async put(letters) {
      if (letters.length === 0) return;
      const statement = statements.get('write/log/dead-letters');
      const rows = letters.map((letter) => toProperties(letter, keyOf(letter.id)));
      await graph.write(statement.name, (run) => run(statement, { rows }));
    },

    async list(query, { limit, position, backward }) {
      const [above, below] = boundsOf(prefix, query);
      const from = position === null ? null : keyOf(position);
      const page = statements.get(
        backward ? 'lookup/dead-letters/page-asc' : 'lookup/dead-letters/page-desc',
      );
      const rows = await graph.read(page, {
        above: backward && from !== null && from > above ? from : above,
        below: !backward && from !== null && from < below ? from : below,
        scan: int(SCAN_LIMIT),
        state: query.state,
        code: query.code,
        type: query.type,
        source: query.source,
      });
      const wanted = rows.filter((row) => row.get('wanted') === true).map((row) => keyFrom(row));
      const keys = wanted.slice(0, limit);
      const letters = await byKey(keys);
      const items = keys.flatMap((key) => letters.get(key) ?? []);
      if (wanted.length > limit) return { items, next: items.at(-1)?.id ?? null };
      const last = rows.at(-1);
      return { items, next: last && rows.length === SCAN_LIMIT ? idOf(keyFrom(last)) : null };
    },

    async get(id) {
      return (await byKey([keyOf(id)])).get(keyOf(id)) ?? null;
    },

    async byPositions(group, positions) {
      const statement = statements.get('lookup/dead-letters/by-position');
      const rows = await graph.read(statement, {
        ...{ prefix, group, positions: positions.map(int) },
      });
      return new Map(rows.map((row) => [Number(row.get('n')), String(row.get('id'))]));
    },

    async between(group, { after, until, limit }) {
      const rows = await graph.read(statements.get('lookup/dead-letters/between'), {
        ...{ prefix, group, after: int(after), until: int(until), limit: int(limit) },
      });
      return rows.map((row) => ({ n: Number(row.get('n')), id: String(row.get('id')) }));
    },

    async mark(id, mark) {
      const statement = statements.get('write/log/dead-letter-mark');
      const parameters = { key: keyOf(id), state: mark.state, mark: JSON.stringify(mark) };
      const rows = await graph.write(statement.name, (run) => run(statement, parameters));
      return rows.length > 0;
    },

    async summary() {
      const [row] = await graph.read(statements.get('lookup/dead-letters/summary'), { prefix });
      return { open: Number(row?.get('open') ?? 0), through: Number(row?.get('through') ?? 0) };
    },
  };
}

/** Copies the archives of all buses from one database to another; safe to repeat. */
export async function copyDeadLetters(
  source: Pick<Graph, 'read'>,
  target: Pick<Graph, 'write'>,
  statements: Statements,
): Promise<void> {
  const put = statements.get('write/log/dead-letters');
  let after = '';
  for (;;) {
    const page = await source.read(statements.get('replay/dead-letters'), {
      ...{ after, limit: int(COPY_CHUNK) },
    });
    const rows = page.map((row) => withIntegers(row.get('properties') as Properties));
    if (rows.length > 0) await target.write(put.name, (run) => run(put, { rows }));
    if (rows.length < COPY_CHUNK) return;
    after = String(rows.at(-1)?.['key']);
  }
}

type Properties = Readonly<Record<string, unknown>>;

const INTEGERS = ['n', 'acceptedAt', 'attempts', 'firstAt', 'lastAt'] as const;

function toProperties({ mark, ...letter }: DeadLetter, key: string): Properties {
  return withIntegers({
    ...letter,
    key,
    state: mark?.state ?? 'open',
    mark: mark === null ? null : JSON.stringify(mark),
  });
}

/** What is not a number (an entry that somebody else put on the bus may lack them) is left out. */
function withIntegers(properties: Properties): Properties {
  const integers = INTEGERS.map((name) => {
    const value = properties[name];
    return [name, Number.isSafeInteger(value) ? int(Number(value)) : null] as const;
  });
  return { ...properties, ...Object.fromEntries(integers) };
}

function toLetter(properties: Properties): [key: string, DeadLetter] {
  const textOrNull = (name: string): string | null =>
    typeof properties[name] === 'string' ? properties[name] : null;
  const text = (name: string): string => textOrNull(name) ?? '';
  const number = (name: string): number => Number(properties[name] ?? Number.NaN);
  const mark = textOrNull('mark');
  const letter: DeadLetter = {
    id: text('id'),
    stream: text('stream'),
    entryId: text('entryId'),
    n: number('n'),
    acceptedAt: number('acceptedAt'),
    code: text('code'),
    message: text('message'),
    attempts: number('attempts'),
    firstAt: number('firstAt'),
    lastAt: number('lastAt'),
    text: text('text'),
    contentHash: textOrNull('contentHash'),
    group: text('group'),
    type: textOrNull('type'),
    source: textOrNull('source'),
    eventId: textOrNull('eventId'),
    mark: mark === null ? null : (JSON.parse(mark) as DeadLetterMark), // written above
  };
  return [text('key'), letter];
}

/** Times are whole milliseconds on either side, as on the bus. */
function boundsOf(prefix: string, { since, until }: DeadLetterQuery): [string, string] {
  const at = (time: number): string => `${prefix}${padded(String(time))}`;
  return [since === null ? prefix : at(since), until === null ? `${prefix}~` : `${at(until)}~`];
}

/** Ids of Redis (`ms-sequence`) in a form whose order is that of the text. */
function sortable(id: string): string {
  return id.split('-').map(padded).join('-');
}

function padded(number: string): string {
  return number.padStart(15, '0');
}

function keyFrom(row: { get(name: 'key'): unknown }): string {
  return String(row.get('key'));
}

function idOf(key: string): string {
  const [ms = '', sequence = ''] = (key.split(' ').at(-1) ?? '').split('-');
  return `${Number(ms)}-${Number(sequence)}`;
}
