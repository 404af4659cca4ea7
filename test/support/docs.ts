import { spawn } from 'node:child_process';
import { once } from 'node:events';

/** A block of shell commands in a page of the documentation, as it is printed there. */
export type Block = {
  /** Of the page, beginning with 1. */
  readonly line: number;
  readonly code: string;
  /** Why no test runs it. */
  readonly notRun: string | null;
  readonly exitCode: number;
  /** Whether it goes on until Ctrl-C, and what comes after it is typed in another terminal. */
  readonly staysUp: boolean;
  /** What the page says that a terminal shows then; null where it does not say. */
  readonly output: { readonly text: string; readonly from: number; readonly to: number } | null;
};

const BLOCK =
  /(?:<!-- (not run: (?<reason>[^\n]+)|exit code (?<code>\d+)|(?<up>stays up)) -->\n+)?```sh\n(?<text>[^]*?)```\n(?:\n```text\n(?<output>[^]*?)```\n)?/dg;

/** Shell blocks of a page. A comment before one says what is special: `not run: <reason>`, `exit code 3`, `stays up`. */
export function blocksOf(page: string): Block[] {
  return [...page.matchAll(BLOCK)].map((match) => {
    const { reason, code, up, text = '', output } = match.groups ?? {};
    const [from, to] = match.indices?.groups?.['output'] ?? [0, 0];
    return {
      line: page.slice(0, match.indices?.groups?.['text']?.[0]).split('\n').length,
      code: text,
      notRun: reason ?? null,
      exitCode: Number(code ?? 0),
      staysUp: up !== undefined,
      output: output === undefined ? null : { text: output, from, to },
    };
  });
}

/** When the outputs were written down: later times are those of a run. */
const WRITTEN = '2026-12-01';
const TIME = /(\d{4}-\d{2}-\d{2})(?:[T ]\d{2}:\d{2}(?::\d{2}(?:\.\d+)?)?Z)?/g;
const ID = /auto-[0-9a-f-]{16,}|\b[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}\b/g;

/** Whether a terminal shows what a page says, up to times and ids of the run. `…` stands for anything, as a line for any lines. */
export function isShown(expected: string, actual: string): boolean {
  const lines = normal(expected).split('\n');
  const pattern = lines.map((line) =>
    line === '…' ? '(?:[^\\n]*\\n)*?' : `${line.split('…').map(literally).join('[^\\n]*')}\\n`,
  );
  return new RegExp(`^${pattern.join('')}$`).test(`${normal(actual)}\n`);
}

function literally(text: string): string {
  return text.replace(/[\\^$.*+?()[\]{}|/-]/g, '\\$&');
}

function normal(text: string): string {
  return text
    .replace(TIME, (time, day: string) => (day >= WRITTEN ? '<time>' : time))
    .replace(ID, '<id>')
    .replace(/\t\d+\t|(?<= at )\d+(?=[);])/g, '<n>') // log numbers
    .replace(/[ \t]+$/gm, '')
    .replace(/ {3,}/g, '  ') // a port has four digits or five
    .trim();
}

export const COLUMNS = 120;
export const ROWS = 50;

type Shell = {
  /** The two streams, as they come to the terminal. */
  readonly text: () => string;
  readonly ended: Promise<number | null>;
  readonly interrupt: () => void;
};

/** A block in a terminal of its own, pasted whole; the first command that fails ends it. */
export function inTerminal(code: string, cwd: string, env: NodeJS.ProcessEnv): Shell {
  // util-linux: a pseudo-terminal, whose end it passes on
  const child = spawn(
    'script',
    ['-qefc', `stty cols ${COLUMNS} rows ${ROWS} -echo; exec bash -e -c "$BLOCK"`, '/dev/null'],
    {
      cwd,
      env: { ...env, BLOCK: code, SHELL: '/bin/sh', TERM: 'dumb', NO_COLOR: '1' },
      stdio: ['pipe', 'pipe', 'inherit'],
    },
  );
  let out = '';
  child.stdout.on('data', (chunk: Buffer) => (out += chunk.toString()));
  return {
    text: () => out.replaceAll('\r', ''),
    ended: once(child, 'close').then(([status]) => status as number | null),
    interrupt: () => child.stdin.write('\u0003'),
  };
}
