import type { Receipt } from '../model/receipt.ts';
import type { Piece } from './piece.ts';

/** Something of a file that is worth telling, and where it was. */
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
  /** Parts of another kind that nothing was expected of, beside those that were taken; the first 100. */
  readonly skipped?: readonly IngestError[];
  /** What of its documents was left out, or read in spite of how it is written; the first 100. */
  readonly warnings?: readonly IngestError[];
  /** How many of these there are, where there is one. */
  readonly counts?: { readonly skipped: number; readonly warnings: number };
};

export type IngestReport = {
  readonly accepted: number;
  readonly refused: number;
  readonly events: number;
  /** Parts that were skipped, in files that were accepted. */
  readonly skipped: number;
  readonly warnings: number;
  readonly files: readonly FileReport[];
};

const MAX_ERRORS = 100;

/** Follows one file until everything of it is settled. */
export type FileTracker = {
  /** A part that makes no event. */
  unread(piece: Exclude<Piece, { kind: 'event' }>): void;
  /** An event of the file is on its way. */
  sent(format: string): void;
  settled(piece: Extract<Piece, { kind: 'event' }>, receipt: Receipt): void;
  /** Nothing more comes. `whyEmpty` says why there may be nothing at all, where that is not a fault. */
  close(whyEmpty?: string | null): void;
};

/** @param done called once, when the file is closed and each of its events is settled */
export function createTracker(file: string, done: (report: FileReport) => void): FileTracker {
  const formats = new Set<string>();
  const errors = createTally();
  const skipped = createTally();
  const warnings = createTally();
  let events = 0;
  let pending = 0;
  let note: string | null = null;
  let whyEmpty: string | null = null;
  let isClosed = false;

  const finish = (): void => {
    if (!isClosed || pending > 0) return;
    const isEmpty = events === 0 && errors.count() + skipped.count() === 0;
    const isAccepted = events > 0 || (isEmpty && whyEmpty !== null);
    // nothing that was expected came of the file: what would be skipped beside something else is all there is
    const refused = isAccepted ? errors : joined(errors, skipped);
    const parts = events + errors.count() + skipped.count();
    done({
      file,
      format: formats.size > 1 ? 'mixed' : ([...formats][0] ?? null),
      outcome: isAccepted ? 'accepted' : 'refused',
      events,
      reason: isEmpty
        ? (whyEmpty ?? 'holds no event')
        : (reasonOf({ refused, skipped, warnings }, parts, isAccepted) ?? note),
      ...(refused.count() > 0 && parts > 1 ? { errors: refused.list() } : {}),
      ...(isAccepted ? toleratedIn(skipped, warnings) : {}),
    });
  };

  return {
    unread({ kind, format, line, reason }) {
      if (format !== null) formats.add(format);
      (kind === 'skipped' ? skipped : errors).add(line, reason);
    },
    sent(format) {
      formats.add(format);
      pending += 1;
    },
    settled({ isDocument, line, warnings: told }, receipt) {
      pending -= 1;
      const all = new Set([...told, ...(receipt.warnings ?? [])]);
      for (const reason of all) warnings.add(line, reason);
      if (isTaken(receipt)) events += 1;
      else if (isDocument && receipt.error?.code === 'IDEMPOTENCY_CONFLICT') {
        // the id is the digest of its bytes: what differs can only be its name
        events += 1;
        note = 'the same document was submitted before, under another name';
      } else errors.add(line, receipt.error?.message ?? `was ${receipt.status.toLowerCase()}`);
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
  const sum = (count: (file: FileReport) => number) =>
    files.reduce((total, file) => total + count(file), 0);
  return {
    accepted,
    refused: files.length - accepted,
    events: sum(({ events }) => events),
    skipped: sum(({ counts }) => counts?.skipped ?? 0),
    warnings: sum(({ counts }) => counts?.warnings ?? 0),
    files,
  };
}

/** Whether anything was refused: a file, or a part of one. What is skipped is not. */
export function hasRefusals({ files }: IngestReport): boolean {
  return files.some(({ outcome, errors }) => outcome === 'refused' || errors !== undefined);
}

/** Whether there is anything at all to complain of, for those who want every byte to be read. */
export function hasComplaints(report: IngestReport): boolean {
  return hasRefusals(report) || report.skipped > 0 || report.warnings > 0;
}

function isTaken({ status }: Receipt): boolean {
  return status === 'ACCEPTED' || status === 'APPLIED' || status === 'DUPLICATE';
}

type Tally = ReturnType<typeof createTally>;

/** Counts everything and keeps the first. */
function createTally() {
  const kept: IngestError[] = [];
  let count = 0;
  return {
    add(line: number | null, reason: string): void {
      count += 1;
      if (kept.length < MAX_ERRORS) kept.push({ line, reason });
    },
    list: (): readonly IngestError[] => kept,
    count: () => count,
  };
}

function toleratedIn(
  skipped: Tally,
  warnings: Tally,
): Pick<FileReport, 'skipped' | 'warnings' | 'counts'> {
  const counts = { skipped: skipped.count(), warnings: warnings.count() };
  return {
    ...(counts.skipped > 0 ? { skipped: skipped.list() } : {}),
    ...(counts.warnings > 0 ? { warnings: warnings.list() } : {}),
    ...(counts.skipped + counts.warnings > 0 ? { counts } : {}),
  };
}

function joined(one: Tally, other: Tally): Pick<Tally, 'list' | 'count'> {
  return {
    list: () => [...one.list(), ...other.list()].slice(0, MAX_ERRORS),
    count: () => one.count() + other.count(),
  };
}

/** The most important thing to tell of a file, in a sentence; null where there is none. */
function reasonOf(
  {
    refused,
    skipped,
    warnings,
  }: Record<'refused' | 'skipped' | 'warnings', Pick<Tally, 'list' | 'count'>>,
  parts: number,
  isAccepted: boolean,
): string | null {
  const [refusal] = refused.list();
  if (refusal !== undefined) {
    if (parts === 1) return refusal.reason;
    const count = isAccepted ? `${refused.count()} of ${parts} parts` : `all ${parts} parts`;
    return `${count} were refused${placesOf(refused)}: ${refusal.reason}`;
  }
  const [other] = skipped.list();
  if (other !== undefined) {
    const were = skipped.count() === 1 ? 'was' : 'were';
    return `${skipped.count()} of ${parts} parts ${were} skipped${placesOf(skipped)}: ${other.reason}`;
  }
  const [warning] = warnings.list();
  if (warning === undefined) return null;
  return warnings.count() === 1
    ? warning.reason
    : `${warnings.count()} warnings: ${warning.reason}`;
}

/** In which lines, where it was in lines. */
function placesOf({ list, count }: Pick<Tally, 'list' | 'count'>): string {
  const lines = [...new Set(list().flatMap(({ line }) => line ?? []))];
  if (lines.length === 0) return '';
  const more = count() > 5 ? ', …' : '';
  return ` (${lines.length === 1 ? 'line' : 'lines'} ${lines.slice(0, 5).join(', ')}${more})`;
}
