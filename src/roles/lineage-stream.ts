import { messageOf, StemmaError } from '../errors.ts';
import type { Graph } from '../graph/driver.ts';
import type { EntityReader } from '../graph/read/entities.ts';
import type { EventReader } from '../graph/read/events.ts';
import { streamLineage, type LineageSink } from '../graph/lineage/stream.ts';
import type { Statements } from '../graph/statement.ts';
import { momentOf } from '../graphql/arguments.ts';
import { parseEntityId, toId } from '../graphql/ids.ts';
import type { LineageQuestion, LineageStream } from '../http/lineage.ts';
import type { Moment } from '../model/moment.ts';
import { refId } from '../model/node.ts';
import type { Log } from '../telemetry.ts';

type Parts = {
  readonly graph: Pick<Graph, 'read' | 'stream'>;
  readonly statements: Statements;
  readonly reader: Pick<EntityReader, 'byRefs'> & Pick<EventReader, 'positionAt'>;
  readonly now: () => number;
  readonly log: Pick<Log, 'error'>;
};

/** Characters of rows that are handed on together. */
const PIECE = 64 * 1024;

/** Lineages as lines of JSON. */
export function createLineageStream(parts: Parts): LineageStream {
  return {
    async open(question) {
      const ref = parseEntityId(question.of);
      const root = (await parts.reader.byRefs([ref])).get(refId(ref));
      if (root === undefined) {
        throw new StemmaError(
          'NOT_FOUND',
          `There is nothing with the global id '${question.of.slice(0, 80)}'.`,
          {
            details: { path: 'of' },
          },
        );
      }
      const { positionAt } = parts.reader;
      const at = await momentOf(question, { positionAt, now: parts.now });
      return rows(parts, root, at, question);
    },
  };
}

async function* rows(
  { graph, statements, log }: Parts,
  root: Parameters<typeof streamLineage>[2]['root'],
  at: Moment,
  { direction, maxDepth, throughHistory, limit }: LineageQuestion,
): AsyncGenerator<string, void, undefined> {
  let piece = '';
  const sink: LineageSink<string> = {
    node(label, key, depth) {
      const id = toId({ label, key });
      piece += `{"node":{"id":"${id}","label":"${label}","key":${JSON.stringify(key)},"depth":${depth}}}\n`;
      return id;
    },
    edge(from, type, to, trust) {
      piece += `{"edge":{"from":"${from}","type":"${type}","to":"${to}","trust":"${trust}"}}\n`;
    },
  };
  const scope = { direction, maxDepth, throughHistory, at };
  const steps = streamLineage(graph, statements, { root, scope, limit }, sink);
  try {
    for (let step = await steps.next(); ; step = await steps.next()) {
      if (step.done === true) piece += `${JSON.stringify({ end: step.value })}\n`;
      if (piece.length >= PIECE || step.done === true) {
        const ready = piece;
        piece = '';
        yield ready;
      }
      if (step.done === true) return;
    }
  } catch (error) {
    // the status is sent: all that is left is to say so in place of the end
    log.error({ err: error }, 'A stream of lineage broke off');
    const code = error instanceof StemmaError ? error.code : 'INTERNAL_SERVER_ERROR';
    const message = error instanceof StemmaError ? messageOf(error) : 'The answer broke off.';
    yield `${piece}${JSON.stringify({ error: { code, message } })}\n`;
  } finally {
    // a reader that hangs up ends the statement as well
    await steps.return({ nodes: 0, edges: 0, truncated: true });
  }
}
