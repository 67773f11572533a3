// What `forall` varies beside faults: sizes, weights, fields of manifests, load, seeds. Position 0 of a setting is the simplest: where it
// means "as it is written", nothing is put into the counterexample.
import type { ManifestObject } from '../../models/kube/model.ts';
import { parseRate } from '../durations.ts';
import type { Scenario } from '../scenario.ts';
import type { Overlay } from '../work/overlay.ts';
import type { Facts } from './facts.ts';
import { isMistake } from './quantities.ts';
import type { Forall } from './schema.ts';

export interface Setting {
  count: number;
  /** Puts the choice into the overlay. */
  put(position: number, overlay: Overlay): void;
  /** undefined = as it is written. */
  words(position: number): string | undefined;
}

/** @param raw the file's sections as plain data: what a list in the overlay must repeat */
export function settingsOf(
  forall: Forall,
  scenario: Scenario,
  facts: Facts,
  raw: Record<string, unknown>,
): Setting[] {
  const settings: Setting[] = [];
  for (const [workload, domain] of Object.entries(forall.replicas ?? {})) {
    const kind = facts.workloads.find((each) => each.name === workload)?.kind ?? 'Deployment';
    settings.push({
      count: domain.count,
      put: (position, overlay) =>
        patch(overlay, `${kind}/${workload}`, ['spec', 'replicas'], domain.at(position)),
      words: (position) =>
        `${workload} has ${domain.at(position)} replica${domain.at(position) === 1 ? '' : 's'}`,
    });
  }
  const objects = scenario.manifests.flatMap((set) => set.objects);
  if (forall.weights !== undefined) {
    const wanted = forall.weights;
    for (const object of objects)
      if (
        object.kind === 'VirtualService' &&
        (wanted === 'any' || wanted === object.metadata.name || wanted.includes(object.metadata.name))
      )
        settings.push(...routeWeights(object));
  }
  if (forall.distribute) settings.push(...distributeWeights(objects, scenario, raw));
  for (const [key, fields] of Object.entries(forall.patch ?? {}))
    for (const [path, domain] of Object.entries(fields)) {
      const steps = path.split('.');
      settings.push({
        count: domain.count + 1,
        put: (position, overlay) => {
          if (position > 0) patch(overlay, key, steps, domain.at(position - 1));
        },
        words: (position) =>
          position === 0
            ? undefined
            : `${key} has ${steps.at(-1)} ${JSON.stringify(domain.at(position - 1))}`,
      });
    }
  for (const [name, domain] of Object.entries(forall.load ?? {}))
    settings.push({
      count: domain.count + 1,
      put: (position, overlay) => {
        if (position > 0) scaleLoad(overlay, raw, name, domain.at(position - 1) / 100);
      },
      words: (position) => (position === 0 ? undefined : `load ${name} at ${domain.at(position - 1)} %`),
    });
  if (forall.securityRule) settings.push(...lostRules(raw));
  if (forall.seed) {
    const { seed } = forall;
    settings.push({
      count: seed.count + 1,
      put: (position, overlay) => {
        if (position > 0) overlay.seed = seed.at(position - 1);
      },
      words: (position) => (position === 0 ? undefined : `seed ${seed.at(position - 1)}`),
    });
  }
  return settings;
}

function patch(overlay: Overlay, object: string, path: readonly string[], value: unknown): void {
  overlay.patch ??= {};
  overlay.patch[object] ??= {};
  let node = overlay.patch[object] as Record<string, unknown>;
  for (const step of path.slice(0, -1)) {
    if (typeof node[step] !== 'object' || node[step] === null) node[step] = {};
    node = node[step] as Record<string, unknown>;
  }
  node[path.at(-1)!] = value;
}

const isMap = (value: unknown): value is Record<string, unknown> =>
  value !== null && typeof value === 'object' && !Array.isArray(value);
const listOf = (value: unknown): unknown[] => (Array.isArray(value) ? value : []);

/** Eleven splits between the first two destinations of each route: 100:0, 90:10 ... 0:100; further ones keep nothing. */
const SPLITS = 11;

function routeWeights(object: ManifestObject): Setting[] {
  const key = keyOf(object);
  const routes = listOf(isMap(object.spec) ? object.spec['http'] : undefined);
  return routes.flatMap((route, i) => {
    const destinations = listOf(isMap(route) ? route['route'] : undefined);
    if (destinations.length < 2) return [];
    return [
      split(`${object.metadata.name} route ${i + 1}`, (first, overlay) => {
        for (const j of destinations.keys())
          patch(
            overlay,
            key,
            ['spec', 'http', String(i), 'route', String(j), 'weight'],
            j === 0 ? first : j === 1 ? 100 - first : 0,
          );
      }),
    ];
  });
}

const keyOf = (object: ManifestObject) =>
  object.metadata.namespace === undefined
    ? `${object.kind}/${object.metadata.name}`
    : `${object.kind}/${object.metadata.namespace}/${object.metadata.name}`;

function split(what: string, put: (first: number, overlay: Overlay) => void): Setting {
  const first = (position: number) => 100 - 10 * (position - 1);
  return {
    count: SPLITS + 1,
    put: (position, overlay) => {
      if (position > 0) put(first(position), overlay);
    },
    words: (position) =>
      position === 0 ? undefined : `${what} weighs ${first(position)}:${100 - first(position)}`,
  };
}

/** Of the mesh and of DestinationRules: the first two places of each entry share what there is. */
function distributeWeights(
  objects: readonly ManifestObject[],
  scenario: Scenario,
  raw: Record<string, unknown>,
): Setting[] {
  const settings: Setting[] = [];
  const entriesOf = (setting: unknown) => listOf(isMap(setting) ? setting['distribute'] : undefined);
  const places = (entry: unknown) => (isMap(entry) && isMap(entry['to']) ? Object.keys(entry['to']) : []);
  const weights = (to: string[], first: number) =>
    Object.fromEntries(
      to
        .map((place, i) => [place, i === 0 ? first : i === 1 ? 100 - first : 0])
        .filter(([, weight]) => weight !== 0),
    );
  const mesh = entriesOf(scenario.topology.mesh.meshConfig['localityLbSetting']);
  const rawMesh = isMap(raw['topology']) && isMap(raw['topology']['mesh']) ? raw['topology']['mesh'] : {};
  for (const [i, entry] of mesh.entries()) {
    const to = places(entry);
    if (to.length < 2) continue;
    settings.push(
      split(`distribute ${i + 1} of the mesh`, (first, overlay) => {
        const name = 'localityLbSetting' in rawMesh ? 'localityLbSetting' : 'localityLoadBalancing';
        const old = overlay.topology?.mesh?.[name]?.distribute ?? mesh;
        const distribute = old.map((each, j) =>
          j === i ? { ...(each as object), to: weights(to, first) } : each,
        );
        overlay.topology ??= {};
        overlay.topology.mesh = { ...overlay.topology.mesh, [name]: { distribute } };
      }),
    );
  }
  for (const object of objects) {
    if (object.kind !== 'DestinationRule' || !isMap(object.spec)) continue;
    const policy = object.spec['trafficPolicy'];
    const balancer = isMap(policy) ? policy['loadBalancer'] : undefined;
    for (const [i, entry] of entriesOf(
      isMap(balancer) ? balancer['localityLbSetting'] : undefined,
    ).entries()) {
      const to = places(entry);
      if (to.length < 2) continue;
      settings.push(
        split(`distribute ${i + 1} of ${object.metadata.name}`, (first, overlay) => {
          const path = [
            'spec',
            'trafficPolicy',
            'loadBalancer',
            'localityLbSetting',
            'distribute',
            String(i),
            'to',
          ];
          const given = weights(to, first);
          for (const place of to) patch(overlay, keyOf(object), [...path, place], given[place] ?? null);
        }),
      );
    }
  }
  return settings;
}

function scaleLoad(overlay: Overlay, raw: Record<string, unknown>, name: string, factor: number): void {
  const loads = overlay.load ?? listOf(raw['load']);
  overlay.load = loads.map((load, i) => {
    if (!isMap(load) || (load['name'] ?? `load-${i + 1}`) !== name) return load;
    const scaled: Record<string, unknown> = { ...load };
    for (const key of ['iterations', 'users'])
      if (scaled[key] !== undefined) scaled[key] = Math.max(1, Math.round(Number(scaled[key]) * factor));
    if (scaled['rate'] !== undefined) scaled['rate'] = scaledRate(scaled['rate'], factor);
    if (Array.isArray(scaled['stages']))
      scaled['stages'] = scaled['stages'].map((stage) =>
        isMap(stage) ? { ...stage, target: scaledRate(stage['target'], factor) } : stage,
      );
    return scaled;
  });
}

function scaledRate(rate: unknown, factor: number): unknown {
  const perSecond = parseRate(rate);
  return isMistake(perSecond) ? rate : `${Number((perSecond * factor).toFixed(6))}/s`;
}

/** One setting for all rules: position n is the n-th rule gone. */
function lostRules(raw: Record<string, unknown>): Setting[] {
  const topology = isMap(raw['topology']) ? raw['topology'] : {};
  const groups = isMap(topology['securityGroups']) ? topology['securityGroups'] : {};
  const rules = Object.entries(groups).flatMap(([group, entry]) =>
    listOf(isMap(entry) ? entry['ingress'] : undefined).map((_, index, all) => ({ group, index, all })),
  );
  if (rules.length === 0) return [];
  return [
    {
      count: rules.length + 1,
      put: (position, overlay) => {
        if (position === 0) return;
        const { group, index, all } = rules[position - 1]!;
        overlay.topology = {
          ...overlay.topology,
          securityGroups: { [group]: { ingress: all.filter((_, i) => i !== index) } },
        };
      },
      words: (position) => {
        if (position === 0) return undefined;
        const { group, index } = rules[position - 1]!;
        return `ingress rule ${index + 1} of security group ${group} is missing`;
      },
    },
  ];
}
