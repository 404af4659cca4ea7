import { existsSync } from 'node:fs';
import { delimiter, join } from 'node:path';

type Environment = Readonly<Record<string, string | undefined>>;

/** The `java` of JAVA_HOME, else the one on the path; null when there is none. */
export function findJava(environment: Environment): string | null {
  const home = environment['JAVA_HOME'];
  if (home !== undefined && home !== '') {
    const java = join(home, 'bin', 'java');
    if (existsSync(java)) return java;
  }
  return findOnPath('java', environment);
}

export function findOnPath(command: string, environment: Environment): string | null {
  for (const directory of (environment['PATH'] ?? '').split(delimiter)) {
    if (directory === '') continue;
    const file = join(directory, command);
    if (existsSync(file)) return file;
  }
  return null;
}
