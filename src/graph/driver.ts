import neo4j, { type Driver, type QueryResult, type Record as Row } from 'neo4j-driver';
import { messageOf, StemmaError } from '../errors.ts';
import { failpoint } from '../failpoint.ts';
import { createPatience } from './patience.ts';
import { sentParameters, type Query } from './statement.ts';

export type GraphOptions = {
  readonly uri: string;
  readonly user: string;
  readonly password: string;
  /** Most connections of this process; default 50. */
  readonly maxConnections?: number;
};

export type Parameters = Readonly<Record<string, unknown>>;

export type ReadOptions = {
  /** The statement is ended by the database after this; default 30 s. */
  readonly timeoutMs?: number;
};

/** An operator with its inputs; `arguments` are of the database, such as `Details` and `EstimatedRows`. */
export type Plan = {
  readonly operatorType: string;
  readonly arguments: Readonly<Record<string, unknown>>;
  readonly children?: readonly Plan[];
};

/** Runs statements inside one write transaction. */
export type Write = (statement: Query, parameters: Parameters) => Promise<Row[]>;

/** Neo4j, as the rest of the program sees it: named statements, numbers instead of 64-bit objects, our error codes. */
export interface Graph {
  /**
   * Where every connection waits and nothing is answered for some seconds, it fails at once with DEPENDENCY_UNAVAILABLE.
   *
   * @throws StemmaError QUERY_TIMEOUT, DEPENDENCY_UNAVAILABLE, DEPENDENCY_REFUSED; driver errors of other kinds pass through
   */
  read(statement: Query, parameters: Parameters, options?: ReadOptions): Promise<Row[]>;
  /** Like read, but hands over rows as they arrive and never holds the whole result. */
  stream(
    statement: Query,
    parameters: Parameters,
    options?: ReadOptions,
  ): AsyncGenerator<Row, void, undefined>;
  /** One transaction, tried once: whoever calls decides about retries. Driver errors pass through, see classify.ts. */
  write<T>(name: string, work: (run: Write) => Promise<T>, options?: ReadOptions): Promise<T>;
  /**
   * One statement outside of an explicit transaction: schema commands, which take as long as the graph is large and have a time
   * limit only where one is given, and questions about the schema that they made.
   */
  execute(statement: Query, parameters: Parameters, options?: ReadOptions): Promise<Row[]>;
  /** The plan of a statement, without running it. */
  explain(statement: Query, parameters: Parameters): Promise<Plan>;
  /** @throws StemmaError DEPENDENCY_UNAVAILABLE, DEPENDENCY_REFUSED */
  ping(): Promise<void>;
  /** Of the database, as it calls itself. @throws StemmaError DEPENDENCY_UNAVAILABLE */
  version(): Promise<string>;
  close(): Promise<void>;
}

const DEFAULT_TIMEOUT_MS = 30_000;
/** How much later than its time limit an answer may come, before the database counts as away. */
const GRACE_MS = 5_000;
/** Rows that the driver fetches ahead; it pauses the stream beyond twice that. */
const FETCH_SIZE = 2_000;

export function createGraph(options: GraphOptions): Graph {
  const { maxConnections = 50 } = options;
  const auth =
    options.password === '' ? undefined : neo4j.auth.basic(options.user, options.password);
  const driver: Driver = neo4j.driver(options.uri, auth, {
    disableLosslessIntegers: true,
    maxConnectionPoolSize: maxConnections,
    connectionAcquisitionTimeout: 10_000,
    connectionTimeout: 5_000,
    fetchSize: FETCH_SIZE,
    telemetryDisabled: true,
    userAgent: 'stemma',
  });
  const ping = async (): Promise<void> => {
    try {
      await driver.verifyConnectivity();
    } catch (cause) {
      throw unreachable(cause);
    }
  };
  const patience = createPatience({
    width: maxConnections,
    isAnswer: (error) => !(error instanceof StemmaError && error.code === 'DEPENDENCY_UNAVAILABLE'),
    unanswered: (reason) => unavailable(new Error(reason)),
    probe: ping,
  });
  const transaction = (name: string, timeoutMs = DEFAULT_TIMEOUT_MS) => ({
    timeout: timeoutMs,
    metadata: { statement: name },
  });

  return {
    async read(statement, parameters, { timeoutMs = DEFAULT_TIMEOUT_MS } = {}) {
      return patience(timeoutMs + GRACE_MS, async () => {
        const session = driver.session({ defaultAccessMode: neo4j.session.READ });
        try {
          const result: QueryResult = await session.run(
            statement.text,
            parameters,
            transaction(statement.name, timeoutMs),
          );
          return result.records;
        } catch (error) {
          throw readError(error, statement);
        } finally {
          // gives the connection back, which takes a round trip that no answer has to wait for
          session.close().catch(() => undefined);
        }
      });
    },

    async *stream(statement, parameters, { timeoutMs } = {}) {
      const session = driver.session({ defaultAccessMode: neo4j.session.READ });
      try {
        yield* session.run(statement.text, parameters, transaction(statement.name, timeoutMs));
      } catch (error) {
        throw readError(error, statement);
      } finally {
        session.close().catch(() => undefined); // ends the statement where it has more to say
      }
    },

    async write(name, work, { timeoutMs } = {}) {
      const session = driver.session({ defaultAccessMode: neo4j.session.WRITE });
      try {
        // not executeWrite: it tries again by itself once, whatever its retry time
        const tx = session.beginTransaction(transaction(name, timeoutMs));
        let statements = 0;
        const run: Write = async (statement, parameters) => {
          const { records } = await tx.run(statement.text, sentParameters(statement, parameters));
          failpoint(`in_tx:${(statements += 1)}`);
          return records;
        };
        try {
          const result = await work(run);
          await tx.commit();
          return result;
        } catch (error) {
          await tx.rollback().catch(() => undefined); // what failed is the error to tell
          throw error;
        }
      } finally {
        await session.close();
      }
    },

    async execute(statement, parameters, { timeoutMs } = {}) {
      const session = driver.session({ defaultAccessMode: neo4j.session.WRITE });
      const limit = timeoutMs === undefined ? {} : transaction(statement.name, timeoutMs);
      try {
        return (await session.run(statement.text, parameters, limit)).records;
      } finally {
        await session.close();
      }
    },

    async explain(statement, parameters) {
      const session = driver.session({ defaultAccessMode: neo4j.session.READ });
      try {
        const sent = sentParameters(statement, parameters);
        const { summary } = await session.run(`EXPLAIN ${statement.text}`, sent);
        return summary.plan as Plan; // EXPLAIN always has one
      } finally {
        await session.close();
      }
    },

    ping,

    async version() {
      try {
        return (await driver.getServerInfo()).agent ?? 'unknown';
      } catch (cause) {
        throw unreachable(cause);
      }
    },

    async close() {
      await driver.close();
    },
  };
}

/**
 * Neo4j's own code of an error, or an empty string. The driver gives none where no connection of its pool was free in time: it is known
 * by what it says.
 */
export function neo4jCode(error: unknown): string {
  if (!(error instanceof Error) || !('code' in error) || typeof error.code !== 'string') return '';
  return error.code === 'N/A' && error.message.startsWith('Connection acquisition timed out')
    ? 'ConnectionAcquisitionTimeout'
    : error.code;
}

/** Whether a node was to be made whose key another one has. */
export function isTaken(error: unknown): boolean {
  return neo4jCode(error) === 'Neo.ClientError.Schema.ConstraintValidationFailed';
}

/** A value as a Neo4j integer; plain numbers would be stored as floats. */
export function int(value: number): unknown {
  return neo4j.int(value);
}

function readError(error: unknown, statement: Query): unknown {
  const code = neo4jCode(error);
  if (code.includes('TransactionTimedOut') || code.endsWith('.Terminated')) {
    return new StemmaError(
      'QUERY_TIMEOUT',
      `The question took longer than its time limit (${statement.name}): ask for less depth or a smaller limit.`,
      { cause: error },
    );
  }
  if (isRefusal(code)) return refused(error);
  if (isUnavailable(code)) return unavailable(error);
  return error;
}

export function isUnavailable(code: string): boolean {
  return (
    code === 'ServiceUnavailable' ||
    code === 'SessionExpired' ||
    code.includes('DatabaseUnavailable') ||
    code.includes('ConnectionAcquisition') ||
    code.includes('NotALeader')
  );
}

/** The database answers, and lets this user do nothing, or not this: waiting does not help. */
export function isRefusal(code: string): boolean {
  return code.startsWith('Neo.ClientError.Security');
}

/** What the database says of credentials and permissions, for operators; the API tells clients of it as of any outage. */
export function refused(cause: unknown): StemmaError {
  return new StemmaError(
    'DEPENDENCY_REFUSED',
    `The graph database refuses this service (${neo4jCode(cause)}): check NEO4J_USER, NEO4J_PASSWORD and what that user may do.`,
    { cause: new Error(messageOf(cause), { cause }) },
  );
}

function unreachable(cause: unknown): StemmaError {
  return isRefusal(neo4jCode(cause)) ? refused(cause) : unavailable(cause);
}

function unavailable(cause: unknown): StemmaError {
  // the driver's message names hosts: it goes to the log with the cause, never to a client
  return new StemmaError(
    'DEPENDENCY_UNAVAILABLE',
    'The graph database does not answer: try again shortly.',
    {
      cause: new Error(messageOf(cause), { cause }),
    },
  );
}
