import { spawnSync } from 'node:child_process';
import { expect, test } from '@jest/globals';
import { assembleAll } from '../../../src/cli.ts';
import { choicesOf, SHELLS, type Shell } from '../../../src/cli/completion.ts';
import { createTestIo } from '../../support/cli-io.ts';

const choices = choicesOf(await assembleAll(createTestIo().io));

/** What a shell that has read the completion offers behind a line. */
const ASK: Readonly<Record<Shell, (line: string) => string>> = {
  bash: (line) => `
    eval "$COMPLETION"
    COMP_WORDS=(${line.endsWith(' ') ? `${line} ''` : line})
    COMP_CWORD=$(( \${#COMP_WORDS[@]} - 1 ))
    _stemma
    printf '%s\\n' "\${COMPREPLY[@]}"`,
  // outside of its line editor there is nothing that could be completed: what would be offered is printed
  zsh: (line) => `
    compdef() { :; }
    _files() { :; }
    _describe() { print -l -- \${(P)2%%:*}; }
    eval "$COMPLETION"
    words=(${line.endsWith(' ') ? `${line} ''` : line}) CURRENT=$#words
    _stemma`,
  fish: (line) => `
    echo $COMPLETION | source
    complete --do-complete '${line}' | string replace -r '\\t.*' ''`,
};

/** Without the settings of whoever runs the tests. */
const BARE: Readonly<Record<Shell, string>> = { bash: '--norc', zsh: '-f', fish: '--no-config' };

const installed = (Object.keys(SHELLS) as Shell[]).filter(
  (shell) => spawnSync(shell, [BARE[shell], '-c', 'true']).status === 0,
);

test('bash is one of the shells that are tried', () => {
  expect(installed).toContain('bash');
});

test.each(installed)('%s completes commands, their commands and their flags', (shell) => {
  const offered = (line: string): string[] => {
    const { stdout, stderr } = spawnSync(shell, [BARE[shell], '-c', ASK[shell](line)], {
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'pipe'],
      env: { PATH: process.env['PATH'], COMPLETION: SHELLS[shell](choices) },
    });
    expect(stderr).toBe('');
    return stdout.split('\n').filter((word) => word !== '');
  };
  expect(offered('stemma ')).toEqual(expect.arrayContaining(['ps', 'record', 'completion']));
  expect(offered('stemma record ')).toEqual(expect.arrayContaining(['build', 'vulnerability']));
  expect(offered('stemma record build https://ci.example/1 --')).toContain('--outcome');
  expect(offered('stemma ps production --')).toEqual(
    expect.arrayContaining(['--at', '--known', '--wide', '--timeout']),
  );
  expect(offered('stemma ps --')).not.toContain('--outcome');
});
