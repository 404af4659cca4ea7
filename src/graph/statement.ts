import { readdirSync, readFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { messageOf } from '../errors.ts';
import { fillTemplate, parsePartial, type Values } from './template.ts';
import { CONSTANTS, LISTS, VARIANTS } from './variants.ts';

/** What the database gets. */
export type Query = {
  /**
   * Path below `cypher/` without extension, and for one of several variants what tells it from the others, such as
   * `lookup/revisions`, `write/node/Build`; goes into the transaction's metadata.
   */
  readonly name: string;
  readonly text: string;
  /** Path of its file, which all of its variants have in common; left out where it is in none. */
  readonly file?: string;
};

/** One statement of `cypher/`, with what its header says of it. */
export type Statement = Query & {
  readonly purpose: string;
  readonly params: readonly string[];
  readonly returns: string;
};

export type Statements = {
  /** The statement of a file, or one of its variants: `get('lookup/neighbors', 'USED', 'OUT', 'asc')`. */
  get(name: string, ...variant: readonly (string | number)[]): Statement;
  readonly names: readonly string[];
};

const ROOT = fileURLToPath(new URL('../../cypher/', import.meta.url));
const EXTENSION = '.cypher';
const PARTIALS = 'partials/';
const VARIANTS_LINE = /^\/\/ variants: (.*)\n/m;
const FIELD = /^\/\/ ?(\w+): ?(.*)$/;

/**
 * The statements below `cypher/`. A statement is made when it is first asked for, and only once: its template is filled, and the
 * parameters in its header are checked against those in its text.
 *
 * @throws Error naming the file: a mistake of ours, which the unit tests find because they ask for every statement
 */
export function loadStatements(root = ROOT): Statements {
  const partials = new Map<string, string>();
  const sources = new Map<string, Source>();
  for (const [file, content] of filesOf(root)) {
    if (file.startsWith(PARTIALS)) {
      partials.set(file.slice(PARTIALS.length), parsePartial(content));
      continue;
    }
    for (const { path, values } of variantsOf(file, VARIANTS_LINE.exec(content)?.[1] ?? '')) {
      sources.set([file, ...path].join('/'), { file, content, values });
    }
  }
  const made = new Map<string, Statement>();
  const make = (name: string): Statement => {
    const source = sources.get(name);
    if (source === undefined) throw new Error(`There is no statement ${name} in cypher/.`);
    const statement = { ...statementOf(name, source, partials), file: source.file };
    made.set(name, statement);
    return statement;
  };
  return {
    names: [...sources.keys()].sort(),
    get(...path) {
      const name = path.join('/');
      return made.get(name) ?? make(name);
    },
  };
}

/**
 * By itself Neo4j plans a statement for each order of magnitude of the length of a list that is a parameter, and batches have any length:
 * at what is inside a map it does not look. And it plans again while the graph grows: what writes finds everything by its key, however
 * much there is.
 */
function planOnce(text: string): string {
  return `CYPHER replan=skip ${text.replaceAll(/\$(\w+)/g, '$in.$1')}`;
}

function isPlannedOnce({ name }: Pick<Query, 'name'>): boolean {
  return name.startsWith('write/');
}

/** Parameters as the text of a statement names them. */
export function sentParameters(
  query: Pick<Query, 'name'>,
  parameters: Readonly<Record<string, unknown>>,
): Readonly<Record<string, unknown>> {
  return isPlannedOnce(query) ? { in: parameters } : parameters;
}

/** What one statement is made of: `file` is its path below `cypher/` without extension. */
type Source = { readonly file: string; readonly content: string; readonly values: Values };

function* filesOf(root: string): Generator<[file: string, content: string]> {
  for (const entry of readdirSync(root, { recursive: true, withFileTypes: true })) {
    if (!entry.isFile() || !entry.name.endsWith(EXTENSION)) continue;
    const path = join(entry.parentPath, entry.name);
    const file = relative(root, path).replaceAll('\\', '/').slice(0, -EXTENSION.length);
    yield [file, readFileSync(path, 'utf8')];
  }
}

function statementOf(
  name: string,
  { file, content, values }: Source,
  partials: ReadonlyMap<string, string>,
): Statement {
  const parts = { values: { ...CONSTANTS, ...values }, lists: LISTS, partials };
  try {
    const statement = parseStatement(name, fillTemplate(content.replace(VARIANTS_LINE, ''), parts));
    return isPlannedOnce(statement) ? { ...statement, text: planOnce(statement.text) } : statement;
  } catch (error) {
    throw new Error(`cypher/${file}${EXTENSION}: ${messageOf(error)}.`, { cause: error });
  }
}

/** Every combination of the choices of a line such as `direction, follow`; where it names nothing, the one without a choice. */
function variantsOf(
  file: string,
  line: string,
): { readonly path: readonly string[]; readonly values: Values }[] {
  let variants: { path: readonly string[]; values: Values }[] = [{ path: [], values: {} }];
  for (const name of line.split(', ').filter((one) => one !== '')) {
    const choices = VARIANTS[name];
    if (choices === undefined) {
      throw new Error(`cypher/${file}${EXTENSION}: there are no variants '${name}'.`);
    }
    variants = variants.flatMap(({ path, values }) =>
      Object.entries(choices).map(([choice, more]) => ({
        path: [...path, choice],
        values: { ...values, ...more },
      })),
    );
  }
  return variants;
}

/** A file with a header of `// purpose: …`, `// params: a, b` and `// returns: …`, in which `-` stands for nothing. */
export function parseStatement(name: string, file: string): Statement {
  const header = new Map<string, string>();
  const lines = file.split('\n');
  let body = 0;
  let last = '';
  while (lines[body]?.startsWith('//') === true) {
    const line = lines[body] ?? '';
    const field = FIELD.exec(line);
    if (field !== null) header.set((last = field[1] ?? ''), field[2] ?? '');
    else header.set(last, `${header.get(last) ?? ''} ${line.slice(2).trim()}`);
    body += 1;
  }
  const text = lines.slice(body).join('\n').trim();
  const declared = header.get('params');
  const returns = header.get('returns');
  if (declared === undefined || returns === undefined) {
    throw new Error("the header must have 'params:' and 'returns:'");
  }
  const params = declared === '' || declared === '-' ? [] : declared.split(/,\s*/).sort();
  const used = [...new Set([...text.matchAll(/\$(\w+)/g)].map((match) => match[1] ?? ''))].sort();
  if (params.join() !== used.join()) {
    throw new Error(
      `the header names the parameters [${params.join()}], the text uses [${used.join()}]`,
    );
  }
  return { name, text, purpose: header.get('purpose') ?? '', params, returns };
}
