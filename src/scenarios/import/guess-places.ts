// Regions, zones and nodes that manifests and locality settings speak of, so that pods have a place from the first run on.
import type { FoundObject } from './found.ts';
import { at, isWorkload, listAt, podSpecOf, textsAt } from './found.ts';
import type { GuessedCluster } from './guess-clusters.ts';

export interface GuessedPlace {
  region?: string;
  why?: string;
  nodes?: { zone: string; count: number; labels?: Record<string, string> }[];
}

const ZONE = 'topology.kubernetes.io/zone';
const REGION = 'topology.kubernetes.io/region';

/** "region/zone/subzone" patterns of distribute and failover settings, of rules and of a MeshConfig. */
export function localitiesNamed(objects: readonly FoundObject[]): string[] {
  const named = new Set<string>();
  for (const object of objects) {
    const settings = [
      at(object.fields, 'spec', 'trafficPolicy', 'loadBalancer', 'localityLbSetting'),
      at(object.fields, 'spec', 'meshConfig', 'localityLbSetting'),
    ];
    for (const setting of settings)
      for (const key of ['distribute', 'failover'])
        for (const entry of listAt(setting, key)) {
          for (const side of ['from', 'to']) {
            const value = at(entry, side);
            if (typeof value === 'string') named.add(value);
            else if (value !== null && typeof value === 'object')
              for (const name of Object.keys(value)) named.add(name);
          }
        }
    // MeshConfig is text in a ConfigMap: only the names are wanted.
    const mesh = object.kind === 'ConfigMap' ? at(object.fields, 'data', 'mesh') : undefined;
    if (typeof mesh === 'string' && /localityLbSetting/.test(mesh))
      for (const [, name] of mesh.matchAll(/(?:from|to):\s*["']?([\w-]+(?:\/[\w*-]+)*)["']?/g))
        named.add(name!);
  }
  return [...named].filter((name) => name !== '*' && /^[\w-]+(\/[\w*-]*)*$/.test(name));
}

export function guessPlaces(
  clusters: readonly GuessedCluster[],
  localities: readonly string[],
): Map<string, GuessedPlace> {
  const regions = [...new Set(localities.map((name) => name.split('/')[0]!))];
  const places = new Map<string, GuessedPlace>();
  for (const { id, files } of clusters) {
    const objects = files.flatMap((file) => file.objects);
    if (objects.some(({ kind }) => kind === 'Node')) {
      places.set(id, { why: 'regions and zones are those of its Node objects' });
      continue;
    }
    const selectors = nodeSelectors(objects);
    const matching = regions.filter((region) => isAlike(region, id));
    const written = selectors.map((selector) => selector[REGION]).find((region) => region !== undefined);
    const zoned = selectors.map((selector) => selector[ZONE]).find((zone) => zone !== undefined);
    const region =
      written ??
      (zoned && regionOf(zoned)) ??
      (matching.length === 1 ? matching[0] : undefined) ??
      (clusters.length === 1 ? regions[0] : id);
    const zones = localities
      .map((name) => name.split('/'))
      .filter(([own, zone]) => own === region && zone !== undefined && zone !== '' && zone !== '*')
      .map(([, zone]) => zone!);
    const nodes = poolsOf(region, selectors, [...new Set(zones)]);
    places.set(id, {
      ...(region !== undefined && { region }),
      ...(region === id && { why: 'the region is guessed from the name: correct it' }),
      ...(nodes.length > 0 && { nodes }),
    });
  }
  return places;
}

/** "cn-hangzhou" and "ack-hangzhou" share a telling word. */
function isAlike(region: string, id: string): boolean {
  if (region === id) return true;
  const words = new Set(id.split(/[^a-z0-9]+/i).filter((word) => word.length > 2));
  return region.split(/[^a-z0-9]+/i).some((word) => words.has(word));
}

/** cn-hangzhou-h, us-east-1a, europe-west1-b */
const regionOf = (zone: string): string =>
  /^(.*?\d)[a-z]$|^(.+)-[a-z0-9]$/.exec(zone)?.slice(1).find(Boolean) ?? zone;

function nodeSelectors(objects: readonly FoundObject[]): Record<string, string>[] {
  const seen = new Map<string, Record<string, string>>();
  for (const object of objects.filter(isWorkload)) {
    const selector = textsAt(podSpecOf(object), 'nodeSelector');
    for (const term of listAt(
      podSpecOf(object),
      'affinity',
      'nodeAffinity',
      'requiredDuringSchedulingIgnoredDuringExecution',
      'nodeSelectorTerms',
    ).slice(0, 1))
      for (const entry of listAt(term, 'matchExpressions')) {
        const value = at(entry, 'values', 0);
        if (at(entry, 'operator') === 'In' && typeof value === 'string')
          selector[String(at(entry, 'key'))] ??= value;
      }
    if (Object.keys(selector).length > 0) seen.set(JSON.stringify(Object.entries(selector).sort()), selector);
  }
  return [...seen.values()];
}

/** One pool for whoever selects nothing, and one for each selector. */
function poolsOf(
  region: string | undefined,
  selectors: readonly Record<string, string>[],
  zones: readonly string[],
): NonNullable<GuessedPlace['nodes']> {
  if (region === undefined && selectors.length === 0) return [];
  const fallback = zones[0] ?? `${region ?? 'zone'}-a`;
  const pools: NonNullable<GuessedPlace['nodes']> = (zones.length > 0 ? zones : [fallback]).map((zone) => ({
    zone,
    count: 2,
  }));
  for (const { [ZONE]: zone, [REGION]: _, ...rest } of selectors) {
    const labels = Object.fromEntries(
      Object.entries(rest).filter(([key]) => !/^(beta\.)?kubernetes\.io\/(os|arch)$/.test(key)),
    );
    const isPlain = Object.keys(labels).length === 0;
    if (isPlain && (zone === undefined || pools.some((pool) => pool.zone === zone))) continue;
    pools.push({ zone: zone ?? fallback, count: 1, ...(!isPlain && { labels }) });
  }
  return pools;
}
