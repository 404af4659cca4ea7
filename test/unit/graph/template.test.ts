import { describe, expect, test } from '@jest/globals';
import { fillTemplate, parsePartial, type Values } from '../../../src/graph/template.ts';

const lists = { labels: ['Build', 'Commit'], none: [] };
const partials = new Map([
  ['held', 'r.n <= $n{{if typed}} AND r.type = {{type}}{{end}}'],
  ['type', 'never'],
]);
const fill = (text: string, values: Values = {}) => fillTemplate(text, { values, lists, partials });

describe('a template', () => {
  test('is filled with values, and with partials, which are filled in turn', () => {
    expect(fill('WHERE {{held}} LIMIT {{most}}', { typed: true, type: 'x', most: 3 })).toBe(
      'WHERE r.n <= $n AND r.type = x LIMIT 3',
    );
  });

  test('has partials about the edge r, or about the edge that it names', () => {
    const values = { typed: false };
    expect(fill('{{held}} OR {{held of other}}', values)).toBe('r.n <= $n OR other.n <= $n');
  });

  test('has parts of a line, and lines, that are only there where a value says so', () => {
    const text = 'a{{if typed}} b{{end}} c\n{{if typed}}\nd\ne\n{{end}}\nf';
    expect(fill(text, { typed: true })).toBe('a b c\nd\ne\nf');
    expect(fill(text, { typed: false })).toBe('a c\nf');
    expect(fill(text, { typed: '' })).toBe('a c\nf');
  });

  test('has a part for every element of a list, with another one between them', () => {
    const text = '{{each label of labels}}\nMATCH (n:{{label}})\n{{between}}\nUNION\n{{end}}\n';
    expect(fill(text)).toBe('MATCH (n:Build)\nUNION\nMATCH (n:Commit)\n');
    expect(fill(text.replace('labels', 'none'))).toBe('');
  });

  test.each([
    ['{{other}}', 'nothing stands for {{other}}'],
    ['{{if other}}x{{end}}', 'nothing stands for {{other}}'],
    ['{{each x of others}}\n{{x}}\n{{between}}\n{{end}}\n', 'there is no list others'],
    ['{{ type }}', 'what begins with {{ is not a placeholder'],
    ['{{if type}} x', 'what begins with {{ is not a placeholder'],
  ])('is refused where it says %j', (text, message) => {
    expect(() => fill(text, { type: 'x' })).toThrow(message);
  });
});

test('the lines of a partial are one line, without what it says about itself', () => {
  expect(parsePartial('// why\na AND\n  b\n')).toBe('a AND b');
});
