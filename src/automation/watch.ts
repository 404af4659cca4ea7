import { messageOf, StemmaError } from '../errors.ts';
import type { RenderedAction } from '../model/deliveries.ts';
import type { Envelope } from '../model/event.ts';
import type { WatchDefinition } from '../model/watches.ts';
import { causedBy, depthOf } from './caused.ts';
import type { Expression } from './cel.ts';
import { isInnerUrl, urlProblem } from './targets.ts';
import { eventExpressions, type VariableValues } from './variables.ts';

export type CompiledWatch = {
  readonly name: string;
  readonly version: number;
  readonly types: readonly string[];
  /** Of which kind its action is. */
  readonly kind: RenderedAction['kind'];
  /** Whether it acts on this event, and where it does not because of an error, why. */
  matches(values: VariableValues): { readonly matches: boolean; readonly error: string | null };
  /**
   * What it does about this event.
   *
   * @param id of the event that it publishes, where it does
   * @throws StemmaError BAD_USER_INPUT where an expression has no value for this event
   */
  render(trigger: Trigger, values: VariableValues, id: string): RenderedAction;
};

type Trigger = { readonly envelope: Envelope; readonly at: number };

/**
 * Compiles the definition of a watch.
 *
 * @throws StemmaError BAD_USER_INPUT with `details.path`
 */
export function compileWatch(data: WatchDefinition): CompiledWatch {
  const { name, version, types, when } = data;
  const own = types.find((type) => type.startsWith('watch.action.') || type === 'watch.matched');
  if (own !== undefined) {
    throw new StemmaError(
      'BAD_USER_INPUT',
      `The watch '${name}' looks at ${own}, which watches cause themselves: look at the events behind it.`,
      { details: { path: 'data.types' } },
    );
  }
  for (const [url, path] of urlsOf(data.action)) {
    const problem = urlProblem(url);
    if (problem === null) continue;
    throw new StemmaError('BAD_USER_INPUT', `The watch '${name}' cannot send there: ${problem}.`, {
      details: { path, reason: 'TRIGGER_URL_FORBIDDEN' },
    });
  }
  const condition = when === undefined ? null : compile(when, ['bool'], 'data.when');
  const { kind, render } = compileAction(data.action);
  return {
    ...{ name, version, types, kind, render },
    matches(values) {
      if (condition === null) return { matches: true, error: null };
      try {
        return { matches: condition.evaluate(values) === true, error: null };
      } catch (error) {
        return { matches: false, error: lineOf(error) };
      }
    },
  };
}

/**
 * What of a watch may have no effect, a sentence each: what is in the own network is reached only where an operator allows it. Pure.
 */
export function watchWarnings({ action }: WatchDefinition): string[] {
  return urlsOf(action)
    .filter(([url]) => isInnerUrl(url))
    .map(
      ([url]) =>
        `${new URL(url).host} is not in the public internet: nothing is sent there unless STEMMA_ALLOWED_TARGETS names it.`,
    );
}

function urlsOf({
  webhook,
  slack,
  github,
}: WatchDefinition['action']): [url: string, path: string][] {
  const own = 'data.action';
  return [
    ...(webhook === undefined ? [] : [[webhook.url, `${own}.webhook.url`] as [string, string]]),
    ...(typeof slack?.url === 'string'
      ? [[slack.url, `${own}.slack.url`] as [string, string]]
      : []),
    ...(github?.api === undefined ? [] : [[github.api, `${own}.github.api`] as [string, string]]),
  ];
}

type Rendering = Pick<CompiledWatch, 'kind' | 'render'>;

function compileAction(action: WatchDefinition['action']): Rendering {
  if (action.webhook !== undefined) {
    const { url, secret, headers, body } = action.webhook;
    const content = optional(body, ANY, 'data.action.webhook.body');
    const given = { ...(secret && { secret }), ...(headers && { headers }) };
    return {
      kind: 'webhook',
      render: ({ envelope }, values) => ({
        ...{ kind: 'webhook', url, ...given },
        body: content === null ? envelope : jsonOf(content, values),
      }),
    };
  }
  if (action.slack !== undefined) {
    const { url, text } = action.slack;
    const content = compile(text, ['string'], 'data.action.slack.text');
    return {
      kind: 'slack',
      render: (_, values) => ({ kind: 'slack', url, text: textOf(content, values) }),
    };
  }
  if (action.github !== undefined) return compileGithub(action.github);
  if (action.publish !== undefined) {
    const { type, subject, data } = action.publish;
    const about = optional(subject, ['string'], 'data.action.publish.subject');
    const content = optional(data, MAP, 'data.action.publish.data');
    return {
      kind: 'publish',
      render: (trigger, values, id) => ({
        kind: 'publish',
        event: {
          ...{ specversion: '1.0', id, source: 'urn:stemma:watches', type },
          ...causedBy(trigger.envelope),
          ...{
            time: new Date(trigger.at).toISOString(),
            watchdepth: depthOf(trigger.envelope) + 1,
          },
          ...(about === null ? {} : { subject: textOf(about, values) }),
          ...(content === null ? {} : { data: jsonOf(content, values) }),
        },
      }),
    };
  }
  if (action.redis === undefined) throw new Error('the schema wants one of them');
  const { channel, message } = action.redis;
  const content = optional(message, ANY, 'data.action.redis.message');
  return {
    kind: 'redis',
    render({ envelope }, values) {
      const value = content === null ? envelope : jsonOf(content, values);
      return {
        kind: 'redis',
        channel,
        message: typeof value === 'string' ? value : JSON.stringify(value),
      };
    },
  };
}

type Github = NonNullable<WatchDefinition['action']['github']>;

function compileGithub({ eventType, workflow, ref, payload, api, ...named }: Github): Rendering {
  const rest = { ...named, ...(api === undefined ? {} : { api }) };
  const content = optional(payload, MAP, 'data.action.github.payload');
  if ((eventType === undefined) === (workflow === undefined)) {
    throw new StemmaError(
      'BAD_USER_INPUT',
      "A watch with 'github' has either an eventType, for repository_dispatch, or a workflow, for workflow_dispatch.",
      { details: { path: 'data.action.github' } },
    );
  }
  const of = (values: VariableValues) => (content === null ? {} : jsonOf(content, values));
  return {
    kind: 'github',
    render: (_, values) =>
      eventType !== undefined
        ? { kind: 'github', ...rest, event: 'repository_dispatch', eventType, payload: of(values) }
        : {
            ...{ kind: 'github', ...rest, event: 'workflow_dispatch' },
            ...{ workflow: workflow ?? '', ref: ref ?? 'main', payload: of(values) },
          },
  };
}

const MAP = ['map', 'map<'];
const ANY = [...MAP, 'list', 'list<', 'string', 'bool', 'int', 'double'];

function compile(text: string, types: readonly string[], path: string): Expression {
  return eventExpressions.compile(text, types, path);
}

function optional(text: string | undefined, types: readonly string[], path: string) {
  return text === undefined ? null : compile(text, types, path);
}

/** The value of an expression as JSON has it: whole numbers of CEL are 64 bits wide. */
function jsonOf(expression: Expression, values: VariableValues): unknown {
  const value = valueOf(expression, values);
  return JSON.parse(
    JSON.stringify(value, (_, part: unknown) => {
      if (typeof part === 'bigint') return Number(part);
      return part instanceof Map ? (Object.fromEntries(part) as unknown) : part;
    }),
  ) as unknown;
}

function textOf(expression: Expression, values: VariableValues): string {
  const value = valueOf(expression, values);
  if (typeof value === 'string') return value;
  throw noValue(expression, 'is not a string');
}

function valueOf(expression: Expression, values: VariableValues): unknown {
  try {
    return expression.evaluate(values);
  } catch (error) {
    throw noValue(expression, `has no value: ${lineOf(error)}`);
  }
}

function noValue({ text }: Expression, why: string): StemmaError {
  return new StemmaError('BAD_USER_INPUT', `'${text.slice(0, 200)}' ${why}`);
}

function lineOf(error: unknown): string {
  return (messageOf(error).split('\n')[0] ?? '').slice(0, 200);
}
