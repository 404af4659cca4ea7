import type { Receipt } from '../model/receipt.ts';
import type { Piece } from './piece.ts';

export type IngestError = { readonly line: number | null; readonly reason: string };

/** What became of one file. */
export type FileReport = {
  readonly file: string;
  /** What its content is; null where nothing that is read. */
  readonly format: string | null;
  /** `accepted` where something of it is on the bus (with `wait`: applied), even if a part was refused. */
  readonly outcome: 'accepted' | 'refused';
  /** Events of it that are on the bus. */
  readonly events: number;
  readonly reason: string | null;
  /** The parts that were refused, where others were taken or there are several; at most 100. */
  readonly errors?: readonly IngestError[];
};

export type IngestReport = {
  readonly accepted: number;
  readonly refused: number;
  readonly events: number;
  readonly files: readonly FileReport[];
};

const MAX_ERRORS = 100;

/** Follows one file until everything of it is settled. */
export type FileTracker = {
  problem(line: number | null, reason: string, format?: string | null): void;
  /** An event of the file is on its way. */
  sent(format: string): void;
  settled(piece: Extract<Piece, { kind: 'event' }>, receipt: Receipt): void;
  /** Nothing more comes. `whyEmpty` says why there may be nothing at all, where that is no fault. */
  close(whyEmpty?: string | null): void;
};

/** @param done called once, when the file is closed and each of its events is settled */
export function createTracker(file: string, done: (report: FileReport) => void): FileTracker {
  const formats = new Set<string>();
  const errors: IngestError[] = [];
  let refused = 0;
  let events = 0;
  let pending = 0;
  let note: string | null = null;
  let whyEmpty: string | null = null;
  let isClosed = false;

  const refuse = (line: number | null, reason: string): void => {
    refused += 1;
    if (errors.length < MAX_ERRORS) errors.push({ line, reason });
  };
  const finish = (): void => {
    if (!isClosed || pending > 0) return;
    const isEmpty = events === 0 && refused === 0;
    const isAccepted = events > 0 || (isEmpty && whyEmpty !== null);
    done({
      file,
      format: formats.size > 1 ? 'mixed' : ([...formats][0] ?? null),
      outcome: isAccepted ? 'accepted' : 'refused',
      events,
      reason: isEmpty
        ? (whyEmpty ?? 'holds no event')
        : (reasonOf(errors, refused, events) ?? note),
      ...(refused > 0 && (events > 0 || refused > 1) ? { errors } : {}),
    });
  };

  return {
    problem(line, reason, format = null) {
      if (format !== null) formats.add(format);
      refuse(line, reason);
    },
    sent(format) {
      formats.add(format);
      pending += 1;
    },
    settled({ isDocument, line }, receipt) {
      pending -= 1;
      if (isTaken(receipt)) events += 1;
      else if (isDocument && receipt.error?.code === 'IDEMPOTENCY_CONFLICT') {
        // the id is the digest of its bytes: what differs can only be its name
        events += 1;
        note = 'the same document was submitted before, under another name';
      } else refuse(line, receipt.error?.message ?? `was ${receipt.status.toLowerCase()}`);
      finish();
    },
    close(text = null) {
      isClosed = true;
      whyEmpty = text;
      finish();
    },
  };
}

export function toReport(files: readonly FileReport[]): IngestReport {
  const accepted = files.filter(({ outcome }) => outcome === 'accepted').length;
  return {
    accepted,
    refused: files.length - accepted,
    events: files.reduce((sum, { events }) => sum + events, 0),
    files,
  };
}

/** Whether anything at all was refused: a file, or a part of one. */
export function hasRefusals({ files }: IngestReport): boolean {
  return files.some(({ outcome, errors }) => outcome === 'refused' || errors !== undefined);
}

function isTaken({ status }: Receipt): boolean {
  return status === 'ACCEPTED' || status === 'APPLIED' || status === 'DUPLICATE';
}

function reasonOf(errors: readonly IngestError[], refused: number, events: number): string | null {
  const [first] = errors;
  if (first === undefined) return null;
  const lines = errors.flatMap(({ line }) => line ?? []);
  if (events === 0 && refused === 1) return first.reason;
  const where =
    lines.length === 0
      ? ''
      : ` (${lines.length === 1 ? 'line' : 'lines'} ${listOf(lines, refused)})`;
  const count = events === 0 ? `all ${refused} parts` : `${refused} of ${refused + events} parts`;
  return `${count} were refused${where}: ${first.reason}`;
}

function listOf(lines: readonly number[], refused: number): string {
  const shown = [...new Set(lines)].slice(0, 5).join(', ');
  return refused > 5 ? `${shown}, …` : shown;
}
