import { createCustomTypes, type CustomTypes } from '../../src/intake/custom-types.ts';
import type { ForeignMapper, Inspect } from '../../src/intake/admission.ts';
import { createIntake } from '../../src/intake/intake.ts';
import { FOREIGN_TYPE_PREFIXES, mapForeign } from '../../src/foreign/foreign.ts';
import { identityOf } from '../../src/model/event.ts';
import type { TypeStatement } from '../../src/model/event-types.ts';
import type {
  AcceptedEvent,
  Applied,
  Intake,
  Published,
  Publisher,
  Submission,
} from '../../src/model/receipt.ts';

/** A bus in memory: first content wins, positions from 1. */
export interface MemoryPublisher extends Publisher {
  readonly appended: AcceptedEvent[];
  /** Number of publish calls. */
  readonly calls: () => number;
}

export function memoryPublisher(
  applied: (position: number) => Applied | null = () => null,
): MemoryPublisher {
  const appended: AcceptedEvent[] = [];
  const seen = new Map<string, { position: number; contentHash: string }>();
  let calls = 0;
  return {
    appended,
    calls: () => calls,
    async publish(events) {
      calls += 1;
      return events.map((accepted): Published => {
        const identity = identityOf(accepted.event.envelope);
        const first = seen.get(identity);
        if (first !== undefined) {
          return first.contentHash === accepted.contentHash
            ? { outcome: 'duplicate', position: first.position, first: applied(first.position) }
            : { outcome: 'conflict', position: first.position, firstHash: first.contentHash };
        }
        const position = appended.push(accepted);
        seen.set(identity, { position, contentHash: accepted.contentHash });
        return { outcome: 'appended', position };
      });
    },
    whenApplied: async (position) => applied(position),
  };
}

export type EdgeOptions = {
  readonly publisher?: Publisher;
  readonly load?: () => Promise<readonly TypeStatement[]>;
  readonly log?: (fields: object, message: string) => void;
  readonly now?: () => number;
  readonly foreignPrefixes?: readonly string[];
  readonly map?: ForeignMapper;
  readonly inspect?: Inspect;
};

/** The real intake, with the real foreign formats, over a publisher in memory. */
export function edgeIntake(options: EdgeOptions = {}): {
  intake: Intake;
  customTypes: CustomTypes;
} {
  const {
    publisher = memoryPublisher(),
    load = async () => [],
    log = () => undefined,
    now = () => 0,
    foreignPrefixes = FOREIGN_TYPE_PREFIXES,
    map = mapForeign,
    inspect = () => [],
  } = options;
  const customTypes = createCustomTypes({ load, foreignPrefixes, now });
  return {
    customTypes,
    intake: createIntake({
      ...{ publisher, mapForeign: map, customTypes, inspect },
      ...{ log: { error: log }, now },
    }),
  };
}

export const DIGEST = `sha256:${'a'.repeat(64)}`;

/** A valid event of the catalogue; `changes` replace attributes. */
export function artifactEvent(changes: Record<string, unknown> = {}): Record<string, unknown> {
  return {
    specversion: '1.0',
    id: 'a-1',
    source: 'https://ci.example.com/shop',
    type: 'artifact.created',
    time: '2026-11-21T10:00:00Z',
    data: { digest: DIGEST, name: 'shop.tgz' },
    ...changes,
  };
}

export function submit(...values: unknown[]): Submission[] {
  return values.map((value) => ({ raw: JSON.stringify(value), value }));
}

export const ACCEPTED = { wait: 'ACCEPTED', waitMs: 10_000 } as const;
export const APPLIED = { wait: 'APPLIED', waitMs: 10_000 } as const;
