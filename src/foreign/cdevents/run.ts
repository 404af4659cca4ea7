import type { Statement } from '../envelope.ts';
import { cutText } from '../../model/text.ts';
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

/** Of a run that ended: nobody says how. */
const NOT_STATED = 'unknown';

const queued: Mapping = (event) => [{ type: 'build.queued', data: buildFacts(event) }];
const started: Mapping = (event) => [{ type: 'build.started', data: buildFacts(event) }];

/** A run that finished without saying how is over, and not called a success. */
const finished: Mapping = (event) => [
  { type: 'build.completed', data: { ...buildFacts(event), outcome: endOf(event) ?? NOT_STATED } },
];

/** `build.finished` has no outcome in any version; where it names the artifact that it produced, it succeeded. */
const buildFinished: Mapping = (event) => {
  const artifactId = textField(event, 'artifactId');
  const outcome = endOf(event) ?? (artifactId === undefined ? NOT_STATED : 'success');
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

/** The outcome of a run; null where none is stated, or one that no version lists (the schema allows any text). */
export function outcomeOf(event: CdEvent): Outcome | null {
  const stated = statedOutcome(event);
  if (typeof stated !== 'string') return null;
  const name = stated.toLowerCase();
  return Object.hasOwn(OUTCOMES, name) ? (OUTCOMES[name] ?? null) : null;
}

/** The outcome; a word that no version lists as it is. Null where none is stated. */
function endOf(event: CdEvent): string | null {
  const stated = statedOutcome(event);
  if (stated === null) return null;
  const word = typeof stated === 'string' ? stated : JSON.stringify(stated);
  return outcomeOf(event) ?? cutText(word, 200);
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
