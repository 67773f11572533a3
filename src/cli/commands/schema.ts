// foresail schema: JSON Schemas, of the scenario file for editors and of the result for readers of --json.
import { EXIT } from '../exit-codes.ts';
import { type CommandModule, UsageError } from './command.ts';

const SCHEMAS: Record<string, () => Promise<unknown>> = {
  scenario: async () => (await import('../../scenarios/schema-json.ts')).scenarioJsonSchema(),
  result: async () => (await import('../output/result-schema.ts')).resultJsonSchema(),
};

export const schema: CommandModule = {
  configure(command) {
    command.addHelpText(
      'after',
      '\nNames: scenario (default), result. In a scenario file the first line\n  # yaml-language-server: $schema=./scenario.schema.json\ngives completion in editors.',
    );
  },
  async execute([name = 'scenario'], _options, { io }) {
    if (!Object.hasOwn(SCHEMAS, name))
      throw new UsageError(`there is no schema "${name}" (known: ${Object.keys(SCHEMAS).join(', ')})`);
    io.out(`${JSON.stringify(await SCHEMAS[name]!(), null, 2)}\n`);
    return EXIT.ok;
  },
};
