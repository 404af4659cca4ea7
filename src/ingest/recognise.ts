import { vocabularyOf } from '../foreign/foreign.ts';
import { readGitJsonLine, repositoryOfFile } from '../foreign/git/json-lines.ts';
import { recogniseGithubWebhook } from '../foreign/github/recognition.ts';
import { mapGithubWebhook } from '../foreign/github/webhook.ts';
import { gitlabKindOf, mapGitlabWebhook } from '../foreign/gitlab/webhook.ts';
import { isObject, parseJson, tryParseJson, unsupported } from '../documents/json.ts';
import { isWrapper, splitDocument } from '../documents/split.ts';
import { isNotation, readText } from '../documents/text.ts';
import { createWarnings } from '../documents/warnings.ts';
import { StemmaError, messageOf } from '../errors.ts';
import type { Envelope } from '../model/event.ts';
import { documentPieces } from './documents.ts';
import { eventPiece, type Piece, type RecogniseOptions } from './piece.ts';

/** Where a value stands: its file's name (never what decides what it is), and its line. */
export type Place = { readonly name: string | null; readonly line: number | null };

/**
 * What a text holds, told by its content: documents, events, JSON lines of either. What is wrong with a part of it becomes a
 * problem beside the others; a text that is none of these as a whole becomes one problem. Never throws.
 */
export async function* recogniseText(
  text: string,
  name: string | null,
  options: RecogniseOptions,
): AsyncGenerator<Piece> {
  if (text.trim() === '') {
    yield problem(null, null, 'is empty');
    return;
  }
  for (const part of splitDocument(text)) {
    const line = /^line (\d+)/.exec(part.where)?.[1];
    const place = { name, line: line === undefined ? null : Number(line) };
    const inside = part.where.replace(/^line \d+(?:, )?/, '');
    yield* recognisePart(part.text, place, options, inside);
  }
}

/** One line of a JSON lines text, or one part of a document; `inside` is where in it. Never throws. */
export async function* recognisePart(
  text: string,
  place: Place,
  options: RecogniseOptions,
  inside = '',
): AsyncGenerator<Piece> {
  try {
    const value = tryParseJson(text);
    if (value !== undefined) yield* recogniseValue(value, text, place, options);
    else if (isNotation(text)) yield* recogniseNotation(text, place, options);
    else throw brokenText(text, place.line);
  } catch (error) {
    const reason = `${inside === '' ? '' : `${inside}: `}${reasonOf(error)}`;
    const isPart = inside !== '' || place.line !== null;
    const kind = isPart && isOfAnotherKind(error) ? 'skipped' : 'problem';
    yield { kind, format: null, line: place.line, reason };
  }
}

/** What a text is as events, such as `3 events of github`; null where it is none, or cannot be read. */
export async function eventsIn(text: string): Promise<string | null> {
  const options = { repository: null, githubEvent: null, source: '', maxDocumentBytes: 0 };
  const place = { name: null, line: null };
  const pieces = await Array.fromAsync(recognisePart(text, place, options));
  const formats = pieces.map((piece) => (piece.kind === 'event' ? piece.format : null));
  const [format] = formats;
  if (format === undefined || format === null || formats.includes(null)) return null;
  return pieces.length === 1 ? `an event of ${format}` : `${pieces.length} events of ${format}`;
}

/** What is in order and of a format that is not read: whoever bundles documents may add what not every reader knows. */
function isOfAnotherKind(error: unknown): boolean {
  return error instanceof StemmaError && error.code === 'DOCUMENT_UNSUPPORTED';
}

async function* recogniseValue(
  value: unknown,
  text: string,
  place: Place,
  options: RecogniseOptions,
): AsyncGenerator<Piece> {
  if (Array.isArray(value)) {
    if (value.length === 0) throw unsupported('The list is empty.');
    for (const [index, element] of value.entries()) {
      yield* recogniseElement(element, index, place, options);
    }
    return;
  }
  if (isWrapper(value)) {
    for (const part of splitDocument(text)) {
      yield* recognisePart(part.text, place, options, part.where);
    }
    return;
  }
  const { line } = place;
  if (isObject(value) && String(value['$schema']).includes('json-schema.org')) {
    throw unsupported('This is a JSON Schema, not a document.');
  }
  const events = eventsOf(value, place, options);
  if (events === null) {
    yield* await documentPieces(text, { ...options, ...place });
  } else if ('raw' in events) {
    const raw = text.replace(/^\uFEFF/, '');
    yield { kind: 'event', format: events.format, raw, line, isDocument: false, warnings: [] };
  } else {
    for (const envelope of events.envelopes) yield eventPiece(events.format, envelope, line);
  }
}

/** A document that is not in JSON, or a list of such; events are in JSON. */
async function* recogniseNotation(
  text: string,
  place: Place,
  options: RecogniseOptions,
): AsyncGenerator<Piece> {
  const value = readText(text, createWarnings());
  if (Array.isArray(value)) yield* recogniseValue(value, text, place, options);
  else yield* await documentPieces(text, { ...options, ...place });
}

async function* recogniseElement(
  element: unknown,
  index: number,
  place: Place,
  options: RecogniseOptions,
): AsyncGenerator<Piece> {
  yield* recognisePart(JSON.stringify(element), place, options, `${index}`);
}

type Events =
  | { readonly format: string; readonly raw: true }
  | { readonly format: string; readonly envelopes: readonly Envelope[] };

/** The events of a value; null where it is none. An event of ours goes as it is. */
function eventsOf(value: unknown, { name }: Place, options: RecogniseOptions): Events | null {
  if (options.githubEvent !== null) {
    return { format: 'github', envelopes: mapGithubWebhook(value, options.githubEvent) };
  }
  if (!isObject(value)) return null;
  const vocabulary = vocabularyOf(value);
  if (vocabulary !== null) return { format: vocabulary.name, envelopes: vocabulary.map(value) };
  if (typeof value['specversion'] === 'string' && 'type' in value) {
    return { format: 'cloudevents', raw: true };
  }
  if (isGitLine(value)) {
    const repository = options.repository ?? repositoryOfFile(name ?? '');
    if (repository === null) throw repositoryMissing();
    return { format: 'git-history', envelopes: [readGitJsonLine(value, repository)] };
  }
  if (gitlabKindOf(value) !== null) return { format: 'gitlab', envelopes: mapGitlabWebhook(value) };
  if (recogniseGithubWebhook(value) === null) return null;
  return { format: 'github', envelopes: mapGithubWebhook(value) };
}

function isGitLine(value: Readonly<Record<string, unknown>>): boolean {
  const isCommit = typeof value['sha'] === 'string' && Array.isArray(value['parents']);
  const isRef = typeof value['ref'] === 'string' && 'object' in value && 'peeled' in value;
  return (isCommit && 'committed_at' in value) || isRef;
}

function repositoryMissing(): StemmaError {
  return new StemmaError(
    'BAD_USER_INPUT',
    'This is an exported git history, which does not say of which repository: give --repository <url>.',
  );
}

/** Why a text that is not JSON is not taken. */
function brokenText(text: string, line: number | null): StemmaError {
  const start = text.replace(/^\uFEFF/, '').trimStart();
  try {
    if (line !== null) parseJson(text, 'The line');
    if (/^[{[]/.test(start)) parseJson(text);
  } catch (error) {
    if (error instanceof StemmaError) return error;
  }
  return unsupported(
    'This is not a provenance document: it is neither JSON nor JSON lines, nor YAML, SPDX tag-value or CycloneDX XML.',
  );
}

/** A sentence, on one line. */
export function reasonOf(error: unknown): string {
  const text = error instanceof RangeError ? 'The JSON is nested too deeply.' : messageOf(error);
  return text.replace(/\s+/g, ' ').slice(0, 600);
}

function problem(format: string | null, line: number | null, reason: string): Piece {
  return { kind: 'problem', format, line, reason };
}
