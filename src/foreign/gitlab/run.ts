import { z } from 'zod';
import type { Envelope } from '../../model/event.ts';
import { gitlabKey } from '../../model/run-key.ts';
import { cutText } from '../../model/text.ts';
import {
  hookTime,
  number,
  parsePayload,
  sha,
  text,
  toHookEnvelope,
  type GitlabWebhook,
} from './payload.ts';

/** A job or a pipeline, as far as webhooks tell. */
type Run = {
  readonly unit: 'jobs' | 'pipelines';
  readonly id: string;
  readonly name: string | undefined;
  readonly status: string;
  readonly commit: string | undefined;
  readonly trigger: string | undefined;
  readonly pipeline: string | undefined;
  readonly queuedAt: string | undefined;
  readonly startedAt: string | undefined;
  readonly finishedAt: string | undefined;
};

const WAITING: ReadonlySet<string> = new Set([
  ...['created', 'pending', 'preparing', 'scheduled', 'waiting_for_resource'],
  'waiting_for_callback',
]);
/** @see https://docs.gitlab.com/api/jobs (scope), https://docs.gitlab.com/api/pipelines (status) */
const OUTCOMES: Readonly<Record<string, string>> = {
  success: 'success',
  failed: 'failure',
  canceled: 'cancelled',
  cancelled: 'cancelled',
  skipped: 'cancelled',
};
/** Neither begun nor ended: waits for a person, or is about to be cancelled. */
const NOTHING_YET: ReadonlySet<string> = new Set(['manual', 'canceling']);

const job = z.looseObject({
  build_id: number,
  build_name: text,
  build_status: z.string().min(1),
  build_created_at: text,
  build_started_at: text,
  build_finished_at: text,
  pipeline_id: number.nullish().catch(null),
  sha: sha.nullish().catch(null),
});

/** @see https://docs.gitlab.com/user/project/integrations/webhook_events/#job-events */
export function mapJob(hook: GitlabWebhook): Envelope[] {
  const found = parsePayload(job, hook);
  return runEnvelopes(hook, {
    ...{ unit: 'jobs', id: String(found.build_id), name: found.build_name ?? undefined },
    ...{ status: found.build_status, commit: found.sha ?? undefined, trigger: undefined },
    pipeline: found.pipeline_id ? pipelineKey(hook, found.pipeline_id) : undefined,
    queuedAt: hookTime(found.build_created_at),
    startedAt: hookTime(found.build_started_at),
    finishedAt: hookTime(found.build_finished_at),
  });
}

const pipeline = z.looseObject({
  object_attributes: z.looseObject({
    id: number,
    name: text,
    status: z.string().min(1),
    sha: sha.nullish().catch(null),
    source: text,
    created_at: text,
    finished_at: text,
  }),
  builds: z
    .array(
      z.looseObject({
        id: number,
        name: text,
        status: z.string().min(1),
        created_at: text,
        started_at: text,
        finished_at: text,
      }),
    )
    .nullish()
    .catch(null),
});

/** A pipeline and its jobs, each a build of its own. */
export function mapPipeline(hook: GitlabWebhook): Envelope[] {
  const { object_attributes: found, builds } = parsePayload(pipeline, hook);
  const commit = found.sha ?? undefined;
  const again = Object.hasOwn(OUTCOMES, found.status) ? null : lastStart(builds ?? []);
  const runs: Run[] = [
    {
      ...{ unit: 'pipelines', id: String(found.id), name: found.name ?? undefined, commit },
      ...{ status: found.status, trigger: found.source ?? undefined, pipeline: undefined },
      queuedAt: again?.queuedAt ?? hookTime(found.created_at),
      startedAt: again?.startedAt,
      finishedAt: hookTime(found.finished_at),
    },
    ...(builds ?? []).map((one): Run => ({
      ...{ unit: 'jobs', id: String(one.id), name: one.name ?? undefined, commit },
      ...{ status: one.status, trigger: undefined, pipeline: pipelineKey(hook, found.id) },
      queuedAt: hookTime(one.created_at),
      startedAt: hookTime(one.started_at),
      finishedAt: hookTime(one.finished_at),
    })),
  ];
  return runs.flatMap((run) => runEnvelopes(hook, run));
}

type Job = {
  readonly status: string;
  readonly created_at?: string | null | undefined;
  readonly started_at?: string | null | undefined;
  readonly finished_at?: string | null | undefined;
};

/**
 * When the jobs that have not ended were made and begun. A pipeline that is retried keeps its creation, and its former end until it
 * has another one: only its new jobs tell that it runs again.
 */
function lastStart(jobs: readonly Job[]): Pick<Run, 'queuedAt' | 'startedAt'> {
  const open = jobs.filter(
    ({ finished_at: end, status }) =>
      !end && !NOTHING_YET.has(status) && !Object.hasOwn(OUTCOMES, status),
  );
  const times = (of: (one: Job) => string | null | undefined): string[] =>
    open.flatMap((one) => hookTime(of(one)) ?? []).sort();
  return {
    queuedAt: times((one) => one.created_at).at(-1),
    startedAt: times((one) => one.started_at)[0],
  };
}

export function jobKey(hook: GitlabWebhook, id: string | number): string {
  return gitlabKey(hook.project, 'jobs', id);
}

function pipelineKey(hook: GitlabWebhook, id: string | number): string {
  return gitlabKey(hook.project, 'pipelines', id);
}

function runEnvelopes(hook: GitlabWebhook, run: Run): Envelope[] {
  const build = gitlabKey(hook.project, run.unit, run.id);
  const data = {
    build,
    name: run.name,
    url: build,
    repository: hook.page,
    commit: run.commit,
    trigger: run.trigger,
    workflow: run.pipeline,
  };
  const say = (type: 'build.queued' | 'build.started', time: string | undefined): Envelope =>
    toHookEnvelope(hook, { ...about(type), time }, { type, data });
  const about = (type: string) => ({
    id: `${run.unit}/${run.id}/${type}`,
    subject: build,
    correlationid: run.pipeline ?? build,
  });
  if (NOTHING_YET.has(run.status)) return [];
  if (WAITING.has(run.status)) return [say('build.queued', run.queuedAt)];
  if (run.status === 'running') return [say('build.started', run.startedAt ?? run.queuedAt)];
  const listed = Object.hasOwn(OUTCOMES, run.status) ? OUTCOMES[run.status] : undefined;
  // a word of next year ends the run only where its end is stated
  if (listed === undefined && run.finishedAt === undefined) return [];
  const outcome = listed ?? cutText(run.status, 200);
  return [
    ...(run.queuedAt === undefined ? [] : [say('build.queued', run.queuedAt)]),
    ...(run.startedAt === undefined ? [] : [say('build.started', run.startedAt)]),
    toHookEnvelope(
      hook,
      { ...about('build.completed'), time: run.finishedAt ?? run.queuedAt },
      { type: 'build.completed', data: { ...data, outcome } },
    ),
  ];
}
