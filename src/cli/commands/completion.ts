// foresail completion SHELL: a script that completes commands, the shared flags and file names.

import { EXIT } from '../exit-codes.ts';
import { SHARED_FLAGS } from '../flag-table.ts';
import { type CommandModule, UsageError } from './command.ts';
import { COMMANDS } from './registry.ts';

const flags = SHARED_FLAGS.map(({ flags: text, summary }) => ({
  names: text.replace(/ <.*/, '').split(', '),
  takesValue: text.includes('<'),
  summary,
}));
const names = COMMANDS.map(({ name }) => name);

const SHELLS: Record<string, () => string> = { bash, zsh, fish };

export const completion: CommandModule = {
  configure(command) {
    command.addHelpText('after', '\nFor example: foresail completion bash >> ~/.bashrc');
  },
  async execute([shell], _options, { io }) {
    if (shell === undefined || !Object.hasOwn(SHELLS, shell))
      throw new UsageError(`completion knows ${Object.keys(SHELLS).join(', ')}, not "${shell}"`);
    io.out(SHELLS[shell]!());
    return EXIT.ok;
  },
};

function bash(): string {
  const words = flags.flatMap((flag) => flag.names).join(' ');
  return `_foresail() {
  local current=\${COMP_WORDS[COMP_CWORD]}
  if [[ $current == -* ]]; then COMPREPLY=($(compgen -W '${words} --help' -- "$current"))
  elif [[ $COMP_CWORD == 1 ]]; then COMPREPLY=($(compgen -W '${names.join(' ')}' -- "$current") $(compgen -f -- "$current"))
  else COMPREPLY=($(compgen -f -- "$current")); fi
}
complete -o filenames -F _foresail foresail
`;
}

function zsh(): string {
  const quoted = (text: string) => text.replaceAll("'", "'\\''").replace(/[[\]:]/g, '\\$&');
  const commands = COMMANDS.map(({ name, summary }) => `    '${name}:${quoted(summary)}'`).join('\n');
  const options = flags
    .flatMap((flag) =>
      flag.names.map(
        (name) => `    '${name}[${quoted(flag.summary)}]${flag.takesValue ? ':value:_files' : ''}'`,
      ),
    )
    .join(' \\\n');
  return `#compdef foresail
_foresail() {
  local -a commands=(
${commands}
  )
  (( CURRENT == 2 )) && _describe command commands
  _arguments \\
${options} \\
    '*:file:_files'
}
compdef _foresail foresail
`;
}

function fish(): string {
  const quoted = (text: string) => text.replace(/['\\]/g, '\\$&');
  const commands = COMMANDS.map(
    ({ name, summary }) => `complete -c foresail -n __fish_use_subcommand -a ${name} -d '${quoted(summary)}'`,
  );
  const options = flags.map(({ names: all, takesValue, summary }) => {
    const spelt = all.map((name) => (name.startsWith('--') ? `-l ${name.slice(2)}` : `-s ${name.slice(1)}`));
    return `complete -c foresail ${spelt.join(' ')}${takesValue ? ' -r' : ''} -d '${quoted(summary)}'`;
  });
  return `${[...commands, ...options].join('\n')}\n`;
}
