import { describe, expect, test } from '@jest/globals';
import { loadStatements, parseStatement } from '../../../src/graph/statement.ts';

describe('statements', () => {
  test('every file of cypher/ names its parameters and what it returns', () => {
    expect(loadStatements().names.length).toBeGreaterThan(100);
  });

  test('a parameter that the header does not name is refused when the file is loaded', () => {
    expect(() => parseStatement('x', '// params: a\n// returns: -\nRETURN $a + $b')).toThrow(
      /header names the parameters \[a\], the text uses \[a,b\]/,
    );
  });

  test('a file without a header is refused', () => {
    expect(() => parseStatement('x', 'RETURN 1')).toThrow(/must have 'params:' and 'returns:'/);
  });

  test('F33 no statement puts text together: labels, types and bounds are literals', () => {
    const statements = loadStatements();
    for (const name of statements.names) {
      expect(statements.get(name).text).not.toMatch(/\$\(|apoc\.|LOAD CSV/i);
    }
  });
});
