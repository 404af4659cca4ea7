import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { parseStrictJson } from '../../../src/intake/json.ts';
import { checkValue } from '../../../src/model/json-value.ts';
import { StemmaError } from '../../../src/errors.ts';

function refusalOf(text: string): StemmaError {
  try {
    parseStrictJson(text);
  } catch (error) {
    if (error instanceof StemmaError) return error;
    throw error;
  }
  throw new Error(`accepted: ${text.slice(0, 100)}`);
}

describe('parseStrictJson', () => {
  test.each([
    ['JSON_DUPLICATE_KEY', '{"a":1,"b":{"c":1,"c":2}}', 'b.c'],
    ['JSON_DUPLICATE_KEY', '{"a":1,"\\u0061":2}', 'a'],
    [
      'JSON_DUPLICATE_KEY',
      `{${Array.from({ length: 50 }, (_, n) => `"k${n}":0`).join()},"k7":1}`,
      'k7',
    ],
    ['JSON_FORBIDDEN_KEY', '{"__proto__":{"polluted":true}}', '__proto__'],
    ['JSON_FORBIDDEN_KEY', '{"data":{"\\u005f_proto__":1}}', 'data.__proto__'],
    ['JSON_FORBIDDEN_KEY', '{"constructor":{"prototype":{"polluted":1}}}', 'constructor.prototype'],
    ['JSON_NOT_FINITE', '{"a":NaN}', 'a'],
    ['JSON_NOT_FINITE', '[1,-Infinity]', '1'],
    ['JSON_NOT_FINITE', '{"a":1e999}', 'a'],
    ['JSON_NUMBER_UNSAFE', '{"size":9007199254740993}', 'size'],
    ['JSON_NUMBER_UNSAFE', '[-9007199254740992]', '0'],
    ['JSON_NUMBER_UNSAFE', '[9007199254740993.0]', '0'],
    ['JSON_NUMBER_UNSAFE', '{"n":123456789012345678901234567890}', 'n'],
    ['JSON_LONE_SURROGATE', '{"name":"\\ud800x"}', 'name'],
    ['JSON_LONE_SURROGATE', '{"name":"\ud800x"}', 'name'],
    ['JSON_LONE_SURROGATE', '{"\\udc00":1}', '\ufffd'],
    ['JSON_NUL', '{"name":"a\\u0000b"}', 'name'],
    ['JSON_NUL', '{"name":"a\0b"}', 'name'],
    ['JSON_COMMENT', '{"a":1 /* x */}', 'a'],
    ['JSON_COMMENT', '// x\n1', ''],
    ['JSON_SYNTAX', '', ''],
    ['JSON_SYNTAX', '{"a":1,}', 'a'],
    ['JSON_SYNTAX', '[1,]', '1'],
    ['JSON_SYNTAX', '[1}', '0'],
    ['JSON_SYNTAX', '{"a":01}', 'a'],
    ['JSON_SYNTAX', '"a\nb"', ''],
    ['JSON_SYNTAX', '"open', ''],
    ['JSON_SYNTAX', '1 2', ''],
    ['JSON_SYNTAX', "{'a':1}", ''],
    ['JSON_SYNTAX', '{"a" 1}', 'a'],
    ['JSON_SYNTAX', '[undefined]', '0'],
  ])('F31 S25 refuses %s: %s', (reason, text, path) => {
    const error = refusalOf(text);
    expect({
      code: error.code,
      reason: error.details['reason'],
      path: error.details['path'],
    }).toEqual({
      code: 'BAD_USER_INPUT',
      reason,
      path,
    });
    expect(typeof error.details['offset']).toBe('number');
    expect(({} as { polluted?: unknown }).polluted).toBeUndefined();
  });

  test.each([
    ['9007199254740991', 9007199254740991],
    ['-9007199254740991', -9007199254740991],
    ['1.7976931348623157e308', Number.MAX_VALUE],
    ['0.1', 0.1],
    ['{"constructor":1,"prototype":2}', { constructor: 1, prototype: 2 }],
    ['"\\ud83d\\ude00"', '😀'],
    ['[{"a":1},{"a":1}]', [{ a: 1 }, { a: 1 }]],
  ])('F31 accepts %s', (text, value) => {
    expect(parseStrictJson(text).value).toEqual(value);
  });

  test.each(['[', '{"a":'])('F30 S24 refuses 100,000 levels of %s without recursion', (open) => {
    const error = refusalOf(open.repeat(100_000));
    expect(error.code).toBe('PAYLOAD_TOO_DEEP');
    expect(error.details['limit']).toBe(64);
  });

  test('F30 accepts 64 levels and refuses 65', () => {
    expect(() => parseStrictJson('['.repeat(64) + ']'.repeat(64))).not.toThrow();
    expect(refusalOf('['.repeat(65) + ']'.repeat(65)).code).toBe('PAYLOAD_TOO_DEEP');
  });

  test('gives the place of each element of a list, byte for byte', () => {
    const text = ' [ {"b": 1,\n"a":2} , "x",3 , [ 4 ] ] ';
    const { elements } = parseStrictJson(text);
    expect(elements?.map(({ start, end }) => text.slice(start, end))).toEqual([
      '{"b": 1,\n"a":2}',
      '"x"',
      '3',
      '[ 4 ]',
    ]);
    expect(parseStrictJson('{"a":[1]}').elements).toBeNull();
    expect(parseStrictJson('[]').elements).toEqual([]);
  });

  test('with perElement, a bad element does not refuse its neighbours', () => {
    const { elements } = parseStrictJson('[{"a":1},{"a":{"b":1,"b":2}},{"a":3}]', {
      perElement: true,
    });
    expect(elements?.map(({ problem }) => problem?.details['reason'] ?? null)).toEqual([
      null,
      'JSON_DUPLICATE_KEY',
      null,
    ]);
    expect(elements?.[1]?.problem?.details['path']).toBe('a.b');
  });

  test('stops at the allowed number of elements', () => {
    expect(() => parseStrictJson('[1,2,3]', { maxElements: 3 })).not.toThrow();
    expect(() => parseStrictJson('[1,2,3,4]', { maxElements: 3 })).toThrow(
      expect.objectContaining({ code: 'PAYLOAD_TOO_LARGE' }),
    );
  });

  test('agrees with JSON.parse on any JSON, pretty or not', () => {
    fc.assert(
      fc.property(fc.json({ maxDepth: 8 }), fc.constantFrom(0, 2, '\t'), (json, indent) => {
        const text = JSON.stringify(JSON.parse(json), null, indent);
        let strict: unknown;
        try {
          strict = parseStrictJson(text).value;
        } catch (error) {
          // what it refuses, it refuses for one of its reasons, and checkValue agrees
          expect(error).toBeInstanceOf(StemmaError);
          expect(() => {
            checkValue(JSON.parse(text));
          }).toThrow(StemmaError);
          return;
        }
        expect(strict).toEqual(JSON.parse(text));
      }),
      { numRuns: 500 },
    );
  });

  test('throws nothing but StemmaError, whatever the text', () => {
    const piece = fc.oneof(
      fc.constantFrom(
        '{',
        '}',
        '[',
        ']',
        ',',
        ':',
        '"',
        '\\',
        '\\u',
        'd800',
        '0',
        '-',
        '1e9',
        'true',
        'NaN',
        '/*',
        '//',
        '\0',
        ' ',
        '"a"',
      ),
      fc.string({ unit: 'binary', maxLength: 5 }),
    );
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 30 }), (pieces) => {
        const text = pieces.join('');
        let mine: unknown = null;
        try {
          parseStrictJson(text);
        } catch (error) {
          mine = error;
        }
        if (mine === null) expect(() => JSON.parse(text) as unknown).not.toThrow();
        else expect(mine).toBeInstanceOf(StemmaError);
      }),
      { numRuns: 3_000 },
    );
  });
});

describe('checkValue', () => {
  const cyclic: Record<string, unknown> = {};
  cyclic['self'] = cyclic;
  let deep: unknown = 1;
  for (let level = 0; level < 100_000; level += 1) deep = [deep];

  test.each<[string, unknown, string]>([
    ['JSON_FORBIDDEN_KEY', JSON.parse('{"a":{"__proto__":{"polluted":1}}}'), 'a.__proto__'],
    ['JSON_FORBIDDEN_KEY', { constructor: { prototype: {} } }, 'constructor.prototype'],
    ['JSON_NOT_FINITE', { a: [NaN] }, 'a.0'],
    ['JSON_NUMBER_UNSAFE', { a: 2 ** 53 }, 'a'],
    ['JSON_LONE_SURROGATE', ['\ud800'], '0'],
    ['JSON_NUL', { a: '\0' }, 'a'],
    ['JSON_VALUE', { a: undefined }, 'a'],
    ['JSON_VALUE', { a: 1n }, 'a'],
  ])('F31 S25 refuses %s', (reason, value, path) => {
    expect(() => {
      checkValue(value);
    }).toThrow(
      expect.objectContaining({
        code: 'BAD_USER_INPUT',
        details: expect.objectContaining({ reason, path }),
      }),
    );
  });

  test.each([
    ['100,000 levels', deep],
    ['a cycle', cyclic],
  ])('S24 F30 refuses %s', (_, value) => {
    expect(() => {
      checkValue(value);
    }).toThrow(expect.objectContaining({ code: 'PAYLOAD_TOO_DEEP' }));
  });

  test('accepts ordinary values', () => {
    expect(() => {
      checkValue({ a: [1, 'x', null, true, { b: 1.5 }], constructor: 'x' });
    }).not.toThrow();
  });
});
