import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, describe, expect, test } from '@jest/globals';
import { withHeader } from '../../../src/cli/commands/cypher.ts';
import { boundFor } from '../../../src/graph/lineage/bounds.ts';
import { loadStatements, parseStatement } from '../../../src/graph/statement.ts';
import { VARIANTS } from '../../../src/graph/variants.ts';

const ROOT = fileURLToPath(new URL('../../../', import.meta.url));
const GOLDEN = `${ROOT}test/fixtures/cypher`;

const statements = loadStatements();
const files = filesBelow(`${ROOT}cypher`).map((name) => ({
  name,
  text: readFileSync(`${ROOT}cypher/${name}.cypher`, 'utf8'),
}));
const partials = files.filter(({ name }) => name.startsWith('partials/'));
const templates = files.filter(
  ({ name, text }) => !name.startsWith('partials/') && text.includes('{{'),
);
const golden = filesBelow(GOLDEN);
const sources = readdirSync(`${ROOT}src`, { recursive: true, encoding: 'utf8' })
  .filter((path) => path.endsWith('.ts'))
  .map((path) => readFileSync(`${ROOT}src/${path}`, 'utf8'))
  .join('\n');

describe('statements', () => {
  test.each(statements.names)('%s says what it is for, takes and returns', (name) => {
    const statement = statements.get(name);
    expect(statement.name).toBe(name);
    expect([statement.purpose, statement.returns]).not.toContain('');
    expect(statement.text).not.toContain('{{');
  });

  test('F33 no statement puts text together: labels, types and bounds are literals', () => {
    for (const name of statements.names) {
      expect(statements.get(name).text).not.toMatch(/\$\(|apoc\.|LOAD CSV/i);
    }
  });

  test.each(files.map(({ name }) => name).filter((name) => !/^(?:partials|schema)\//.test(name)))(
    '%s can run: the sources name it, literally',
    (name) => {
      expect(sources.includes(`'${name}'`)).toBe(true);
    },
  );

  test.each(partials.map(({ name }) => name.slice('partials/'.length)))(
    'the partial %s is part of a statement',
    (name) => {
      expect(
        files.filter(({ text }) => text.includes(`{{${name}}}`) || text.includes(`{{${name} of `)),
      ).not.toEqual([]);
    },
  );

  test('every kind of variants is used', () => {
    const used = files.flatMap(({ text }) => /^\/\/ variants: (.*)$/m.exec(text)?.[1]?.split(', '));
    expect(Object.keys(VARIANTS).filter((name) => !used.includes(name))).toEqual([]);
  });

  test('a walk reaches the next bound', () => {
    expect([1, 4, 100, 101, 99_999, 100_000].map(boundFor)).toEqual([
      1, 5, 100, 1_000, 100_000, 100_000,
    ]);
  });
});

describe('templates', () => {
  test.each(templates.map(({ name }) => name))('%s has a golden file', (name) => {
    expect(golden.filter((one) => one === name || one.startsWith(`${name}/`))).not.toEqual([]);
  });

  // after a change: npx stemma cypher show <name> > test/fixtures/cypher/<name>.cypher
  test.each(golden)('%s is what its golden file says', (name) => {
    const expected = readFileSync(`${GOLDEN}/${name}.cypher`, 'utf8');
    expect(`${withHeader(statements.get(name))}\n`).toBe(expected);
  });
});

describe('a mistake in a file of cypher/', () => {
  let root: string;
  afterEach(() => {
    rmSync(root, { recursive: true });
  });
  const load = (contents: Readonly<Record<string, string>>) => {
    root = mkdtempSync(join(tmpdir(), 'stemma-cypher-'));
    for (const [name, text] of Object.entries(contents)) {
      mkdirSync(dirname(join(root, name)), { recursive: true });
      writeFileSync(join(root, `${name}.cypher`), text);
    }
    return loadStatements(root);
  };
  const HEADER = '// purpose: a test\n// params: -\n// returns: -\n';

  test('a parameter that the header does not name is told with the file', () => {
    const loaded = load({ 'a/x': '// params: a\n// returns: -\nRETURN $a + $b' });
    expect(() => loaded.get('a/x')).toThrow(
      'cypher/a/x.cypher: the header names the parameters [a], the text uses [a,b].',
    );
  });

  test('a placeholder for which nothing stands is told with the file', () => {
    const loaded = load({ x: `${HEADER}MATCH (n:{{lable}}) RETURN n` });
    expect(() => loaded.get('x')).toThrow('cypher/x.cypher: nothing stands for {{lable}}.');
  });

  test('variants that nobody defined are told with the file', () => {
    expect(() => load({ x: `// variants: colour\n${HEADER}RETURN 1` })).toThrow(
      "cypher/x.cypher: there are no variants 'colour'.",
    );
  });

  test('only what the variants of a template list has a statement: nothing else is ever filled in', () => {
    const loaded = load({
      x: `// variants: order\n${HEADER}RETURN 1 AS n ORDER BY n{{descending}}`,
    });
    expect(loaded.names).toEqual(['x/asc', 'x/desc']);
    expect(loaded.get('x', 'desc').text).toBe('RETURN 1 AS n ORDER BY n DESC');
    for (const other of ['x', 'x/DESC', 'x/asc; MATCH (n) DETACH DELETE n', 'constructor']) {
      expect(() => loaded.get(other)).toThrow(`There is no statement ${other} in cypher/.`);
    }
  });

  test('a partial is not a statement', () => {
    const loaded = load({ 'partials/one': '// the number\n1', x: `${HEADER}RETURN {{one}}` });
    expect(loaded.names).toEqual(['x']);
    expect(loaded.get('x').text).toBe('RETURN 1');
  });
});

test('a file without a header is refused', () => {
  expect(() => parseStatement('x', 'RETURN 1')).toThrow(/must have 'params:' and 'returns:'/);
});

test('a line of the header goes on in the next one', () => {
  const { purpose } = parseStatement(
    'x',
    '// purpose: a\n//   b\n// params: -\n// returns: -\nRETURN 1',
  );
  expect(purpose).toBe('a b');
});

function filesBelow(folder: string): string[] {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((path) => path.endsWith('.cypher'))
    .map((path) => path.replaceAll('\\', '/').slice(0, -'.cypher'.length))
    .sort();
}
