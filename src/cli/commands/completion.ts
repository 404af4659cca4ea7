import { Argument, type Command } from 'commander';
import { choicesOf, SHELLS, type Shell } from '../completion.ts';
import type { CliIo } from '../io.ts';

export function addCompletion(
  program: Command,
  io: CliIo,
  assembleAll: (io: CliIo) => Promise<Command>,
): void {
  program
    .command('completion')
    .description('Print what completes the commands and flags of stemma in a shell.')
    .addArgument(new Argument('<shell>', 'the shell that reads it').choices(Object.keys(SHELLS)))
    .addHelpText(
      'after',
      `
Examples:
  eval "$(stemma completion bash)"                                       in ~/.bashrc
  eval "$(stemma completion zsh)"                                        in ~/.zshrc, after compinit
  stemma completion fish > ~/.config/fish/completions/stemma.fish`,
    )
    .action(async (shell: Shell) => {
      const text = SHELLS[shell](choicesOf(await assembleAll(io)));
      io.out(text.trimEnd());
    });
}
