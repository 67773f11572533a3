// foresail rules: the list of rules, or one of them explained.
import { inert, nearestName } from '../../scenarios/diagnostics.ts';
import { RULES } from '../../scenarios/lint/registry.ts';
import { rulePage } from '../../scenarios/lint/rule-page.ts';
import { type CommandModule, UsageError } from './command.ts';

export const rules: CommandModule = {
  configure(command) {
    command.option('--json', 'as JSON');
  },
  async execute([wanted], options: { json?: boolean }, { io }) {
    const plain = ({ check: _, ...words }: (typeof RULES)[number]) => words;
    if (wanted === undefined) {
      if (options.json) io.out(`${JSON.stringify(RULES.map(plain), null, 2)}\n`);
      else
        io.out(
          RULES.map(({ id, severity, title }) => `${id.padEnd(7)}${severity.padEnd(9)}${title}\n`).join(''),
        );
      return 0;
    }
    const id = wanted.toUpperCase();
    const rule = RULES.find((one) => one.id === id || one.sameAs?.includes(id));
    if (!rule) {
      const near = nearestName(
        id,
        RULES.map((one) => one.id),
      );
      throw new UsageError(
        `there is no rule "${inert(wanted)}"${near ? `; did you mean ${near}?` : '; foresail rules lists them'}`,
      );
    }
    io.out(
      options.json ? `${JSON.stringify(plain(rule), null, 2)}\n` : rulePage(rule).replaceAll(/\*\*|`/g, ''),
    );
    return 0;
  },
};
