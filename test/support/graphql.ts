import type { Reader } from '../../src/graph/read/reader.ts';
import { createGraphql, type Graphql, type GraphqlOptions } from '../../src/graphql/server.ts';
import type { AcceptOptions, Intake, Receipt, Submission } from '../../src/model/receipt.ts';
import { SILENT } from '../../src/telemetry.ts';

/** An answer as a client gets it. */
export type Answer = {
  readonly status: number;
  readonly text: string;
  readonly data: any; // eslint-disable-line @typescript-eslint/no-explicit-any -- answers are looked into freely
  readonly errors: { message: string; extensions: Record<string, unknown> }[];
  /** extensions.code of each error. */
  readonly codes: unknown[];
};

export type Asked = {
  readonly graphql: Graphql;
  readonly ask: (query: string, variables?: Record<string, unknown>) => Promise<Answer>;
  readonly send: (request: Partial<Parameters<Graphql['handle']>[0]>) => Promise<Answer>;
};

/** The GraphQL of the service over what a test gives it. */
export async function createTestGraphql(options: Partial<GraphqlOptions> = {}): Promise<Asked> {
  const graphql = await createGraphql({
    reader: fakeReader({}),
    intake: recordingIntake().intake,
    cursorSecret: 'a secret of at least 16 characters',
    log: SILENT,
    ...options,
  });
  const send: Asked['send'] = async (request) => {
    const response = await graphql.handle({
      method: 'POST',
      headers: [['content-type', 'application/json']],
      body: undefined,
      search: '',
      ...request,
    });
    const text = response.body as string;
    const { data, errors = [] } = JSON.parse(text) as Partial<Answer>;
    const codes = errors.map(({ extensions }) => extensions['code']);
    return { status: response.status, text, data, errors, codes };
  };
  return {
    graphql,
    send,
    ask: async (query, variables) =>
      send({ body: variables === undefined ? { query } : { query, variables } }),
  };
}

/** A reader that knows only what the test says. */
export function fakeReader(parts: Partial<Reader>): Reader {
  return new Proxy(parts as Reader, {
    get(target, name) {
      if (Reflect.has(target, name)) return Reflect.get(target, name) as unknown;
      return () => {
        throw new Error(`The test did not expect reader.${String(name)}.`);
      };
    },
  });
}

/** An intake that accepts everything and remembers it. */
export function recordingIntake() {
  const accepted: { submissions: readonly Submission[]; options: AcceptOptions }[] = [];
  const intake: Intake = {
    async accept(submissions, options) {
      accepted.push({ submissions, options });
      return submissions.map((submission, at): Receipt => {
        const value = ('value' in submission ? submission.value : {}) as Record<string, string>;
        return {
          eventId: value['id'] ?? null,
          source: value['source'] ?? null,
          position: at + 1,
          status: 'ACCEPTED',
          first: null,
          error: null,
        };
      });
    },
  };
  return { intake, accepted };
}
