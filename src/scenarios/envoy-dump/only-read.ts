// A config dump with nothing in it but what the simulation reads: the readers run over a copy that notes every field they look at, and only
// those are kept. So what is written gives the same run as what was read, and keys, tokens, certificates and metadata stay behind.
import { camelCase, camelName, type Keys, keysBelow, recordOf } from './json.ts';
import { type DumpProblem, type EnvoyDump, readCamelDump } from './read-dump.ts';

export interface Kept {
  dump: EnvoyDump;
  /** The documents, cut down; field names as they were. */
  configDump: unknown;
  clusters?: unknown;
}

export function onlyWhatIsRead(configDump: unknown, clusters?: unknown): Kept | DumpProblem {
  const looks = [new Looks(), new Looks()] as const;
  const read = readCamelDump(
    looks[0].watched(camelCase(configDump)),
    clusters === undefined ? undefined : looks[1].watched(camelCase(clusters)),
  );
  if ('problem' in read) return read;
  // Whatever the result holds was read too, however deep.
  const dump = plainOf(read) as EnvoyDump;
  return {
    dump,
    configDump: withoutEmpty(looks[0].kept(configDump)),
    ...(clusters !== undefined && { clusters: looks[1].kept(clusters) }),
  };
}

/** Which fields of a tree were looked at. */
class Looks {
  readonly #seen = new Map<object, Set<string>>();
  readonly #proxies = new WeakMap<object, object>();
  #root: unknown;

  watched(value: unknown): unknown {
    this.#root = value;
    return this.#watch(value);
  }

  #watch(value: unknown): unknown {
    if (typeof value !== 'object' || value === null) return value;
    const known = this.#proxies.get(value);
    if (known) return known;
    const seen = new Set<string>();
    this.#seen.set(value, seen);
    const proxy = new Proxy(value, {
      get: (target, key, receiver) => {
        const found: unknown = Reflect.get(target, key, receiver);
        if (typeof key !== 'string' || !Object.hasOwn(target, key)) return found;
        seen.add(key);
        return this.#watch(found);
      },
    });
    this.#proxies.set(value, proxy);
    return proxy;
  }

  /** The document as it was written, without what nobody looked at. */
  kept(document: unknown): unknown {
    return this.#keep(document, this.#root, 'camel');
  }

  /** @param read what camelCase made of `written` */
  #keep(written: unknown, read: unknown, keys: Keys): unknown {
    if (typeof written !== 'object' || written === null || typeof read !== 'object' || read === null)
      return written;
    const seen = this.#seen.get(read);
    if (Array.isArray(written) && Array.isArray(read))
      return written
        .map((entry, i): unknown =>
          seen?.has(String(i)) ? this.#keep(entry, read[i], keys === 'own' ? 'camel' : keys) : undefined,
        )
        .filter((entry) => entry !== undefined);
    return Object.fromEntries(
      Object.entries(written).flatMap(([key, entry]) => {
        const name = keys === 'camel' ? camelName(key) : key;
        if (!seen?.has(name)) return [];
        return [[key, this.#keep(entry, (read as Record<string, unknown>)[name], keysBelow(name, keys))]];
      }),
    );
  }
}

/** Parts of which nothing but their kind was read, such as the one with the secrets. */
function withoutEmpty(dump: unknown): unknown {
  const { configs } = recordOf(dump);
  if (!Array.isArray(configs)) return dump;
  return {
    configs: configs.filter((config) => Object.keys(recordOf(config)).some((key) => key !== '@type')),
  };
}

const plainOf = (value: unknown): unknown => JSON.parse(JSON.stringify(value));
