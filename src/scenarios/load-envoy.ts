// `envoy:` of the file: config dumps in place of manifests. Each file is read once, however many variants name it.
import type { Origin } from '../models/envoy/config.ts';
import { type Diagnostic, diagnosticAt } from './diagnostics.ts';
import { dumpHint, shapeOf } from './envoy-dump/dump-shape.ts';
import { parseJson } from './envoy-dump/json-text.ts';
import { DumpProxies } from './envoy-dump/proxies.ts';
import { type EnvoyDump, readEnvoyDump } from './envoy-dump/read-dump.ts';
import { type Files, isProblem, MOST_DUMP_CHARS } from './files-contract.ts';
import { resolvePath } from './files-pattern.ts';
import type { LoadOptions } from './load-options.ts';
import { keyOriginAt, originAt, type Placed, placedAt } from './position.ts';
import { SECTIONS } from './schema.ts';
import { checked } from './schema-check.ts';

/** What of the file only manifests give a meaning to. */
const NEED_MANIFESTS = [
  ['manifests'],
  ['patch'],
  ['topology', 'clusters'],
  ['topology', 'gateways'],
  ['topology', 'mesh'],
];

/** undefined = the scenario names no dump, or none could be read. */
export function readEnvoy(
  tree: Placed,
  options: LoadOptions,
  reader: DumpReader,
  diagnostics: Diagnostic[],
): EnvoyDump[] | undefined {
  const written = placedAt(tree, ['envoy']);
  // A variant takes the base's dumps back with null.
  if (!written || (written.kind === 'scalar' && written.value === null)) return undefined;
  const section = checked(SECTIONS.envoy, tree, ['envoy'], diagnostics);
  if (!section) return undefined;
  for (const path of NEED_MANIFESTS) {
    const found = placedAt(tree, path);
    if (!found || (found.kind === 'list' && found.items.length === 0)) continue;
    const message = `${path.join('.')} and envoy exclude each other: a config dump stands in place of manifests`;
    const hint = 'take one of them out; variants may set envoy to null';
    diagnostics.push(diagnosticAt('FS2007', keyOriginAt(tree, path), message, hint));
  }
  if (options.manifestsFromStdin !== undefined) {
    const message = 'manifests were given, but the scenario reads config dumps';
    diagnostics.push(diagnosticAt('FS2007', keyOriginAt(tree, ['envoy']), message));
  }
  const isList = written.kind === 'list';
  const dumps = section.flatMap((entry, i) => {
    const at = isList ? ['envoy', i] : ['envoy'];
    const configDump = { path: entry.configDump, origin: originAt(tree, [...at, 'configDump']) };
    const clusters = entry.clusters;
    const dump = reader.dump(
      configDump,
      clusters === undefined || clusters === null
        ? undefined
        : { path: clusters, origin: originAt(tree, [...at, 'clusters']) },
    );
    return dump ? [{ dump, origin: configDump.origin }] : [];
  });
  const { all } = new DumpProxies(dumps.map(({ dump }) => dump));
  for (const [i, { name }] of all.entries())
    if (all.findIndex((proxy) => proxy.name === name) < i)
      diagnostics.push(
        diagnosticAt('FS3014', dumps[i]!.origin, `two config dumps are of the proxy "${name}"`),
      );
  return dumps.map(({ dump }) => dump);
}

interface WrittenPath {
  path: string;
  origin: Origin;
}

export class DumpReader {
  readonly #known = new Map<string, EnvoyDump | null>();
  readonly #values = new Map<string, { value: unknown } | null>();

  constructor(
    readonly files: Files,
    readonly sources: Map<string, string>,
    readonly diagnostics: Diagnostic[],
  ) {}

  /** null = it could not be read; the diagnostics say why. */
  dump(configDump: WrittenPath, clusters: WrittenPath | undefined): EnvoyDump | null {
    const [file, hosts] = [fileOf(configDump), clusters && fileOf(clusters)];
    const key = JSON.stringify([file, hosts]);
    let dump = this.#known.get(key);
    if (dump === undefined) {
      dump = this.#read(file, configDump.origin, hosts, clusters?.origin);
      this.#known.set(key, dump);
    }
    return dump;
  }

  #read(
    file: string,
    origin: Origin,
    hosts: string | undefined,
    hostsOrigin: Origin | undefined,
  ): EnvoyDump | null {
    const document = this.#json(file, origin);
    const statuses = hosts === undefined ? undefined : this.#json(hosts, hostsOrigin!);
    if (!document || statuses === null) return null;
    if (statuses && shapeOf(statuses.value) !== 'clusters') {
      const hint = "take it with: curl -s 'localhost:15000/clusters?format=json'";
      this.#report('FS2014', hostsOrigin!, `${hosts}: it is no answer of /clusters?format=json`, hint);
      return null;
    }
    const dump = readEnvoyDump(document.value, statuses?.value);
    if (!('problem' in dump)) return { ...dump, file };
    this.#report('FS2014', origin, `${file}: ${dump.problem}`, dumpHint(document.value));
    return null;
  }

  #json(file: string, origin: Origin): { value: unknown } | null {
    const known = this.#values.get(file);
    if (known !== undefined) return known;
    const read = this.#parsed(file, origin);
    this.#values.set(file, read);
    return read;
  }

  #parsed(file: string, origin: Origin): { value: unknown } | null {
    const text = this.files.read(file, MOST_DUMP_CHARS);
    if (isProblem(text)) {
      this.#report(text.code, origin, `${file}: ${text.problem}`, text.hint);
      return null;
    }
    this.sources.set(file, text);
    const parsed = parseJson(text);
    if ('value' in parsed) return parsed;
    const { message, line, col } = parsed;
    this.#report('FS1010', { file, line, col }, message, 'a config dump is JSON, as Envoy prints it');
    return null;
  }

  #report(
    code: Diagnostic['code'],
    at: { file: string; line: number; col: number },
    message: string,
    hint?: string,
  ) {
    this.diagnostics.push(diagnosticAt(code, at, message, hint));
  }
}

/** What --set names lies where the command was given. */
const fileOf = ({ path, origin }: WrittenPath): string =>
  resolvePath(origin.file.startsWith('--set ') ? '' : origin.file, path);

/** "1.24.3" -> "1.24" */
export const istioVersionOfDumps = (dumps: readonly EnvoyDump[]): string | undefined =>
  dumps.map(({ istioVersion }) => /^1\.\d{1,3}(?=\.|-|$)/.exec(istioVersion ?? '')?.[0]).find(Boolean);
