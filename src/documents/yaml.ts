import {
  Composer,
  isNode,
  isScalar,
  Lexer,
  LineCounter,
  Parser,
  visit,
  type CST,
  type ScalarTag,
} from 'yaml';
import { clip, malformed, unsupported } from './json.ts';

/** Bytes of the largest YAML text: reading it takes some hundred times as long as JSON, about five seconds for the worst of them. */
const MAX_YAML_BYTES = 1024 * 1024;
/** Mappings, lists and their entries that may be open at one place; no format of documents comes near it. */
const MAX_OPEN = 400;
/** Times that an alias may stand for what it repeats, counting what is repeated within it. */
const MAX_ALIASES = 100;

/**
 * A whole number that keeps its digits. Any other number stays the text that it is: `1.10` is a version and not 1.1, `2024-01-01` is not
 * read as a date either.
 */
const wholeNumber: ScalarTag = {
  tag: 'tag:yaml.org,2002:int',
  default: true,
  test: /^-?(?:0|[1-9]\d{0,14})$/,
  resolve: (text: string) => Number(text),
};

/** The beginning of a mapping or a list, after comments and what begins a document. */
const BEGINNING =
  /^\uFEFF?(?:[ \t]*(?:#[^\n]*)?\r?\n|%[^\n]*\n|---[ \t]*(?:#[^\n]*)?\r?\n)*(?:- |(?:"[^"\n]*"|'[^'\n]*'|[\w@$][\w@$./-]*)[ \t]*:(?:[ \t\r\n]|$))/;

/** Whether a text that is not JSON looks like a mapping or a list in YAML. */
export function isYaml(text: string): boolean {
  return BEGINNING.test(text);
}

/**
 * The value of a YAML 1.2 text, as JSON has it.
 *
 * @throws StemmaError DOCUMENT_MALFORMED naming the line, DOCUMENT_UNSUPPORTED where it is more than is read
 * @see https://yaml.org/spec/1.2.2/
 */
export function parseYaml(text: string): unknown {
  const size = Buffer.byteLength(text);
  if (size > MAX_YAML_BYTES) {
    throw unsupported(
      `The YAML text has ${size} bytes; at most ${MAX_YAML_BYTES} are read: submit the document in JSON.`,
    );
  }
  const lines = new LineCounter();
  const [document, ...others] = new Composer({
    ...{ schema: 'failsafe', customTags: ['null', 'bool', wholeNumber], logLevel: 'error' },
    // it compares each key with each other one
    uniqueKeys: false,
    lineCounter: lines,
  }).compose(tokensOf(text, lines), true, text.length);
  if (document === undefined) return null;
  if (others.length > 0) {
    throw unsupported(`The YAML text holds ${others.length + 1} documents: submit each by itself.`);
  }
  const [error] = document.errors;
  if (error !== undefined) throw notYaml(error.message, lines.linePos(error.pos[0]).line);
  visit(document, {
    Map(_key, { items }) {
      const keys = new Set<string>();
      for (const { key } of items) {
        const name = isScalar(key) ? String(key.value) : null;
        const { line } = lines.linePos(isNode(key) ? (key.range?.[0] ?? 0) : 0);
        if (name === null) throw notYaml('A key must be a text', line);
        if (keys.has(name)) throw notYaml(`The key '${clip(name, 80)}' is there twice`, line);
        keys.add(name);
      }
    },
  });
  try {
    return document.toJS({ maxAliasCount: MAX_ALIASES });
  } catch (cause) {
    if (!(cause instanceof ReferenceError)) throw cause;
    throw malformed('The YAML text repeats itself by aliases more often than is read.', '', cause);
  }
}

/** The tokens of a text that is not nested too deeply: what reads them further does so level by level. */
function* tokensOf(text: string, lines: LineCounter): Generator<CST.Token, void, undefined> {
  lines.addNewLine(0);
  const parser = new Parser((offset) => lines.addNewLine(offset));
  for (const lexeme of new Lexer().lex(text)) {
    yield* parser.next(lexeme);
    if (parser.stack.length > MAX_OPEN) throw malformed('The YAML text is nested too deeply.');
  }
  yield* parser.end();
}

function notYaml(what: string, line: number): Error {
  return malformed(`The document is not YAML: ${what.replace(/[.:]?$/, '')} (line ${line}).`);
}
