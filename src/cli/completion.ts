import type { Command } from 'commander';

/** Commands and flags that may come next, by the words of the command before them: `record build`; '' is the program itself. */
export type Choices = ReadonlyMap<string, readonly Choice[]>;
export type Choice = { readonly word: string; readonly description: string };

export function choicesOf(program: Command): Choices {
  const choices = new Map<string, readonly Choice[]>();
  const open: { path: readonly string[]; command: Command }[] = [{ path: [], command: program }];
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    const { path, command } = next;
    const help = command.createHelp();
    const commands = help.visibleCommands(command);
    choices.set(path.join(' '), [
      ...commands.map((one) => ({ word: one.name(), description: one.description() })),
      ...help.visibleOptions(command).map((option) => ({
        word: option.long ?? option.short ?? '',
        description: option.description,
      })),
    ]);
    for (const one of commands) {
      if (one.name() !== 'help') open.push({ path: [...path, one.name()], command: one });
    }
  }
  return choices;
}

export const SHELLS = {
  bash: bashCompletion,
  zsh: zshCompletion,
  fish: fishCompletion,
} as const;
export type Shell = keyof typeof SHELLS;

/** Words that name a command: of the line, the shells keep these in `at`. */
const known = (choices: Choices): string[] => [...choices.keys()].filter((path) => path !== '');

function bashCompletion(choices: Choices): string {
  return `# stemma completion bash
_stemma() {
  local word at= words=
  for word in "\${COMP_WORDS[@]:1:COMP_CWORD-1}"; do
    case "\${at:+$at }$word" in
      ${known(choices).map(quoted).join('|')}) at="\${at:+$at }$word" ;;
    esac
  done
  case "$at" in
${cases(choices, (words) => `words=${quoted(words.map(({ word }) => word).join(' '))}`)}
  esac
  COMPREPLY=($(compgen -W "$words" -- "\${COMP_WORDS[COMP_CWORD]}"))
}
complete -o default -F _stemma stemma
`;
}

function zshCompletion(choices: Choices): string {
  const described = (words: readonly Choice[]): string =>
    words
      .map(({ word, description }) => quoted(`${word.replaceAll(':', '\\:')}:${description}`))
      .join(' ');
  return `#compdef stemma
_stemma() {
  local word at=
  local -a choices
  for word in "\${(@)words[2,$((CURRENT - 1))]}"; do
    case "\${at:+$at }$word" in
      (${known(choices).map(quoted).join('|')}) at="\${at:+$at }$word" ;;
    esac
  done
  case "$at" in
${cases(choices, (words) => `choices=(${described(words)})`)}
  esac
  _describe stemma choices || _files
}
compdef _stemma stemma
`;
}

function fishCompletion(choices: Choices): string {
  const lines = [...choices].flatMap(([path, words]) =>
    words.map(({ word, description }) => {
      const what = word.startsWith('--') ? `-l ${word.slice(2)}` : `-a ${word}`;
      return `complete -c stemma -n '__stemma_at ${quoted(path).replaceAll("'", '"')}' ${what} -d ${fishQuoted(description)}`;
    }),
  );
  return `# stemma completion fish
function __stemma_at
  set -l at ''
  for word in (commandline -opc)[2..]
    switch (string trim -- "$at $word")
      case ${known(choices).map(fishQuoted).join(' ')}
        set at (string trim -- "$at $word")
    end
  end
  test "$at" = "$argv[1]"
end
${lines.join('\n')}
`;
}

function cases(choices: Choices, set: (words: readonly Choice[]) => string): string {
  return [...choices].map(([path, words]) => `    (${quoted(path)}) ${set(words)} ;;`).join('\n');
}

function quoted(text: string): string {
  return `'${text.replaceAll("'", `'\\''`)}'`;
}

function fishQuoted(text: string): string {
  return `'${text.replaceAll('\\', '\\\\').replaceAll("'", "\\'")}'`;
}
