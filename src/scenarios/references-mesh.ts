// References between objects of the mesh: subsets that a DestinationRule must define, regions and zones of locality settings, and objects
// that stand twice.
import type { Origin } from '../models/envoy/config.ts';
import type { ManifestObject } from '../models/kube/model.ts';
import { hintFor } from './diagnostics.ts';
import { at, isFields, textOf } from './manifests-fields.ts';
import type { Check } from './references-check.ts';
import { listAt } from './references-names.ts';

type Steps = (string | number)[];

export function checkMesh(check: Check): void {
  checkDuplicates(check);
  checkSubsets(check);
  const setting = check.scenario.topology.mesh.meshConfig['localityLbSetting'];
  const written = check.isWritten(['topology', 'mesh', 'localityLoadBalancing'])
    ? 'localityLoadBalancing'
    : 'localityLbSetting';
  checkLocalities(check, setting, (path) => check.originAt(['topology', 'mesh', written, ...path]), true);
  for (const { object } of check.names.objects) {
    const places: Steps[] =
      object.kind === 'DestinationRule'
        ? policyPaths(object).map((path) => [...path, 'loadBalancer', 'localityLbSetting'])
        : object.kind === 'MeshConfig'
          ? [['spec', 'localityLbSetting']]
          : object.kind === 'IstioOperator'
            ? [['spec', 'meshConfig', 'localityLbSetting']]
            : [];
    for (const path of places)
      checkLocalities(check, at(object, path), (below) => placeOf(object, [...path, ...below]), false);
  }
}

const placeOf = (object: ManifestObject, path: Steps): Origin =>
  object.originOf?.(path) ?? object.origin ?? { file: '', line: 0, col: 0, path: '' };

/** Traffic policies of a rule: its own, its ports', its subsets'. */
function policyPaths(rule: ManifestObject): Steps[] {
  const own: Steps[] = [['spec', 'trafficPolicy']];
  for (const i of listAt(rule, ['spec', 'subsets']).keys()) own.push(['spec', 'subsets', i, 'trafficPolicy']);
  return own.flatMap((path) => [
    path,
    ...[...listAt(rule, [...path, 'portLevelSettings']).keys()].map((i) => [...path, 'portLevelSettings', i]),
  ]);
}

/** The API server would keep one of the two; files do not say which. */
function checkDuplicates(check: Check): void {
  const first = new Map<string, ManifestObject>();
  for (const { cluster, objects } of check.scenario.manifests) {
    for (const object of objects) {
      const { namespace = 'default', name } = object.metadata;
      const key = `${cluster}|${object.apiVersion.replace(/\/.*$/, '')}|${object.kind}|${namespace}|${name}`;
      const known = first.get(key);
      if (!known) first.set(key, object);
      else if (known !== object && object.kind !== 'MeshConfig') {
        const { file, line } = placeOf(known, ['metadata', 'name']);
        check.report(
          'FS3009',
          placeOf(object, ['metadata', 'name']),
          `${object.kind} ${namespace}/${name} stands twice${cluster === null ? '' : ` in cluster ${cluster}`}`,
          `the other is at ${file}:${line}; a variant that changes an object replaces \`manifests\``,
        );
      }
    }
  }
}

const DESTINATIONS: [string, string][] = [
  ['http', 'route'],
  ['tcp', 'route'],
  ['tls', 'route'],
  ['http', 'mirrors'],
];

function checkSubsets(check: Check): void {
  const { objects } = check.names;
  const rules = objects.filter(({ object }) => object.kind === 'DestinationRule').map(({ object }) => object);
  for (const { object } of objects) {
    if (object.kind !== 'VirtualService') continue;
    const paths = DESTINATIONS.flatMap(([kind, list]) =>
      [...listAt(object, ['spec', kind]).keys()].flatMap((i) =>
        [...listAt(object, ['spec', kind, i, list]).keys()].map(
          (j): Steps => ['spec', kind, i, list, j, 'destination'],
        ),
      ),
    );
    for (const i of listAt(object, ['spec', 'http']).keys()) paths.push(['spec', 'http', i, 'mirror']);
    for (const path of paths) {
      const [host, subset] = [at(object, [...path, 'host']), at(object, [...path, 'subset'])];
      if (typeof host !== 'string' || typeof subset !== 'string' || subset === '') continue;
      const wanted = fullName(host, object);
      const ofHost = rules.filter((rule) => isHostOf(rule, wanted));
      const defined = ofHost.flatMap((rule) =>
        listAt(rule, ['spec', 'subsets']).map((each) => textOf(at(each, ['name']))),
      );
      if (defined.includes(subset)) continue;
      check.report(
        'FS3008',
        placeOf(object, [...path, 'subset']),
        `no DestinationRule of ${host} defines the subset "${subset}"`,
        ofHost.length === 0
          ? `add a DestinationRule for ${host} with this subset: without it the route answers 503`
          : (hintFor(subset, defined) ?? `its subsets: ${defined.slice(0, 12).join(', ') || 'none'}`),
        // A rule that defines others is a misspelling or a forgotten entry. Without any rule the objects may be applied in parts, which
        // Istio takes: the requests end with 503 NC (lint rule DR005).
        defined.length > 0 ? 'error' : 'warning',
      );
    }
  }
}

/** A host without dots is of the object's own namespace. Source: Istio model.ResolveShortnameToFQDN. */
const fullName = (host: string, object: ManifestObject): string =>
  host.includes('.') ? host : `${host}.${object.metadata.namespace ?? 'default'}.svc.cluster.local`;

function isHostOf(rule: ManifestObject, wanted: string): boolean {
  const host = at(rule, ['spec', 'host']);
  if (typeof host !== 'string') return false;
  const full = fullName(host, rule);
  return full === wanted || host === '*' || (host.startsWith('*') && wanted.endsWith(host.slice(1)));
}

/** @param isOwn written for this scenario; manifests may know more regions than the scenario plays */
function checkLocalities(
  check: Check,
  setting: unknown,
  origin: (path: Steps) => Origin,
  isOwn: boolean,
): void {
  if (!isFields(setting)) return;
  const { regions, zones } = check.names;
  const one = (locality: unknown, path: Steps) => {
    if (typeof locality !== 'string') return;
    const [region, zone] = locality.split('/');
    const parts: ['region' | 'zone', string | undefined, Set<string>][] = [
      ['region', region, regions],
      ['zone', zone, zones],
    ];
    for (const [kind, name, known] of parts) {
      if (!name || name.includes('*') || known.size === 0 || known.has(name)) continue;
      check.report(
        'FS3007',
        origin(path),
        `there is no ${kind} "${name}"`,
        hintFor(name, known),
        // Istio takes any name: what it does then is for the run and the lint rule DI004 to say.
        isOwn ? 'error' : 'warning',
      );
      return;
    }
  };
  for (const [i, entry] of listAt(setting, ['distribute']).entries()) {
    one(at(entry, ['from']), ['distribute', i, 'from']);
    const to = at(entry, ['to']);
    for (const locality of isFields(to) ? Object.keys(to) : [])
      one(locality, ['distribute', i, 'to', locality]);
  }
  for (const [i, entry] of listAt(setting, ['failover']).entries())
    for (const key of ['from', 'to']) one(at(entry, [key]), ['failover', i, key]);
}
