import { readdirSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** One statement of `cypher/`: a file with a header of `// purpose`, `// params: a, b` and `// returns: …`. */
export type Statement = {
  /** Path below `cypher/` without extension, such as `write/node/build`; goes into the transaction's metadata. */
  readonly name: string;
  readonly text: string;
  readonly params: readonly string[];
};

export type Statements = { get(name: string): Statement; readonly names: readonly string[] };

const ROOT = fileURLToPath(new URL('../../cypher/', import.meta.url));
const HEADER = /^\/\/ ?(\w+): ?(.*)$/;

/**
 * Loads every statement below `cypher/` and checks that the parameters in its header are the ones in its text.
 *
 * @throws Error naming the file: a mistake of ours, so the process must not start
 */
export function loadStatements(root = ROOT): Statements {
  const byName = new Map<string, Statement>();
  for (const entry of readdirSync(root, { recursive: true, withFileTypes: true })) {
    if (!entry.isFile() || !entry.name.endsWith('.cypher')) continue;
    const path = join(entry.parentPath, entry.name);
    const name = path
      .slice(root.length)
      .replace(/^[/\\]/, '')
      .replaceAll('\\', '/')
      .replace(/\.cypher$/, '');
    byName.set(name, parseStatement(name, readFileSync(path, 'utf8')));
  }
  return {
    names: [...byName.keys()].sort(),
    get(name) {
      const statement = byName.get(name);
      if (statement === undefined) throw new Error(`There is no statement cypher/${name}.cypher.`);
      return statement;
    },
  };
}

export function parseStatement(name: string, file: string): Statement {
  const header = new Map<string, string>();
  const lines = file.split('\n');
  let body = 0;
  while (lines[body]?.startsWith('//') === true) {
    const field = HEADER.exec(lines[body] ?? '');
    if (field !== null) header.set(field[1] ?? '', field[2] ?? '');
    body += 1;
  }
  const text = lines.slice(body).join('\n').trim();
  const declared = header.get('params');
  if (declared === undefined || !header.has('returns')) {
    throw new Error(`cypher/${name}.cypher: the header must have 'params:' and 'returns:'.`);
  }
  const params = declared === '' || declared === '-' ? [] : declared.split(/,\s*/).sort();
  const used = [...new Set([...text.matchAll(/\$(\w+)/g)].map((match) => match[1] ?? ''))].sort();
  if (params.join() !== used.join()) {
    throw new Error(
      `cypher/${basename(name)}.cypher: the header names the parameters [${params.join()}], the text uses [${used.join()}].`,
    );
  }
  return { name, text, params };
}
