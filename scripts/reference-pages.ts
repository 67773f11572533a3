// docs/reference from the program itself: schemas, registries, tables. `npm run docs` writes the files; test/docs.test.ts compares them.
import { Command } from 'commander';
import { COMMANDS, DEFAULT_COMMAND } from '../src/cli/commands/registry.ts';
import { EXIT_CODE_TEXT } from '../src/cli/exit-codes.ts';
import { OUT_FORMATS, REPORTERS } from '../src/cli/output/reporters.ts';
import { resultJsonSchema } from '../src/cli/output/result-schema.ts';
import { scenarioJsonSchema } from '../src/scenarios/schema-json.ts';

const MADE = '<!-- Written by npm run docs from the program. Edit the program, not this file. -->';

/** By file name. */
export async function referencePages(): Promise<Map<string, string>> {
  return new Map([
    ['scenario.md', scenarioPage()],
    ['commands.md', await commandsPage()],
    ['reporters.md', await reportersPage()],
    ['result.md', resultPage()],
  ]);
}

// ------------------------------------------------------------------------------------------------------------------- schemas
interface Schema {
  type?: string | string[];
  description?: string;
  const?: unknown;
  enum?: unknown[];
  default?: unknown;
  properties?: Record<string, Schema>;
  required?: string[];
  items?: Schema;
  prefixItems?: Schema[];
  anyOf?: Schema[];
  oneOf?: Schema[];
  additionalProperties?: Schema | boolean;
  $ref?: string;
  minimum?: number;
  maximum?: number;
}

/** Below this depth a table stops: what is deeper is described by the schema itself. */
const DEEPEST = 4;
const isSafe = (limit: number) => Math.abs(limit) < Number.MAX_SAFE_INTEGER;

function kindOf(schema: Schema): string {
  if (schema.$ref !== undefined) return schema.$ref === '#' ? 'the same again' : 'mapping';
  if (schema.const !== undefined) return code(schema.const);
  if (schema.enum) return schema.enum.map(code).join(', ');
  const choices = schema.anyOf ?? schema.oneOf;
  if (choices) return [...new Set(choices.map(kindOf))].join(' or ');
  if (schema.prefixItems) return `list of ${schema.prefixItems.length}: ${kindOf(schema.prefixItems[0]!)}`;
  if (schema.type === 'array') return schema.items ? `list of ${kindOf(schema.items)}` : 'list';
  if (schema.type === 'object') return valuesOf(schema) ? 'mapping by name' : 'mapping';
  const kind = [schema.type ?? 'any value'].flat().map((type) => NAMES[type] ?? type);
  const { minimum, maximum } = schema;
  const limits = [
    ...(minimum !== undefined && isSafe(minimum) ? [`from ${minimum}`] : []),
    ...(maximum !== undefined && isSafe(maximum) ? [`to ${maximum}`] : []),
  ].join(' ');
  return [kind.join(' or '), limits].filter(Boolean).join(' ');
}

const NAMES: Record<string, string> = { string: 'text', integer: 'whole number', boolean: 'true or false' };
const code = (value: unknown) => `\`${typeof value === 'string' ? value : JSON.stringify(value)}\``;

function valuesOf(schema: Schema): Schema | undefined {
  const values = schema.additionalProperties;
  const isMap = typeof values === 'object' && Object.keys(values).length > 0;
  return isMap && Object.keys(schema.properties ?? {}).length === 0 ? values : undefined;
}

/** What a value consists of: `path` and the schema that has keys. */
function parts(path: string, schema: Schema): [string, Schema][] {
  if (schema.anyOf ?? schema.oneOf)
    return (schema.anyOf ?? schema.oneOf)!.flatMap((choice) => parts(path, choice));
  if (schema.type === 'array' && schema.items) return parts(`${path}[]`, schema.items);
  const values = schema.type === 'object' ? valuesOf(schema) : undefined;
  if (values) return parts(`${path}.NAME`, values);
  return schema.properties && Object.keys(schema.properties).length > 0 ? [[path, schema]] : [];
}

function rowsOf(path: string, schema: Schema, depth: number, isOurs = false): string[] {
  return Object.entries(schema.properties ?? {}).flatMap(([key, value]) => {
    const own = path === '' ? key : `${path}.${key}`;
    const notes = [
      ...necessity(schema.required?.includes(key) === true, value, isOurs),
      ...(value.description ? [cell(value.description)] : []),
      ...(value.default !== undefined ? [`default ${code(value.default)}`] : []),
    ];
    const row = `| \`${own}\` | ${cell(kindOf(value))} | ${notes.join('; ')} |`;
    const below = depth < DEEPEST ? parts(own, value).flatMap(([at, part]) => rowsOf(at, part, depth + 1, isOurs)) : [];
    return [row, ...below.filter((line, i) => below.indexOf(line) === i)];
  });
}

/** In what people write, what is needed stands out; in what we write, what may be missing does. */
function necessity(isRequired: boolean, value: Schema, isOurs: boolean): string[] {
  if (isOurs) return isRequired ? [] : ['not always there'];
  return isRequired && value.default === undefined ? ['**needed**'] : [];
}

const cell = (text: string) => text.replaceAll('|', '\\|').replaceAll('\n', ' ').replaceAll('<', '&lt;');
const table = (rows: string[]) => ['| key | value | |', '|---|---|---|', ...rows].join('\n');

function scenarioPage(): string {
  const schema = scenarioJsonSchema() as Schema;
  const sections = Object.entries(schema.properties!).filter(([key]) => !key.endsWith('+'));
  const appending = Object.keys(schema.properties!).filter((key) => key.endsWith('+'));
  const rowsOfKey = ([key, value]: [string, Schema]) =>
    rowsOf('', { properties: { [key]: value }, ...(schema.required && { required: schema.required }) }, 0);
  const isPlain = (entry: [string, Schema]) => rowsOfKey(entry).length === 1;
  const plain = `## Plain values\n\n${table(sections.filter(isPlain).flatMap(rowsOfKey))}\n`;
  const texts = [plain];
  for (const entry of sections)
    if (!isPlain(entry)) texts.push(`## ${entry[0]}\n\n${table(rowsOfKey(entry))}\n`);
  return [
    '# Scenario file',
    MADE,
    `Every key of version 1; \`[]\` is an item of a list, \`NAME\` a name that you choose. \`foresail schema\` prints the same as JSON Schema. Durations are
written as in Go and Kubernetes (\`1m30s\`, \`250ms\`), rates as \`100/s\`, sizes as \`2KiB\`, shares as \`10%\`. In \`expect\`, \`9\` is exact, \`8..10\` a range,
\`..1%\` at most, \`99%..\` at least. ${appending.map(code).join(', ')} append to what a file that is extended has.`,
    ...texts,
  ].join('\n\n');
}

function resultPage(): string {
  const schema = resultJsonSchema() as Schema & { $defs?: Record<string, Schema> };
  const whole = schema.properties ? schema : (Object.values(schema.$defs ?? {})[0] ?? schema);
  return [
    '# Result',
    MADE,
    `What \`--json\` prints and \`--out run.json\` saves (with \`record\`, which dash and explain replay); \`foresail schema result\` prints the JSON Schema. Fields
are added, never renamed or removed. Several files make an array; a scenario that cannot run is an object with \`ok: false\`, \`exitCode: 1\` and \`diagnostics\`.
Times and latencies are seconds.`,
    table(rowsOf('', whole, 1, true)),
    '',
  ].join('\n\n');
}

// ------------------------------------------------------------------------------------------------------------------- commands
async function commandsPage(): Promise<string> {
  const texts = [];
  for (const { name, arguments: args, summary, load } of COMMANDS) {
    const command = new Command(name);
    (await load()).configure(command);
    const rows = command.options.map(
      ({ flags, description }) => `| \`${cell(flags).replaceAll('&lt;', '<')}\` | ${cell(description)} |`,
    );
    const flags = rows.length > 0 ? `| flag | |\n|---|---|\n${rows.join('\n')}\n` : 'It takes no flags.\n';
    const isDefault = name === DEFAULT_COMMAND ? ' The word `run` may be left out.' : '';
    texts.push(
      `## foresail ${name}\n\n\`foresail ${`${name} ${args}`.trim()}\`: ${cell(summary)}.${isDefault}\n\n${flags}`,
    );
  }
  const list = COMMANDS.map(({ name, summary }) => `- [${name}](#foresail-${name}): ${cell(summary)}`);
  return [
    '# Commands',
    MADE,
    '`foresail help COMMAND` prints the same, with examples. [Exit codes](reporters.md#exit-codes).',
    list.join('\n'),
    ...texts,
  ].join('\n\n');
}

async function reportersPage(): Promise<string> {
  const definitions = await Promise.all(Object.values(REPORTERS).map((load) => load()));
  const formats = Object.entries(OUT_FORMATS).map(([ext, name]) => `| \`--out FILE${ext}\` | ${name} |`);
  return [
    '# Reporters and exit codes',
    MADE,
    `\`--reporter NAME[=FILE],...\` writes several reports at once, each to its file or to standard output, which only one document may use. \`--json\` is
\`--reporter json\`. \`--out FILE\` saves one beside the report on the screen.`,
    `| reporter | |\n|---|---|\n${definitions.map(({ name, summary }) => `| \`${name}\` | ${cell(summary)} |`).join('\n')}`,
    `| flag | reporter |\n|---|---|\n${formats.join('\n')}`,
    `## Exit codes`,
    `| code | |\n|---|---|\n${EXIT_CODE_TEXT.map(([exit, text]) => `| ${exit} | ${cell(text)} |`).join('\n')}`,
    `With several scenarios the worst counts: interrupted, bug, cannot run, expectation failed, refused by \`--strict\`. Findings alone change the exit code
of \`lint\`, and of \`run\` and \`test\` with \`--strict\`.\n`,
  ].join('\n\n');
}
