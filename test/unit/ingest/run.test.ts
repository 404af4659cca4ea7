import { execFileSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { gzipSync } from 'node:zlib';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { StemmaError } from '../../../src/errors.ts';
import { hasRefusals } from '../../../src/ingest/report.ts';
import { createSender, type EventSink, type SenderOptions } from '../../../src/ingest/sender.ts';
import type { Envelope } from '../../../src/model/event.ts';
import type { Receipt } from '../../../src/model/receipt.ts';
import { FIXTURES, OPTIONS, run } from './ingesting.ts';

const STATEMENT = join(FIXTURES, 'documents/intoto/npm-provenance-v0.2.json');
let dir: string;

beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'stemma-ingest-'));
});
afterEach(() => {
  rmSync(dir, { recursive: true, force: true });
});

function receipt(raw: string, rest: Partial<Receipt> = {}): Receipt {
  const { id, source } = JSON.parse(raw) as Envelope;
  return {
    eventId: id,
    source,
    position: 1,
    status: 'ACCEPTED',
    first: null,
    error: null,
    ...rest,
  };
}

function refusal(
  code: 'IDEMPOTENCY_CONFLICT' | 'EVENT_MALFORMED',
  message: string,
): Partial<Receipt> {
  return {
    status: 'REJECTED',
    position: null,
    error: { code, message, path: '', retryable: false },
  };
}

const takeAll: EventSink = async (events) => events.map((raw) => receipt(raw));
const sender = (sink: EventSink, rest: Partial<SenderOptions> = {}) =>
  createSender({ sink, wait: false, concurrency: 3, ...rest });

const event = (id: string) =>
  JSON.stringify({
    specversion: '1.0',
    id,
    source: 'urn:ci',
    type: 'build.queued',
    data: { build: id },
  });

function lines(count: number): string {
  return Array.from({ length: count }, (_, index) => event(`e${index}`)).join('\n');
}

describe('a directory', () => {
  test('is read recursively, each file with an outcome and a reason', async () => {
    mkdirSync(join(dir, 'inner'));
    cpSync(STATEMENT, join(dir, 'inner', 'no-suffix'));
    writeFileSync(join(dir, 'README.md'), '# text');
    writeFileSync(join(dir, 'a.json'), event('1'));
    writeFileSync(join(dir, 'archive'), gzipSync('{}'));
    writeFileSync(join(dir, 'binary'), Buffer.from([0x7f, 0x45, 0, 1]));
    writeFileSync(join(dir, 'latin1.json'), Buffer.from([0x7b, 0x22, 0xe4, 0x22, 0x7d]));
    writeFileSync(join(dir, 'empty'), '');
    symlinkSync(dir, join(dir, 'loop'));
    symlinkSync(join(dir, 'nowhere'), join(dir, 'broken'));
    const report = await run([dir]);
    const files = Object.fromEntries(
      report.files.map(({ file, outcome, reason }) => [
        file.slice(dir.length + 1),
        `${outcome} ${reason ?? ''}`,
      ]),
    );
    expect(files).toEqual({
      'README.md': expect.stringMatching(/refused .*not a provenance document/),
      'a.json': 'accepted ',
      archive: expect.stringMatching(/refused .*its members are none/),
      binary: expect.stringMatching(/refused .*binary/),
      broken: expect.stringMatching(/refused does not exist/),
      empty: 'refused is empty',
      'inner/no-suffix': 'accepted ',
      'latin1.json': 'refused is not UTF-8 text',
      loop: expect.stringMatching(/refused .*link to a directory/),
    });
    expect(report).toMatchObject({ accepted: 2, refused: 7, events: 2 });
    expect(hasRefusals(report)).toBe(true);
  });

  test('that is a git repository is its history', async () => {
    const git = (...args: string[]) =>
      execFileSync('git', ['-C', dir, '-c', 'user.name=A', '-c', 'user.email=a@b', ...args]);
    git('init', '-q', '-b', 'main');
    const empty = await run([dir]);
    expect(empty.files).toEqual([
      expect.objectContaining({
        outcome: 'accepted',
        events: 0,
        reason: 'the repository has no commit yet',
      }),
    ]);
    git('commit', '-q', '--allow-empty', '-m', 'one');
    const report = await run([dir]);
    expect(report.files).toEqual([
      { file: dir, format: 'git', outcome: 'accepted', events: 2, reason: null },
    ]);
    expect((await run([dir], { git: true })).events).toBe(2);
    expect((await run([join(dir, '..')], { git: true })).files).toMatchObject([
      { outcome: 'refused', reason: expect.stringContaining('git cannot read') },
    ]);
  });

  test('that is not there is refused by name', async () => {
    const report = await run([join(dir, 'none'), STATEMENT]);
    expect(report.files).toMatchObject([
      { outcome: 'refused', reason: 'does not exist' },
      { outcome: 'accepted' },
    ]);
  });
});

describe('standard input', () => {
  test('is a file like others', async () => {
    const stdin = Readable.from([Buffer.from(`${event('1')}\n`), Buffer.from(event('2'))]);
    const report = await run(['-'], { stdin });
    expect(report.files).toMatchObject([{ file: '-', format: 'cloudevents', events: 2 }]);
  });

  test('longer than a document may be is read line by line', async () => {
    const text = `${lines(50)}\nnot JSON\n${event('last')}`;
    const report = await run(['-'], {
      stdin: Readable.from([Buffer.from(text)]),
      recognise: { ...OPTIONS, maxDocumentBytes: 100 },
    });
    expect(report.files).toMatchObject([
      {
        outcome: 'accepted',
        events: 51,
        errors: [{ line: 51, reason: expect.stringContaining('not JSON') }],
      },
    ]);
  });

  test('longer than a document may be and no JSON lines is refused by the limit', async () => {
    const report = await run(['-'], {
      stdin: Readable.from([Buffer.from('{\n"a": [\n'.padEnd(500))]),
      recognise: { ...OPTIONS, maxDocumentBytes: 100 },
    });
    expect(report.files[0]!.reason).toContain('has more than 100 bytes');
  });
});

describe('sending', () => {
  test('goes in batches of 500, a few at a time, and every event arrives once', async () => {
    writeFileSync(join(dir, 'e.jsonl'), lines(2_100));
    const sizes: number[] = [];
    let open = 0;
    let most = 0;
    const ids = new Set<string>();
    const report = await run([dir], {
      sender: sender(async (events) => {
        open += 1;
        most = Math.max(most, open);
        sizes.push(events.length);
        for (const raw of events) ids.add((JSON.parse(raw) as Envelope).id);
        await new Promise((resolve) => setImmediate(resolve));
        open -= 1;
        return events.map((raw) => receipt(raw));
      }),
    });
    expect(sizes).toEqual([500, 500, 500, 500, 100]);
    expect(most).toBeLessThanOrEqual(3);
    expect(ids.size).toBe(2_100);
    expect(report).toMatchObject({ accepted: 1, refused: 0, events: 2_100 });
    expect(hasRefusals(report)).toBe(false);
  });

  test('reports a rejected line beside those that were taken', async () => {
    writeFileSync(join(dir, 'e.jsonl'), lines(3));
    const report = await run([dir], {
      sender: sender(async (events) =>
        events.map((raw, index) =>
          receipt(raw, index === 1 ? refusal('EVENT_MALFORMED', 'is bad') : {}),
        ),
      ),
    });
    expect(report.files).toMatchObject([
      {
        outcome: 'accepted',
        events: 2,
        reason: '1 of 3 parts were refused (line 2): is bad',
        errors: [{ line: 2, reason: 'is bad' }],
      },
    ]);
    expect(hasRefusals(report)).toBe(true);
  });

  test('refuses a file of which nothing was taken, and one that was dead-lettered', async () => {
    cpSync(STATEMENT, join(dir, 'a'));
    const dead = {
      code: 'HANDLER_FAILED' as const,
      message: 'cannot be applied',
      path: '',
      retryable: false,
    };
    const report = await run([dir], {
      sender: sender(async (events) =>
        events.map((raw) => receipt(raw, { status: 'DEAD_LETTERED', error: dead })),
      ),
    });
    expect(report.files).toMatchObject([
      { outcome: 'refused', events: 0, reason: 'cannot be applied' },
    ]);
  });

  test('takes the same document under another name for what it is', async () => {
    cpSync(STATEMENT, join(dir, 'copy.json'));
    const report = await run([dir], {
      sender: sender(async (events) =>
        events.map((raw) => receipt(raw, refusal('IDEMPOTENCY_CONFLICT', 'was published before'))),
      ),
    });
    expect(report.files).toMatchObject([
      { outcome: 'accepted', events: 1, reason: expect.stringContaining('under another name') },
    ]);
    expect(hasRefusals(report)).toBe(false);
  });

  test('finds the one event that the service cannot read, and sends the others', async () => {
    writeFileSync(join(dir, 'e.jsonl'), lines(9));
    const report = await run([dir], {
      sender: sender(async (events) => {
        if (events.some((raw) => raw.includes('"e4"'))) {
          throw new StemmaError('PAYLOAD_TOO_DEEP', 'is too deep');
        }
        return events.map((raw) => receipt(raw));
      }),
    });
    expect(report.files).toMatchObject([
      { events: 8, errors: [{ line: 5, reason: 'is too deep' }] },
    ]);
  });

  test('ends where the service is gone', async () => {
    writeFileSync(join(dir, 'e.jsonl'), lines(600));
    const gone = new StemmaError('SERVER_UNAVAILABLE', 'No service answers.');
    await expect(run([dir], { sender: sender(async () => Promise.reject(gone)) })).rejects.toBe(
      gone,
    );
  });

  test('stops when it is interrupted', async () => {
    writeFileSync(join(dir, 'e.jsonl'), lines(10));
    const controller = new AbortController();
    const onEvent = (): void => {
      controller.abort();
    };
    await expect(run([dir], { signal: controller.signal, onEvent })).rejects.toThrow(/abort/);
  });
});

describe('waiting until it is applied', () => {
  test('asks again for what was not applied in time', async () => {
    writeFileSync(join(dir, 'e.jsonl'), lines(2));
    const answers: Partial<Receipt>[][] = [
      [{ status: 'APPLIED' }, { status: 'ACCEPTED' }],
      [{ status: 'DUPLICATE', first: 'ACCEPTED' }], // and the first copy is still on its way
      [{ status: 'DUPLICATE', first: 'APPLIED' }],
    ];
    const asked: number[] = [];
    const report = await run([dir], {
      sender: sender(
        async (events, { wait }) => {
          expect(wait).toBe('APPLIED');
          const answer = answers[asked.length];
          asked.push(events.length);
          return events.map((raw, index) => receipt(raw, answer?.[index]));
        },
        { wait: true },
      ),
    });
    expect(asked).toEqual([2, 1, 1]);
    expect(report).toMatchObject({ accepted: 1, events: 2 });
  });

  test('does not call accepted what never was applied', async () => {
    writeFileSync(join(dir, 'e.json'), event('1'));
    const report = await run([dir], {
      sender: sender(takeAll, { wait: true, limits: { waits: 2 } }),
    });
    expect(report.files).toMatchObject([
      { outcome: 'refused', reason: expect.stringContaining('not applied') },
    ]);
  });
});
