// Which of the texts that import was given are Envoys' config dumps, which are answers of /clusters, and which /clusters belongs to which dump.
import { dumpHint, shapeOf } from '../envoy-dump/dump-shape.ts';
import { recordOf } from '../envoy-dump/json.ts';
import { type JsonMistake, parseJsonStream } from '../envoy-dump/json-text.ts';
import { parseYamlDocuments } from '../yaml-documents.ts';

export interface InputText {
  /** For messages: a file, or "standard input". */
  source: string;
  text: string;
}

export interface DumpPair {
  source: string;
  configDump: unknown;
  clusters?: unknown;
}

export interface SortedInputs {
  /** What is no part of an Envoy: kubectl's, as far as anybody can tell. */
  others: InputText[];
  dumps: DumpPair[];
  problems: InputProblem[];
}

export interface InputProblem {
  source: string;
  message: string;
  /** Where in the text; absent = all of it. */
  line?: number;
  col?: number;
  hint?: string;
}

interface Part {
  source: string;
  value: unknown;
}

export function sortInputs(inputs: readonly InputText[]): SortedInputs {
  const sorted: SortedInputs = { others: [], dumps: [], problems: [] };
  const clusters: Part[] = [];
  for (const input of inputs) {
    const documents = SPEAKS_OF_ENVOY.test(input.text) ? documentsOf(input.text) : null;
    if (documents === null) {
      sorted.others.push(input);
      continue;
    }
    const { source } = input;
    if (!Array.isArray(documents)) {
      sorted.problems.push({ source, ...documents, hint: 'a config dump is JSON, as Envoy prints it' });
      continue;
    }
    for (const value of documents) {
      const shape = shapeOf(value);
      const wrapped = shape === 'other' ? wrappedIn(value) : [];
      if (shape === 'clusters') clusters.push({ source, value });
      else if (shape === 'config dump') sorted.dumps.push({ source, configDump: value });
      else if (wrapped.length > 0)
        for (const configDump of wrapped) sorted.dumps.push({ source, configDump });
      else sorted.problems.push({ source, message: 'it is no config dump', hint: dumpHint(value) });
    }
  }
  sorted.problems.push(...pair(sorted.dumps, clusters));
  return sorted;
}

/** Cheap: most other texts hold none of these. */
const SPEAKS_OF_ENVOY =
  /type\.googleapis\.com\/envoy|\b(configs|cluster_statuses|clusterStatuses|static_resources|filterChains|virtualHosts|edsClusterConfig|hostStatuses)"?\s*:/;

/** null = it is of somebody else. */
function documentsOf(text: string): unknown[] | JsonMistake | null {
  const values = /^\s*[[{]/.test(text) ? jsonOf(text) : yamlOf(text);
  if (!Array.isArray(values)) return values;
  const isOfEnvoy = values.some(
    (value) => !['other', 'kubernetes'].includes(shapeOf(value)) || wrappedIn(value).length > 0,
  );
  return isOfEnvoy ? values : null;
}

function jsonOf(text: string): unknown[] | JsonMistake | null {
  const parsed = parseJsonStream(text);
  if ('values' in parsed) return parsed.values;
  return /^\s*\{\s*"(apiVersion|kind)"/.test(text) ? null : parsed;
}

function yamlOf(text: string): unknown[] | null {
  const { documents, diagnostics } = parseYamlDocuments('', text);
  return diagnostics.some(({ severity }) => severity === 'error')
    ? null
    : documents.map(({ value }) => value);
}

const MOST_WRAPPING = 4;

/** Dumps by namespace and pod, as egctl prints them. */
function wrappedIn(value: unknown, depth = 0): unknown[] {
  if (depth > MOST_WRAPPING) return [];
  return Object.values(recordOf(value)).flatMap((inner) =>
    shapeOf(inner) === 'config dump' ? [inner] : wrappedIn(inner, depth + 1),
  );
}

/** To the only dump; of several to the one of the same name. */
function pair(dumps: DumpPair[], clusters: readonly Part[]): InputProblem[] {
  const problems: InputProblem[] = [];
  for (const { source, value } of clusters) {
    const free = dumps.filter((dump) => dump.clusters === undefined);
    const named = free.filter((dump) => stem(dump.source) === stem(source));
    const dump = dumps.length === 1 ? free[0] : named.length === 1 ? named[0] : undefined;
    if (dump) dump.clusters = value;
    else if (dumps.length === 0)
      problems.push({
        source,
        message: 'this is what /clusters?format=json says, and there is no config dump beside it',
        hint: 'add the answer of /config_dump?include_eds of the same Envoy',
      });
    else
      problems.push({
        source,
        message: 'this is what /clusters?format=json says, and none of the config dumps is named alike',
        hint: 'name them as web.json and web.clusters.json, or import one proxy at a time',
      });
  }
  return problems;
}

/** "dumps/web.config_dump.json" and "clusters-web.json" -> "web". */
function stem(path: string): string {
  const KIND = '(config[._-]?dump|dump|clusters|cluster)';
  return path
    .toLowerCase()
    .replace(/^.*\//, '')
    .replace(/\.(json|ya?ml|txt)$/, '')
    .replace(new RegExp(`[._-]?${KIND}$`), '')
    .replace(new RegExp(`^${KIND}[._-]?`), '');
}
