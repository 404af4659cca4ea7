import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { gzipSync } from 'node:zlib';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { StemmaError } from '../../../src/errors.ts';
import { feedAdvisories, type FeedOptions, type FeedReport } from '../../../src/ingest/feed.ts';
import { createSender, type EventSink } from '../../../src/ingest/sender.ts';
import type { Envelope } from '../../../src/model/event.ts';
import { zip } from '../../support/zip.ts';
import { OPTIONS } from './ingesting.ts';

let dir: string;
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'stemma-feed-'));
});
afterEach(() => {
  rmSync(dir, { recursive: true, force: true });
});

const advisory = (id: string, modified = '2026-11-21T10:00:00Z') => ({
  ...{ schema_version: '1.7.0', id, modified },
  affected: [{ package: { ecosystem: 'npm', name: id.toLowerCase() }, versions: ['1.0.0'] }],
});
const put = (name: string, content: unknown) => {
  mkdirSync(join(dir, name, '..'), { recursive: true });
  const isRaw = typeof content === 'string' || Buffer.isBuffer(content);
  writeFileSync(join(dir, name), isRaw ? content : JSON.stringify(content));
};

/** A service that remembers what it was sent; `sent` are the subjects of all events that came. */
function createService() {
  const known = new Set<string>();
  const sent: string[] = [];
  let looks = 0;
  let failsAfter = Infinity;
  const sink: EventSink = async (events) => {
    if (sent.length + events.length > failsAfter)
      throw new StemmaError('INTERNAL_SERVER_ERROR', 'gone');
    return events.map((raw) => {
      const {
        id: eventId,
        source,
        subject,
        data,
      } = JSON.parse(raw) as Envelope & {
        data: { content?: string };
      };
      sent.push(String(subject));
      known.add(`Document:${String(subject).replace('sha256:', '')}`);
      const [, named = ''] = /"?\bid"?: *"?([\w-]+)/.exec(data.content ?? '') ?? [];
      known.add(`Vulnerability:${named}`);
      const rest = { position: 1, first: null, error: null } as const;
      return { eventId, source, status: 'ACCEPTED', ...rest };
    });
  };
  return {
    sent,
    looks: () => looks,
    failAfter: (count: number) => void (failsAfter = count),
    feed: async (paths: readonly string[] = [dir], rest: Partial<FeedOptions> = {}) =>
      feedAdvisories({
        paths,
        stdin: Readable.from([]),
        recognise: OPTIONS,
        sender: createSender({ sink, wait: false, concurrency: 2, limits: { batchEvents: 10 } }),
        areKnown: async (things) => {
          looks += 1;
          expect(things.length).toBeLessThanOrEqual(500);
          return things.map(({ label, key }) => known.has(`${label}:${key}`));
        },
        signal: new AbortController().signal,
        onProgress: () => undefined,
        ...rest,
      }),
  };
}

const counts = ({ refusals, ...rest }: FeedReport) => ({
  ...rest,
  refusals: refusals.map(({ file, reason }) => [file.slice(dir.length + 1), reason]),
});
const NONE = {
  ...{ new: 0, changed: 0, unchanged: 0, refused: 0, notRead: 0, withWarnings: 0 },
  refusals: [],
};

describe('feeding advisories', () => {
  it('sends what is new or changed, and only that', async () => {
    const service = createService();
    for (const id of ['A-1', 'A-2', 'A-3']) put(`npm/${id}.json`, advisory(id));
    expect(counts(await service.feed())).toEqual({ ...NONE, new: 3 });
    put('npm/A-2.json', advisory('A-2', '2026-11-22T10:00:00Z'));
    put('npm/A-4.json', advisory('A-4'));
    const before = service.sent.length;
    expect(counts(await service.feed())).toEqual({ ...NONE, new: 1, changed: 1, unchanged: 2 });
    expect(service.sent.length - before).toBe(2);
    expect(counts(await service.feed())).toEqual({ ...NONE, unchanged: 4 });
    expect(service.sent.length - before).toBe(2);
  });

  it('reads directories, archives, lists, JSON lines, YAML and what gzip packed alike', async () => {
    const service = createService();
    put('all.zip', zip([{ name: 'B-1.json', text: JSON.stringify(advisory('B-1')) }]));
    put('list.json', [advisory('B-2'), advisory('B-3')]);
    put('lines.jsonl', ['B-4', 'B-5'].map((id) => JSON.stringify(advisory(id))).join('\n'));
    put('B-6.json.gz', gzipSync(JSON.stringify(advisory('B-6'))));
    put('B-7.yaml', 'id: B-7\nmodified: "2026-11-21T10:00:00Z"\naffected: []\n');
    expect(counts(await service.feed())).toEqual({ ...NONE, new: 7 });
    expect(counts(await service.feed())).toEqual({ ...NONE, unchanged: 7 });
    expect(service.sent).toHaveLength(7);
  });

  it('sends the rest after it was broken off', async () => {
    const service = createService();
    for (let at = 0; at < 40; at += 1) put(`C-${at}.json`, advisory(`C-${at}`));
    service.failAfter(15);
    await expect(service.feed()).rejects.toThrow('gone');
    const first = service.sent.length;
    service.failAfter(Infinity);
    expect(counts(await service.feed())).toEqual({ ...NONE, new: 40 - first, unchanged: first });
    expect(new Set(service.sent).size).toBe(40);
  });

  it('asks once for hundreds of files that are known', async () => {
    const service = createService();
    for (let at = 0; at < 600; at += 1) put(`D-${at}.json`, advisory(`D-${at}`));
    await service.feed();
    const before = service.looks();
    expect(counts(await service.feed())).toEqual({ ...NONE, unchanged: 600 });
    expect(service.looks() - before).toBe(3);
  });

  it('says of each file that it refuses why, counts those of other names, and sends the rest', async () => {
    const service = createService();
    put('E-1.json', advisory('E-1'));
    put('broken.json', '{"id": ');
    put('bom.json', { bomFormat: 'CycloneDX', specVersion: '1.6', version: 1 });
    put(
      'lines.jsonl',
      `${JSON.stringify(advisory('E-2'))}\n{"id":"E-3","modified":"soon","affected":[]}`,
    );
    put('README.md', '# Advisories');
    put('.git/HEAD', 'ref: refs/heads/main');
    put('.git/config.json', '{}');
    const report = counts(await service.feed());
    expect(report).toMatchObject({ new: 2, refused: 3, notRead: 1 });
    expect(report.refusals).toEqual([
      ['bom.json', 'is cyclonedx-1.6, not an advisory in the OSV format'],
      ['broken.json', expect.stringMatching(/^The document is not JSON: /)],
      ['lines.jsonl', expect.stringMatching(/^line 2: 'modified' of the OSV record E-3 is not/)],
    ]);
  });

  it('counts what the service refuses, with its reason', async () => {
    const service = createService();
    put('F-1.json', advisory('F-1'));
    const error = {
      code: 'EVENT_MALFORMED',
      message: 'no room',
      path: '',
      retryable: false,
    } as const;
    const none = { eventId: null, source: null, position: null, first: null } as const;
    const report = await service.feed([dir], {
      sender: {
        send: async ({ settle }) => {
          settle({ ...none, status: 'REJECTED', error });
        },
        flush: async () => undefined,
      },
    });
    expect(counts(report)).toEqual({ ...NONE, refused: 1, refusals: [['F-1.json', 'no room']] });
  });

  it('says that a path does not exist', async () => {
    const report = await createService().feed([join(dir, 'none')]);
    expect(counts(report)).toMatchObject({ refused: 1, refusals: [['none', 'does not exist']] });
  });

  it('leaves out the files that the caller does not want', async () => {
    const service = createService();
    put('G-1.json', advisory('G-1'));
    put('G-2.json', advisory('G-2'));
    const isWanted = (path: string) => !path.endsWith('G-2.json');
    expect(counts(await service.feed([dir], { isWanted }))).toEqual({ ...NONE, new: 1 });
  });
});
