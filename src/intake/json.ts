import { createScanner, type JSONScanner } from 'jsonc-parser';
import type { StemmaError } from '../errors.ts';
import {
  jsonProblem,
  MAX_JSON_DEPTH,
  numberProblem,
  pathPart,
  stringProblem,
  tooDeep,
  tooMany,
  type JsonReason,
} from '../model/json-problem.ts';

export type JsonLimits = {
  /** Deepest nesting; {@link MAX_JSON_DEPTH} unless given. */
  readonly maxDepth?: number;
  /**
   * True: what is wrong inside one element of a top-level array is reported with that element instead of refusing its
   * neighbours. Broken syntax and too deep nesting refuse the whole text all the same.
   */
  readonly perElement?: boolean;
  /** Most elements of a top-level array; PAYLOAD_TOO_LARGE beyond. */
  readonly maxElements?: number;
};

/** One element of a top-level array: its text is `text.slice(start, end)`. */
export type JsonElement = {
  readonly start: number;
  readonly end: number;
  readonly problem: StemmaError | null;
};

export type StrictJson = {
  readonly value: unknown;
  /** The elements of a top-level array; null for anything else. */
  readonly elements: readonly JsonElement[] | null;
};

/**
 * Parses JSON that every reader understands in the same way: no duplicate or prototype keys, comments, NaN, integers beyond
 * 2^53-1, lone surrogates or NUL, and no deep nesting. One linear pass over tokens that never recurses, then JSON.parse.
 *
 * @throws StemmaError BAD_USER_INPUT with `details.reason`, `path` and `offset`, or PAYLOAD_TOO_DEEP
 */
export function parseStrictJson(text: string, limits: JsonLimits = {}): StrictJson {
  const scan = new Scan(text, limits);
  const elements = scan.run();
  try {
    return { value: JSON.parse(text), elements };
  } catch {
    throw jsonProblem('JSON_SYNTAX', '', null); // not reached in fuzzing; JSON.parse has the last word all the same
  }
}

// jsonc-parser's SyntaxKind is a const enum, which isolated modules cannot import
const OPEN_BRACE = 1;
const CLOSE_BRACE = 2;
const OPEN_BRACKET = 3;
const CLOSE_BRACKET = 4;
const COMMA = 5;
const COLON = 6;
const NULL = 7;
const TRUE = 8;
const FALSE = 9;
const STRING = 10;
const NUMBER = 11;
const LINE_COMMENT = 12;
const BLOCK_COMMENT = 13;
const LINE_BREAK = 14;
const TRIVIA = 15;
const END = 17;

/** What may come next. */
type Expected =
  'value' | 'value or close' | 'key' | 'key or close' | 'colon' | 'comma or close' | 'end';

/** Keys of one object that are looked up one by one before a set is worth its cost. */
const FEW_KEYS = 8;

type Frame = {
  array: boolean;
  index: number;
  key: string;
  readonly keys: string[];
  set: Set<string> | null;
};

/** The state of one pass. Frames are kept and used again, so that a pass allocates little but the keys. */
class Scan {
  readonly #text: string;
  readonly #scanner: JSONScanner;
  readonly #maxDepth: number;
  readonly #perElement: boolean;
  readonly #maxElements: number;
  readonly #wellFormed: boolean;
  readonly #frames: Frame[] = [];
  #depth = 0;
  #elements: JsonElement[] | null = null;
  #elementStart = 0;
  #elementProblem: StemmaError | null = null;

  constructor(text: string, limits: JsonLimits) {
    this.#text = text;
    this.#scanner = createScanner(text, false);
    this.#maxDepth = limits.maxDepth ?? MAX_JSON_DEPTH;
    this.#perElement = limits.perElement ?? false;
    this.#maxElements = limits.maxElements ?? Infinity;
    this.#wellFormed = text.isWellFormed();
  }

  run(): JsonElement[] | null {
    const scanner = this.#scanner;
    let expected: Expected = 'value';
    for (;;) {
      const token: number = scanner.scan();
      if (token === TRIVIA || token === LINE_BREAK) continue;
      if (token === END && expected === 'end') return this.#elements;
      expected = this.#step(token, expected);
    }
  }

  #step(token: number, expected: Expected): Expected {
    switch (expected) {
      case 'value':
        return this.#value(token);
      case 'value or close':
        return token === CLOSE_BRACKET ? this.#close() : this.#value(token);
      case 'key or close':
        return token === CLOSE_BRACE ? this.#close() : this.#key(token);
      case 'key':
        return this.#key(token);
      case 'colon':
        if (token !== COLON) throw this.#unexpected(token);
        return 'value';
      case 'comma or close': {
        const frame = this.#frame();
        if (token === COMMA) {
          if (!frame.array) return 'key';
          frame.index += 1;
          return 'value';
        }
        if (token !== (frame.array ? CLOSE_BRACKET : CLOSE_BRACE)) throw this.#unexpected(token);
        return this.#close();
      }
      case 'end':
        throw this.#unexpected(token);
    }
  }

  #value(token: number): Expected {
    if (this.#depth === 1 && this.#elements !== null)
      this.#elementStart = this.#scanner.getTokenOffset();
    switch (token) {
      case OPEN_BRACE:
        this.#open(false);
        return 'key or close';
      case OPEN_BRACKET:
        this.#open(true);
        return 'value or close';
      case STRING:
        this.#checkString();
        return this.#afterValue();
      case NUMBER:
        this.#checkNumber();
        return this.#afterValue();
      case NULL:
      case TRUE:
      case FALSE:
        return this.#afterValue();
      default:
        throw this.#unexpected(token);
    }
  }

  #open(array: boolean): void {
    if (this.#depth >= this.#maxDepth) {
      throw tooDeep(this.#maxDepth, this.#path(), this.#scanner.getTokenOffset());
    }
    if (this.#depth === 0 && array) this.#elements = [];
    const frame = (this.#frames[this.#depth] ??= { array, index: 0, key: '', keys: [], set: null });
    frame.array = array;
    frame.index = 0;
    frame.key = '';
    frame.keys.length = 0;
    frame.set = null;
    this.#depth += 1;
  }

  #close(): Expected {
    this.#depth -= 1;
    return this.#afterValue();
  }

  #afterValue(): Expected {
    if (this.#depth === 0) return 'end';
    if (this.#depth === 1 && this.#elements !== null) {
      const end = this.#scanner.getTokenOffset() + this.#scanner.getTokenLength();
      if (this.#elements.length >= this.#maxElements) throw tooMany(this.#maxElements);
      this.#elements.push({ start: this.#elementStart, end, problem: this.#elementProblem });
      this.#elementProblem = null;
    }
    return 'comma or close';
  }

  #key(token: number): Expected {
    if (token !== STRING) throw this.#unexpected(token);
    const frame = this.#frame();
    const key = this.#scanner.getTokenValue();
    frame.key = key;
    this.#checkString();
    if (key === '__proto__' || (key === 'prototype' && this.#isInConstructor())) {
      this.#refuse('JSON_FORBIDDEN_KEY');
    }
    if (!addKey(frame, key)) this.#refuse('JSON_DUPLICATE_KEY');
    return 'colon';
  }

  #isInConstructor(): boolean {
    const parent = this.#depth < 2 ? undefined : this.#frames[this.#depth - 2];
    return parent !== undefined && !parent.array && parent.key === 'constructor';
  }

  #checkString(): void {
    const scanner = this.#scanner;
    const value = scanner.getTokenValue();
    if ((scanner.getTokenError() as number) !== 0) throw this.#unexpected(STRING);
    // without escapes in a well-formed text there is nothing that could be wrong
    if (this.#wellFormed && value.length === scanner.getTokenLength() - 2) return;
    const reason = stringProblem(value);
    if (reason !== null) this.#refuse(reason);
  }

  #checkNumber(): void {
    const written = this.#scanner.getTokenValue();
    if ((this.#scanner.getTokenError() as number) !== 0) throw this.#unexpected(NUMBER);
    const value = Number(written);
    if (value <= Number.MAX_SAFE_INTEGER && value >= -Number.MAX_SAFE_INTEGER) return;
    const reason = numberProblem(value, /^-?\d+$/.test(written));
    if (reason !== null) this.#refuse(reason);
  }

  /** Refuses the text, or only the element of the top-level array that the scanner is in. */
  #refuse(reason: JsonReason): void {
    if (!this.#perElement || this.#elements === null) throw this.#problem(reason);
    this.#elementProblem ??= this.#problem(reason); // only the first: building an error costs more than scanning
  }

  #unexpected(token: number): StemmaError {
    const offset = this.#scanner.getTokenOffset();
    if (token === LINE_COMMENT || token === BLOCK_COMMENT) return this.#problem('JSON_COMMENT');
    const length = this.#scanner.getTokenLength();
    if (this.#text.slice(offset, offset + length).includes('\0')) return this.#problem('JSON_NUL');
    if (/^[+-]?(?:NaN|Infinity)/.test(this.#text.slice(offset, offset + 9)))
      return this.#problem('JSON_NOT_FINITE');
    return this.#problem('JSON_SYNTAX');
  }

  #problem(reason: JsonReason): StemmaError {
    return jsonProblem(reason, this.#path(), this.#scanner.getTokenOffset());
  }

  #path(): string {
    // inside one element of a list the path begins at that element
    const from = this.#perElement && this.#elements !== null ? 1 : 0;
    return this.#frames
      .slice(from, this.#depth)
      .map((frame) => pathPart(frame.array ? frame.index : frame.key))
      .join('.');
  }

  #frame(): Frame {
    const frame = this.#frames[this.#depth - 1];
    if (frame === undefined)
      throw new RangeError('a closing bracket is only expected inside an open one');
    return frame;
  }
}

/** False where the object already has the key. */
function addKey(frame: Frame, key: string): boolean {
  if (frame.set === null) {
    if (frame.keys.includes(key)) return false;
    frame.keys.push(key);
    if (frame.keys.length > FEW_KEYS) frame.set = new Set(frame.keys);
    return true;
  }
  if (frame.set.has(key)) return false;
  frame.set.add(key);
  return true;
}
