import { sha256 } from '../../model/event.ts';
import { buildKey, githubRunKey } from '../../model/keys.ts';
import { identifierProblem } from '../../model/text.ts';
import { asObject, asText, canonicalText } from '../json.ts';
import { gitSource, splitSource } from './git.ts';
import type { Provenance } from './provenance.ts';

/** Which Build a provenance is about. */
export type BuildName = {
  readonly key: string;
  /** True where it describes one step of the build, so that its times and parameters are not those of the build. */
  readonly isStep: boolean;
};

/**
 * The Build that a provenance describes: one rule per vendor, first match wins, so that the webhook, the CI event and the
 * provenance of one run meet at one node. Never a bare id: without a builder to put before it, the predicate is the name.
 *
 * @see design section 3
 */
export function buildOf(provenance: Provenance): BuildName {
  const run = hostingRun(provenance);
  if (run !== null) return { key: run, isStep: true };
  for (const rule of [github, gitlab, cloudBuild, generic, githubVariables]) {
    const key = rule(provenance);
    if (key !== null && identifierProblem(key) === null) return { key, isStep: false };
  }
  return { key: `sha256:${sha256(canonicalText(provenance.predicate))}`, isStep: false };
}

type Rule = (provenance: Provenance) => string | null;

/** BuildKit inside of GitHub Actions, on any server, gives the run as its builder: the image came out of that run. */
const hostingRun: Rule = ({ builderId }) =>
  builderId !== null && /^https?:\/\/[^/]+\/[^/]+\/[^/]+\/actions\/runs\/\d+/.test(builderId)
    ? buildKey(builderId, '')
    : null;

/** `<run id>-<attempt>` of slsa-github-generator and npm, in the repository whose workflow was run. */
const github: Rule = ({ invocationId, source }) => {
  const run = /^(\d{1,20})-(\d{1,9})$/.exec(invocationId ?? '');
  const repository = githubRepository(source);
  return run === null || repository === null
    ? null
    : githubRunKey(repository, run[1] ?? '', run[2] ?? '');
};

/** GitLab's runner names the job by number; the project is its source, or the owner of the runner. */
const gitlab: Rule = ({ invocationId, builderId, buildType, source }) => {
  const runner = /^(https?:\/\/[^/]+\/.+?)\/-\/runners\/\d+$/.exec(builderId ?? '');
  const isGitlab =
    runner !== null || /\/gitlab-runner\/|^https:\/\/docs\.gitlab\.com\//.test(buildType ?? '');
  if (!isGitlab || invocationId === null || !/^\d{1,20}$/.test(invocationId)) return null;
  const project = (source === null ? null : splitSource(source)?.repository) ?? runner?.[1];
  return project === undefined ? null : buildKey(`${project}/-/jobs/${invocationId}`, project);
};

/** Google Cloud Build: v1 gives the URL of the build, v0.1 its resource name among the arguments. */
const cloudBuild: Rule = ({ builderId, parameters }) => {
  if (builderId?.startsWith('https://cloudbuild.googleapis.com/') !== true) return null;
  const name = asText(asObject(parameters)['name']);
  return name !== null && /^projects\/[^/]+\/locations\/[^/]+\/builds\/[^/]+$/.test(name)
    ? `https://cloudbuild.googleapis.com/v1/${name}`
    : null;
};

/** An absolute URI as given (GitHub's `…/runs/<id>/attempts/<n>` among them), else the id within its builder. */
const generic: Rule = ({ invocationId, builderId }) => {
  if (invocationId === null || identifierProblem(invocationId) !== null) return null;
  if (/^[a-z][a-z0-9+.-]*:\/\/\S+$/i.test(invocationId)) return buildKey(invocationId, '');
  return builderId === null || identifierProblem(`${builderId}#${invocationId}`) !== null
    ? null
    : buildKey(invocationId, builderId);
};

/** The first npm provenance and forks of the generators have no invocation id, only the runner's variables. */
const githubVariables: Rule = ({ environment, source }) => {
  const variable = (name: string): string | null => {
    const value = environment[`GITHUB_${name}`] ?? environment[`github_${name.toLowerCase()}`];
    return typeof value === 'number' ? String(value) : asText(asObject(value)['value'] ?? value);
  };
  const run = variable('RUN_ID') ?? '';
  const attempt = variable('RUN_ATTEMPT') ?? '1';
  const owner = /^[\w.-]+\/[\w.-]+$/.exec(variable('REPOSITORY') ?? '')?.[0];
  const repository =
    githubRepository(source) ?? (owner === undefined ? null : `https://github.com/${owner}`);
  return repository !== null && /^\d{1,20} \d{1,9}$/.test(`${run} ${attempt}`)
    ? githubRunKey(repository, run, attempt)
    : null;
};

function githubRepository(source: string | null): string | null {
  const repository = gitSource(source)?.repository ?? null;
  return repository?.startsWith('https://github.com/') === true ? repository : null;
}
