import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { applyDocuments } from '../../../src/apply/documents.ts';
import { applyRevisions } from '../../../src/apply/revisions.ts';
import { assertedBy } from '../../../src/apply/decode.ts';
import { toParts } from '../../../src/documents/parts.ts';
import { classifyFailure } from '../../../src/graph/classify.ts';
import { computeDigests } from '../../../src/graph/digest.ts';
import { createReader } from '../../../src/graph/read/reader.ts';
import { parseStatement } from '../../../src/graph/statement.ts';
import { createWriter } from '../../../src/graph/write/writer.ts';
import { sha256 } from '../../../src/model/event.ts';
import type { Envelope } from '../../../src/model/event.ts';
import { NOW, type Moment } from '../../../src/model/moment.ts';
import { digestOf, foldEvents } from '../../support/in-memory.ts';
import { verifyGraph } from '../../../src/replay/verify.ts';
import { event, hex } from '../../support/events.ts';
import { applyBatch, logged, startGraph, statements, wipe, type OwnGraph } from './graphs.ts';

const ACCEPTED = Date.UTC(2026, 10, 22);
const SERIAL = 'urn:uuid:3E671687-395b-41f5-a30f-a58921a69b79';
const IMAGE = `sha256:${hex('image')}`;
const day = (of: number) => new Date(Date.UTC(2026, 10, of)).toISOString();
const at = (of: number): Moment => ({ valid: Date.UTC(2026, 10, of, 12), known: NOW.known });

type Sbom = {
  readonly version?: number;
  readonly serial?: string | null;
  /** Day of November; null: the document does not say. */
  readonly made?: number | null;
  readonly library: string;
  readonly root?: Record<string, unknown> | null;
};

const IMAGE_ROOT = {
  type: 'container',
  'bom-ref': 'root',
  name: 'shop',
  hashes: [{ alg: 'SHA-256', content: IMAGE.slice(7) }],
};

function bom({ version = 1, serial = SERIAL, made = 1, library, root = IMAGE_ROOT }: Sbom) {
  return {
    ...{ bomFormat: 'CycloneDX', specVersion: '1.5', version },
    ...(serial === null ? {} : { serialNumber: serial }),
    metadata: {
      ...(made === null ? {} : { timestamp: day(made) }),
      ...(root === null ? {} : { component: root }),
    },
    components: [{ type: 'library', 'bom-ref': 'l', name: 'lib', purl: `pkg:npm/lib@${library}` }],
  };
}

function submitted(document: object, rest: Partial<Envelope> = {}): Envelope {
  const content = JSON.stringify(document);
  const data = { digest: `sha256:${sha256(content)}`, content };
  return event('document.submitted', data, rest);
}

let own: OwnGraph;
beforeAll(async () => {
  own = await startGraph();
}, 180_000);
afterAll(() => own.stop());
beforeEach(() => wipe(own.graph));

/** Versions of the library that a thing contains, at a moment. */
async function inside(ref = `Artifact:${IMAGE}`, moment: Moment = NOW): Promise<string[]> {
  const reader = createReader(own.graph, statements);
  const [label, key] = [ref.slice(0, ref.indexOf(':')), ref.slice(ref.indexOf(':') + 1)];
  const root = (await reader.byRefs([{ label: label as 'Artifact', key }])).get(ref);
  if (root === undefined) throw new Error(`${ref} is not known`);
  const { nodes } = await reader.lineage(root, {
    ...{ direction: 'UPSTREAM', throughHistory: false, maxDepth: null, at: moment, limit: 100 },
    want: { properties: false, edges: false, claims: false },
  });
  return nodes.map(({ node }) => node.key.replace('pkg:npm/lib@', '')).sort();
}

/** Each event in a batch of its own; the log is read once more and compared. */
async function tell(envelopes: readonly Envelope[], together = 1): Promise<void> {
  const events = envelopes.map((envelope, index) => logged(index + 1, envelope, ACCEPTED + index));
  for (let start = 0; start < events.length; start += together) {
    await applyBatch(own.graph, events.slice(start, start + together));
  }
  expect((await verifyGraph({ graph: own.graph, statements })).differences).toEqual([]);
  const full = await computeDigests(own.graph, statements, ['full']);
  expect(full.full.parts).toEqual(digestOf(foldEvents(events), events, 'full').parts);
}

const orders = <T>(items: readonly T[]): T[][] =>
  items.length < 2
    ? [[...items]]
    : items.flatMap((first, place) =>
        orders(items.toSpliced(place, 1)).map((rest) => [first, ...rest]),
      );

describe('versions of one document', () => {
  const three = [
    submitted(bom({ version: 1, made: 1, library: '1.0.0' }), { id: 'v1' }),
    submitted(bom({ version: 2, made: 5, library: '2.0.0' }), { id: 'v2' }),
    submitted(bom({ version: 3, made: 9, library: '3.0.0' }), { id: 'v3' }),
  ];

  test('each counts from its own time until that of the next, in all orders of arrival', async () => {
    const digests = new Set<string>();
    for (const order of orders(three)) {
      for (const together of [1, 2, 3]) {
        await wipe(own.graph);
        await tell(order, together);
        expect(await inside()).toEqual(['3.0.0']);
        expect(await inside(undefined, at(2))).toEqual(['1.0.0']);
        expect(await inside(undefined, at(6))).toEqual(['2.0.0']);
        const { content, current } = await computeDigests(own.graph, statements);
        digests.add(`${content.digest} ${current.digest}`);
      }
    }
    expect(digests.size).toBe(1);
  }, 300_000);

  test('what was known before the later one came stays as it was known', async () => {
    await tell([three[2]!, three[0]!, three[1]!]);
    const known = (n: number): Moment => ({ valid: at(6).valid, known: n });
    expect(await inside(undefined, { valid: NOW.valid, known: 1 })).toEqual(['3.0.0']);
    expect(await inside(undefined, known(2))).toEqual(['1.0.0']);
    expect(await inside(undefined, known(3))).toEqual(['2.0.0']);
  });

  test('the greater version counts, also where its clock says that it is older', async () => {
    const late = submitted(bom({ version: 2, made: 20, library: '2.0.0' }));
    await tell([late, submitted(bom({ version: 3, made: 4, library: '3.0.0' })), three[0]!]);
    expect(await inside()).toEqual(['3.0.0']);
    expect(await inside(undefined, at(21))).toEqual(['3.0.0']);
    expect(await inside(undefined, at(2))).toEqual(['1.0.0']);
  });

  test('one without a time counts from when it was submitted', async () => {
    const next = submitted(bom({ version: 2, made: null, library: '2.0.0' }), { time: day(7) });
    await tell([next, three[0]!]);
    expect(await inside(undefined, at(6))).toEqual(['1.0.0']);
    expect(await inside(undefined, at(8))).toEqual(['2.0.0']);
  });

  test('one that is submitted again, about one more thing, stays replaced', async () => {
    const again = submitted(bom({ version: 1, made: 1, library: '1.0.0' }), { id: 'again' });
    const other = `sha256:${hex('other')}`;
    await tell([
      three[0]!,
      three[1]!,
      { ...again, data: { ...(again.data as object), about: other } },
      { ...three[1]!, id: 'v2 again', time: day(2) },
    ]);
    expect(await inside()).toEqual(['2.0.0']);
    expect(await inside(`Artifact:${other}`)).toEqual([]);
  });

  test('two of the same version are both kept', async () => {
    const twin = submitted(bom({ version: 2, made: 6, library: '2.0.1' }));
    await tell([three[0]!, three[1]!, twin]);
    expect(await inside()).toEqual(['2.0.0', '2.0.1']);
    await wipe(own.graph);
    await tell([twin, three[2]!, three[1]!]);
    expect(await inside()).toEqual(['3.0.0']);
  });

  test('a document in parts is a version like any other, whenever it is whole', async () => {
    const content = JSON.stringify(bom({ version: 2, made: 5, library: '2.0.0' }));
    const digest = `sha256:${sha256(content)}`;
    const parts = toParts(Buffer.from(content), 'https://ci.example/acme').events;
    const whole = event('document.submitted', { digest }, { id: 'whole' });
    for (const order of [
      [...parts, whole, three[0]!, three[2]!],
      [three[2]!, whole, three[0]!, ...parts],
      [three[0]!, ...parts, three[2]!, whole],
    ]) {
      await wipe(own.graph);
      await tell(order);
      expect(await inside()).toEqual(['3.0.0']);
      expect(await inside(undefined, at(6))).toEqual(['2.0.0']);
      expect(await inside(undefined, at(2))).toEqual(['1.0.0']);
    }
  });

  test('two writers that bring two versions at one moment leave the later one', async () => {
    const events = three.map((envelope, index) => logged(index + 1, envelope, ACCEPTED));
    const writer = createWriter({ graph: own.graph, statements, assertedBy });
    await Promise.all(
      events.map(async (one) => {
        for (;;) {
          try {
            await writer.write([one]);
            const said = await applyDocuments(writer, [one]);
            await applyRevisions(writer, [one, ...said]);
            return;
          } catch (error) {
            // a race that the applier tries again
            if (classifyFailure(error) !== 'conflict') throw error;
          }
        }
      }),
    );
    expect(await inside()).toEqual(['3.0.0']);
    expect((await verifyGraph({ graph: own.graph, statements })).differences).toEqual([]);
  });
});

describe('what is not a version of another document', () => {
  const maven = (version: string) => ({
    ...{ type: 'library', 'bom-ref': 'root', name: 'shop', version, group: 'com.example' },
    purl: `pkg:maven/com.example/shop@${version}?type=jar`,
  });

  test('syft and trivy: a new serial number each time, all of them count', async () => {
    const serial = (of: number) => `urn:uuid:0000000${of}-0000-4000-8000-000000000000`;
    await tell([
      submitted(bom({ serial: serial(1), library: '1.0.0' })),
      submitted(bom({ serial: serial(2), made: 5, library: '2.0.0' })),
    ]);
    expect(await inside()).toEqual(['1.0.0', '2.0.0']);
  });

  test('no serial number: nothing says that the two have to do with each other', async () => {
    await tell([
      submitted(bom({ serial: null, library: '1.0.0' })),
      submitted(bom({ serial: null, version: 2, made: 5, library: '2.0.0' })),
    ]);
    expect(await inside()).toEqual(['1.0.0', '2.0.0']);
  });

  test('one serial number for all releases of a product: each release keeps its contents', async () => {
    const release = (of: number) =>
      bom({ version: of, made: of, library: `${of}.0.0`, root: maven(`${of}.0`) });
    await tell([1, 2, 3].map((of) => submitted(release(of))));
    const versions = [1, 2, 3].map((of) => `pkg:maven/com.example/shop@${of}.0?type=jar`);
    const found = await Promise.all(versions.map((key) => inside(`PackageVersion:${key}`)));
    expect(found).toEqual([['1.0.0'], ['2.0.0'], ['3.0.0']]);
  });

  test('cdxgen and the Maven plugin: the same serial number and root, counted up', async () => {
    const root = maven('1.0-SNAPSHOT');
    await tell([
      submitted(bom({ version: 2, made: 5, library: '2.0.0', root })),
      submitted(bom({ version: 1, made: 1, library: '1.0.0', root })),
    ]);
    expect(await inside(`PackageVersion:${root.purl}`)).toEqual(['2.0.0']);
  });

  test('an SBOM within an attestation is a version; that it was signed stays so', async () => {
    const statement = (predicate: object) => ({
      _type: 'https://in-toto.io/Statement/v1',
      subject: [{ name: 'shop', digest: { sha256: IMAGE.slice(7) } }],
      predicateType: 'https://cyclonedx.org/bom',
      predicate,
    });
    const dsse = (of: number) => ({
      payloadType: 'application/vnd.in-toto+json',
      payload: Buffer.from(
        JSON.stringify(statement(bom({ version: of, made: of, library: `${of}.0.0` }))),
      ).toString('base64'),
      signatures: [{ sig: 'AAAA' }],
    });
    const plain = submitted(bom({ version: 2, made: 2, library: '2.0.0' }));
    for (const order of orders([submitted(dsse(1)), plain, submitted(dsse(3))])) {
      await wipe(own.graph);
      await tell(order);
      expect(await inside()).toEqual(['3.0.0']);
      const count =
        '// params: -\n// returns: -\nMATCH (:Attestation)-[r:ATTESTS]->() RETURN count(r) AS all, count(r.endValid) AS ended';
      const rows = await own.graph.execute(parseStatement('test', count), {});
      expect(rows[0]?.toObject()).toEqual({ all: 2, ended: 0 });
    }
  });
});
