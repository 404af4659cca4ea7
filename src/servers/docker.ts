import { execFile } from 'node:child_process';
import { StemmaError, messageOf } from '../errors.ts';

type Environment = Readonly<Record<string, string | undefined>>;

const ENGINE_DEADLINE_MS = 3_000;
/** The first start pulls the images. */
const COMPOSE_DEADLINE_MS = 600_000;

/** Whether a Docker engine answers; the command alone proves nothing. */
export async function hasDockerEngine(environment: Environment): Promise<boolean> {
  return run(['info', '--format', '{{.ServerVersion}}'], { environment }).then(
    (output) => output.trim() !== '',
    () => false,
  );
}

export async function hasDockerCompose(environment: Environment): Promise<boolean> {
  return run(['compose', 'version'], { environment }).then(
    () => true,
    () => false,
  );
}

/** The compose services that run already, so that the ones of somebody else are not stopped. */
export async function runningServices(root: string, environment: Environment): Promise<string[]> {
  const output = await run(['compose', 'ps', '--services', '--status', 'running'], {
    environment,
    cwd: root,
    timeoutMs: 30_000,
  });
  return output.split('\n').filter((line) => line !== '');
}

export async function startServices(
  root: string,
  environment: Environment,
  services: readonly string[],
): Promise<void> {
  await run(['compose', 'up', '--detach', '--wait', ...services], {
    environment,
    cwd: root,
    timeoutMs: COMPOSE_DEADLINE_MS,
  }).catch((error: unknown) => {
    throw new StemmaError(
      'SERVER_UNAVAILABLE',
      `Docker answers, but \`docker compose up ${services.join(' ')}\` failed (${lastLine(error)}); mend that, or set STEMMA_SERVERS=local to do without containers.`,
      { cause: error },
    );
  });
}

export async function stopServices(
  root: string,
  environment: Environment,
  services: readonly string[],
): Promise<void> {
  await run(['compose', 'stop', ...services], { environment, cwd: root, timeoutMs: 60_000 });
}

async function run(
  args: readonly string[],
  options: {
    readonly environment: Environment;
    readonly cwd?: string;
    readonly timeoutMs?: number;
  },
): Promise<string> {
  return new Promise((resolve, reject) => {
    execFile(
      'docker',
      args,
      {
        env: { ...options.environment },
        timeout: options.timeoutMs ?? ENGINE_DEADLINE_MS,
        killSignal: 'SIGKILL',
        ...(options.cwd === undefined ? {} : { cwd: options.cwd }),
      },
      (error, stdout, stderr) => {
        if (error === null) resolve(stdout);
        else reject(new Error(stderr.trim() || error.message, { cause: error }));
      },
    );
  });
}

function lastLine(error: unknown): string {
  return messageOf(error).trim().split('\n').at(-1) ?? '';
}
