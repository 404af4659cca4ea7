import type { Statement } from '../envelope.ts';
import { artifactOf } from './artifact.ts';
import { referenceField, textField, type CdEvent } from './event.ts';

type Mapping = (event: CdEvent) => Statement[] | null;
type Outcome = 'success' | 'failure' | 'cancelled' | 'error';

const OUTCOMES: Readonly<Record<string, Outcome>> = {
  success: 'success',
  failure: 'failure',
  cancel: 'cancelled',
  canceled: 'cancelled',
  cancelled: 'cancelled',
  error: 'error',
};

const queued: Mapping = (event) => [{ type: 'build.queued', data: buildFacts(event) }];
const started: Mapping = (event) => [{ type: 'build.started', data: buildFacts(event) }];

/** Without an outcome the run is not called a success: the event is kept, and the build stays as it is. */
const finished: Mapping = (event) => {
  const outcome = outcomeOf(event);
  if (outcome === null) return null;
  return [{ type: 'build.completed', data: { ...buildFacts(event), outcome } }];
};

/** `build.finished` has no outcome in any version; where it names the artifact that it produced, it succeeded. */
const buildFinished: Mapping = (event) => {
  const artifactId = textField(event, 'artifactId');
  const isStated = statedOutcome(event) !== null;
  const outcome = outcomeOf(event) ?? (isStated || artifactId === undefined ? null : 'success');
  if (outcome === null) return null;
  const artifact = artifactId === undefined ? null : artifactOf(artifactId);
  const artifacts = artifact === null ? undefined : [artifact];
  return [{ type: 'build.completed', data: { ...buildFacts(event), outcome, artifacts } }];
};

/** A build, a pipeline run and a task run are each a run: a Build. */
export const RUN_MAPPINGS: Readonly<Record<string, Mapping>> = {
  'build.queued': queued,
  'build.started': started,
  'build.finished': buildFinished,
  'pipelinerun.queued': queued,
  'pipelinerun.started': started,
  'pipelinerun.finished': finished,
  'taskrun.queued': queued,
  'taskrun.started': started,
  'taskrun.finished': finished,
};

/**
 * The outcome of a run; null where none is stated, or one that no version lists (the schema allows any text). Such an event
 * is kept under its own type, and is never read as a success.
 */
export function outcomeOf(event: CdEvent): Outcome | null {
  const stated = statedOutcome(event);
  if (typeof stated !== 'string') return null;
  const name = stated.toLowerCase();
  return Object.hasOwn(OUTCOMES, name) ? (OUTCOMES[name] ?? null) : null;
}

function statedOutcome(event: CdEvent): unknown {
  const stated = event.content['outcome'];
  return stated === undefined || stated === '' ? null : stated;
}

function buildFacts(event: CdEvent) {
  const uri = textField(event, 'uri') ?? textField(event, 'url');
  return {
    build: buildOf(event, uri),
    name: textField(event, 'pipelineName') ?? textField(event, 'taskName'),
    url: uri,
  };
}

/**
 * A task that has the id of the pipeline run that it is part of, as Jenkins' plugin writes it, is another run: without a name of its
 * own it would overwrite the pipeline's times and outcome.
 */
function buildOf(event: CdEvent, uri: string | undefined): string {
  const run = runOf(event, uri);
  const isTask = event.name.startsWith('taskrun.');
  if (!isTask || referenceField(event, 'pipelineRun')?.id !== event.subject.id) return run;
  return `${run}/task/${encodeURIComponent(textField(event, 'taskName') ?? '')}`;
}

/** The run's own page where it is an absolute URI, since all sources meet there; else the subject's id within its source. */
function runOf(event: CdEvent, uri: string | undefined): string {
  if (uri !== undefined && /^https?:\/\/[^\s]+$/i.test(uri)) return uri;
  const { id, source } = event.subject;
  // The handler puts the event's source before a bare id.
  return source === event.context.source || /^[a-z][a-z0-9+.-]*:[^\s]+$/i.test(id)
    ? id
    : `${source}#${id}`;
}
