// Values of a knob as the command line takes them: a,b,c or 1..10 or 10ms..50ms:10ms or 5%..50%:5%. They stay texts: the scenario file
// reads them, whatever they are.
import { isMistake, type Mistake, parseDuration } from '../durations.ts';
import { durationText } from '../property/domain.ts';

export interface Knob {
  /** As it was written, for reports. */
  name: string;
  /** For --set. */
  path: string;
  values: string[];
}

const MOST_VALUES = 10_000;

/** "path=a,b,c"; a path such as DestinationRule/reviews:spec.host goes into `patch`. */
export function knobOf(text: string): Knob | Mistake {
  const at = text.indexOf('=', closing(text));
  if (at <= 0) return { message: `"${text}" is not path=values`, hint: 'write e.g. load[0].rate=10,20,50' };
  const name = text.slice(0, at);
  const values = valuesOf(text.slice(at + 1));
  return isMistake(values) ? values : { name, path: pathOf(name), values };
}

/** Behind the last bracket or object name: their = are not the one that is looked for. */
function closing(text: string): number {
  const match = /^[^=]*\]/.exec(text);
  return match ? match[0].length : 0;
}

export function pathOf(name: string): string {
  const match = /^([A-Z][A-Za-z]+\/[^:]+):(.+)$/.exec(name);
  return match ? `patch.${match[1]!.replaceAll('.', '\\.')}.${match[2]}` : name;
}

export function valuesOf(text: string): string[] | Mistake {
  const values: string[] = [];
  for (const part of splitAtCommas(text)) {
    const range = rangeOf(part.trim());
    if (isMistake(range)) return range;
    values.push(...(range ?? [part.trim()]));
    if (values.length > MOST_VALUES) return { message: `more than ${MOST_VALUES} values` };
  }
  return values;
}

/** Commas inside brackets, braces and quotes belong to a value. */
function splitAtCommas(text: string): string[] {
  const parts: string[] = [''];
  let depth = 0;
  let quote = '';
  for (const char of text) {
    if (quote) {
      if (char === quote) quote = '';
    } else if (char === '"' || char === "'") quote = char;
    else if (char === '[' || char === '{') depth++;
    else if (char === ']' || char === '}') depth--;
    if (char === ',' && depth <= 0 && !quote) parts.push('');
    else parts[parts.length - 1] += char;
  }
  return parts;
}

/** undefined = it is no range, so it is one value. */
function rangeOf(text: string): string[] | Mistake | undefined {
  const match = /^([\d.]+[^\s.]*?)\.\.([\d.]+[^\s:]*)(?::(\S+))?$/.exec(text);
  if (!match) return undefined;
  const bounds = [match[1]!, match[2]!, ...(match[3] === undefined ? [] : [match[3]])].map(unitOf);
  const [low, high, step = low && { ...low, number: defaultStep(low, high) }] = bounds;
  if (!low || !high || !step) return undefined;
  const suffix = high.suffix;
  if ((low.suffix !== suffix && low.suffix !== '') || step.kind !== high.kind)
    return { message: `${text}: its parts have different units` };
  if (low.number > high.number) return { message: `the range ${text} is empty` };
  if (!(step.number > 0)) return { message: `${text}: the step must be more than 0` };
  const count = Math.floor((high.number - low.number) / step.number + 1e-9) + 1;
  if (count > MOST_VALUES) return { message: `${text} has more than ${MOST_VALUES} values` };
  return Array.from({ length: count }, (_, i) => {
    const number = Number((low.number + i * step.number).toPrecision(12));
    return high.kind === 'duration' ? durationText(Math.round(number)) : `${number}${suffix}`;
  });
}

interface Quantity {
  number: number;
  kind: 'duration' | 'number';
  suffix: string;
}

function unitOf(text: string): Quantity | undefined {
  const match = /^(\d+(?:\.\d+)?)(.*)$/.exec(text);
  if (!match) return undefined;
  const suffix = match[2]!;
  if (/^(ns|us|µs|ms|s|m|h)/.test(suffix) && !suffix.includes('/')) {
    const ns = parseDuration(text);
    return isMistake(ns) ? undefined : { number: ns, kind: 'duration', suffix: 'duration' };
  }
  return /^(%|\/s|\/m|)$/.test(suffix) ? { number: Number(match[1]), kind: 'number', suffix } : undefined;
}

/** One, or for durations the unit of the lower bound's spelling. */
function defaultStep(low: Quantity, high: Quantity | undefined): number {
  if (low.kind === 'number') return 1;
  for (const size of [1e9, 1e6, 1e3])
    if (low.number % size === 0 && (high?.number ?? 0) % size === 0) return size;
  return 1;
}
