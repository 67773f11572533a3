// `--set path=value`: one value of the scenario file replaced from the command line. Paths have dots and [i]; a list's item can be named
// by its `name` as well: `--set load[ten-curls].iterations=100`. Values are YAML.
import { type Diagnostic, diagnosticAt, hintFor } from './diagnostics.ts';
import { childOf, type Entry, type Placed, placedOf } from './position.ts';
import { parseYamlDocuments } from './yaml-documents.ts';

type Step = string | number;

export function withSettings(tree: Placed, settings: readonly string[], diagnostics: Diagnostic[]): Placed {
  return settings.reduce((node, setting) => withSetting(node, setting, diagnostics), tree);
}

function withSetting(tree: Placed, setting: string, diagnostics: Diagnostic[]): Placed {
  const place = { file: `--set ${setting}`, line: 0, col: 0 };
  const refuse = (message: string, hint?: string) => {
    diagnostics.push(diagnosticAt('FS2030', place, message, hint));
    return tree;
  };
  const at = setting.indexOf('=');
  const steps = at > 0 ? stepsOf(setting.slice(0, at)) : undefined;
  if (!steps) return refuse('this is not path=value', 'write e.g. --set load[0].iterations=100');
  const text = setting.slice(at + 1);
  const parsed = parseYamlDocuments(place.file, text);
  if (parsed.diagnostics.some((each) => each.code !== 'FS1006') || parsed.documents.length > 1)
    return refuse(`"${text}" is not one YAML value`, 'quote it for the shell');
  const document = parsed.documents[0];
  const origin = () => ({ ...place, path: steps.join('.') });
  const value = document
    ? replaced(placedOf(document), origin)
    : ({ kind: 'scalar', value: null, origin } as const);
  return put(tree, steps, value, origin, refuse) ?? tree;
}

/** The same value, placed at the option instead of inside its text. */
function replaced(value: Placed, origin: Placed['origin']): Placed {
  if (value.kind === 'scalar') return { ...value, origin };
  if (value.kind === 'list')
    return { ...value, items: value.items.map((item) => replaced(item, origin)), origin };
  const entries = new Map<string, Entry>();
  for (const [name, entry] of value.entries)
    entries.set(name, { key: origin, value: replaced(entry.value, origin) });
  return { kind: 'map', entries, origin };
}

/** "load[0].a\.b" -> load, 0, a.b */
function stepsOf(path: string): Step[] | undefined {
  const steps: Step[] = [];
  const pattern = /(?:^|\.)((?:\\.|[^.[\]\\])+)|\[([^\]]+)\]/gy;
  let end = 0;
  for (let match = pattern.exec(path); match; match = pattern.exec(path)) {
    end = pattern.lastIndex;
    if (match[1] !== undefined) steps.push(match[1].replace(/\\(.)/g, '$1'));
    else steps.push(/^\d+$/.test(match[2]!) ? Number(match[2]) : `[${match[2]}]`);
  }
  return end === path.length && steps.length > 0 && steps.length <= 50 ? steps : undefined;
}

function put(
  node: Placed | undefined,
  steps: readonly Step[],
  value: Placed,
  origin: Placed['origin'],
  refuse: (message: string, hint?: string) => unknown,
): Placed | undefined {
  const [step, ...rest] = steps;
  if (step === undefined) return value;
  const isIndex = typeof step === 'number' || /^\[.*\]$/.test(step);
  if (isIndex) {
    if (node?.kind !== 'list')
      return void refuse(`[${String(step).replace(/[[\]]/g, '')}]: there is no list at this place`);
    const index =
      typeof step === 'number' ? step : node.items.findIndex((item) => nameOf(item) === step.slice(1, -1));
    if (index < 0 || index > node.items.length) {
      const names = node.items.map(nameOf).filter((name) => name !== undefined);
      return void refuse(
        `there is no item ${String(step)}: the list has ${node.items.length}`,
        hintFor(String(step), names),
      );
    }
    const child = put(node.items[index], rest, value, origin, refuse);
    return child && { ...node, items: node.items.toSpliced(index, 1, child) };
  }
  if (node && node.kind !== 'map' && !(node.kind === 'scalar' && node.value === null))
    return void refuse(`${step}: there is no mapping at this place`);
  const entries = new Map(node?.kind === 'map' ? node.entries : []);
  const child = put(childOf(node, step), rest, value, origin, refuse);
  if (!child) return undefined;
  entries.set(String(step), { key: origin, value: child });
  return { kind: 'map', entries, origin: node?.origin ?? origin };
}

function nameOf(item: Placed): string | undefined {
  const name = childOf(item, 'name');
  return name?.kind === 'scalar' && typeof name.value === 'string' ? name.value : undefined;
}
