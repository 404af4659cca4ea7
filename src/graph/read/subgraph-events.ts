import { messageOf, StemmaError } from '../../errors.ts';
import { factDetails, factKindOf } from '../../model/deployment.ts';
import { parseEvent, type Envelope } from '../../model/event.ts';
import {
  isLiveAt,
  liveIntervals,
  type DeploymentFact,
  type Interval,
} from '../../model/liveness.ts';
import { NOW } from '../../model/moment.ts';
import { int, type Graph, type Parameters } from '../driver.ts';
import { tuplesOf, toEntity, type EntityRecord } from './records.ts';
import type { Statements } from '../statement.ts';

/** What is read from the log instead of the graph, because it is decided when the question is asked. */
export interface LifeReader {
  /**
   * When each of the deployments was live, by key, as far as is known at a log number.
   *
   * @param whole true where every deployment of their slots is among them
   */
  lives(
    keys: readonly string[],
    known: number,
    whole: boolean,
  ): Promise<Map<string, readonly Interval[]>>;
  /**
   * The deployments that are live now in some environments (by key or name; null = in any). What was started last in its slot is
   * what is live there, unless it ended: only its events are read, and not those of the whole history of the slot.
   */
  live(environments: readonly string[] | null): Promise<EntityRecord[]>;
  /** What is live now in the slots of the deployments with these keys: of those, and of others, keys. */
  liveBeside(keys: readonly string[]): Promise<Set<string>>;
}

const PORTION = 5_000;

type FactTuple = readonly [string, string, number, string, string | null, number | null];

export function createLifeReader(graph: Pick<Graph, 'read'>, statements: Statements): LifeReader {
  const matesOf = async (keys: readonly string[]): Promise<string[]> => {
    const rows = await graph.read(statements.get('question/slot-mates'), { keys });
    return [...tuplesOf<string>(rows)];
  };

  /** Since when the sources report completions, of those deployments of which only the creation is told. */
  const reportingOf = async (facts: readonly DeploymentFact[], known: number) => {
    const completed = new Set(
      facts.flatMap(({ kind, deployment }) => (kind === 'completed' ? [deployment] : [])),
    );
    const sources = new Set(
      facts.flatMap(({ kind, deployment, source }) =>
        kind === 'created' && source !== undefined && !completed.has(deployment) ? [source] : [],
      ),
    );
    if (sources.size === 0) return new Map<string, number>();
    const rows = await graph.read(statements.get('question/reporting'), {
      sources: [...sources],
      known: int(known),
    });
    return new Map(rows.map((row) => [String(row.get('source')), Number(row.get('since'))]));
  };

  const factsOf = async (keys: readonly string[], known: number): Promise<DeploymentFact[]> => {
    const refs = keys.map((key) => `Deployment:${key}`);
    const facts: DeploymentFact[] = [];
    for (let at = 0; at < refs.length; at += PORTION) {
      const rows = await graph.read(statements.get('question/deployment-events'), {
        refs: refs.slice(at, at + PORTION),
        known: int(known),
      });
      for (const tuple of tuplesOf<FactTuple>(rows)) facts.push(toFact(tuple));
    }
    return facts;
  };

  const liveOf = async (parameters: Parameters): Promise<EntityRecord[]> => {
    const candidatesOf = async (whole: boolean) => {
      const rows = await graph.read(statements.get('question/live'), { ...parameters, whole });
      const keys = rows.map((row) => (row.get('properties') as { key: string }).key); // as its header says
      const candidates = rows.filter((row) => row.get('asked') === true).map(toEntity);
      return { candidates, facts: await factsOf(keys, NOW.known) };
    };
    let found = await candidatesOf(false);
    // without what was withdrawn, something that started before may be what is live
    if (found.facts.some(({ withdrawn }) => withdrawn !== undefined)) {
      found = await candidatesOf(true);
    }
    const lives = liveIntervals(found.facts, await reportingOf(found.facts, NOW.known));
    return found.candidates.filter(({ key }) => isLiveAt(lives.get(key) ?? [], NOW.valid));
  };

  const reader: LifeReader = {
    async lives(keys, known, whole) {
      const all = new Set(keys);
      for (const key of whole || keys.length === 0 ? [] : await matesOf(keys)) all.add(key);
      const facts = await factsOf([...all], known);
      return liveIntervals(facts, await reportingOf(facts, known));
    },

    live: async (environments) => liveOf({ environments, keys: null }),

    async liveBeside(keys) {
      const found = keys.length === 0 ? [] : await liveOf({ environments: null, keys });
      return new Set(found.map(({ key }) => key));
    },
  };
  return reader;
}

function toFact([ref, type, at, tie, text, withdrawn]: FactTuple): DeploymentFact {
  const deployment = ref.slice('Deployment:'.length);
  const kind = factKindOf(type);
  if (kind === null) throw unexpected(tie);
  return {
    // the identity of an event is its source and its id
    ...{ deployment, kind, at, tie, source: tie.slice(0, tie.indexOf(' ')) },
    ...(withdrawn === null ? {} : { withdrawn }),
    ...(text === null ? {} : factDetails(parsed(text, tie))),
  };
}

/** The log holds only what was accepted. */
function parsed(text: string, event: string) {
  try {
    return parseEvent(JSON.parse(text) as Envelope);
  } catch (cause) {
    throw new StemmaError(
      'INTERNAL_SERVER_ERROR',
      `The log's event ${event} cannot be read: ${messageOf(cause)}`,
      { cause },
    );
  }
}

function unexpected(event: string): StemmaError {
  return new StemmaError('INTERNAL_SERVER_ERROR', `The log's event ${event} is of another type.`);
}
