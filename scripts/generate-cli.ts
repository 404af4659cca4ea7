/** Writes docs/cli.md, the help of every command; with --check compares instead. */
import { Readable } from 'node:stream';
import type { Command } from 'commander';
import { assembleAll } from '../src/cli.ts';
import { writePage } from './write-page.ts';

const program = await assembleAll({
  out: () => undefined,
  err: () => undefined,
  progress: () => undefined,
  stdin: Readable.from([]),
  env: {},
  isTerminal: false,
  columns: 120,
  paint: (_, text) => text,
  interrupted: () => new AbortController().signal,
  exitWith: () => undefined,
});

function helpOf(command: Command): string {
  let text = '';
  command.configureOutput({ writeOut: (piece) => (text += piece), getOutHelpWidth: () => 120 });
  command.outputHelp();
  return text.trimEnd();
}

function sectionsOf(command: Command, path: string): string[] {
  const children = command.commands.filter((child) => child.name() !== 'help');
  return [
    `## ${path}\n\n\`\`\`text\n${helpOf(command)}\n\`\`\``,
    ...children.flatMap((child) => sectionsOf(child, `${path} ${child.name()}`)),
  ];
}

await writePage(
  'docs/cli.md',
  `# Commands

What \`stemma <command> --help\` prints.

${sectionsOf(program, 'stemma').join('\n\n')}
`,
);
