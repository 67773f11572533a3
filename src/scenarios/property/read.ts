// The properties of a loaded scenario, ready to be searched: policies written out, names checked, each with its place in the file.
import type { Origin } from '../../models/envoy/config.ts';
import { type Diagnostic, diagnosticAt, hintFor } from '../diagnostics.ts';
import { type Entry, originAt, type Placed, placedAt, plainOf } from '../position.ts';
import { checkReferences } from '../references.ts';
import type { Expectation, Scenario } from '../scenario.ts';
import { checked } from '../schema-check.ts';
import { expectationSchema } from '../schema-expect.ts';
import { applyOverlay, flow, placedFrom } from '../work/overlay.ts';
import type { Prepared } from '../work/run-unit.ts';
import { type Domain, domainOf, durationText, listDomain } from './domain.ts';
import { type Facts, factsOf } from './facts.ts';
import { type Family, familiesOf } from './families.ts';
import { faultText } from './fault-text.ts';
import { POLICIES } from './policies.ts';
import { isMistake, type Moment, momentNs } from './quantities.ts';
import { type Forall, propertySchema } from './schema.ts';
import { type Setting, settingsOf } from './settings.ts';

export interface Property {
  name: string;
  origin: Origin;
  /** What may be broken, simplest first. */
  families: Family[];
  settings: Setting[];
  at: Domain<number>;
  /** null = faults stay. */
  for: Domain<number> | null;
  /** How many faults at once. */
  faults: { least: number; most: number };
  runs: number;
  /** The expectations as the file writes them, their times worked out. */
  expectAt(times: { atNs: number; endNs: number }): unknown[];
}

/** Everything of `properties:` that can be searched, and what is wrong with the rest. */
export function readProperties(prepared: Prepared): { properties: Property[]; diagnostics: Diagnostic[] } {
  const diagnostics: Diagnostic[] = [];
  const { scenario, tree } = prepared;
  const list = tree && placedAt(tree, ['properties']);
  if (!tree || list?.kind !== 'list' || list.items.length === 0) return { properties: [], diagnostics };
  const facts = factsOf(scenario);
  const properties: Property[] = [];
  const seen = new Set<string>();
  for (const i of list.items.keys()) {
    const property = readProperty(prepared, tree, ['properties', i], facts, diagnostics);
    if (!property) continue;
    if (seen.has(property.name))
      diagnostics.push(
        diagnosticAt('FS3014', property.origin, `two properties are named "${property.name}"`),
      );
    seen.add(property.name);
    properties.push(property);
  }
  return { properties, diagnostics };
}

type Steps = (string | number)[];

/** @param root a tree with the property at `at`; the scenario's own, or one made of a TypeScript file's data */
export function readProperty(
  prepared: Prepared,
  root: Placed,
  at: Steps,
  facts: Facts,
  diagnostics: Diagnostic[],
): Property | undefined {
  const { scenario } = prepared;
  let file = checked(propertySchema(), root, at, diagnostics);
  if (!file) return undefined;
  const origin = originAt(root, at);
  let thens = placedAt(root, [...at, 'then']);
  let name = file.name;
  const policy = POLICIES.find((each) => each.name === file?.use);
  if (policy) {
    const given: Record<string, unknown> = {};
    for (const { name: key, fallback } of policy.parameters) given[key] = fallback;
    Object.assign(given, plainOf(placedAt(root, [...at, 'with']) ?? placedFrom({}, origin)));
    if (typeof given['of'] === 'string' && facts.podsOf(given['of']) === 0) {
      const place = originAt(root, [...at, 'with', 'of']);
      diagnostics.push(
        diagnosticAt(
          'FS3005',
          place,
          `no Service is named "${given['of']}", or it has no pods`,
          hintFor(given['of'], facts.services),
        ),
      );
      return undefined;
    }
    const written = policy.expand(given, facts);
    const more = placedAt(root, [...at, 'forall']);
    const forall = { ...written.forall, ...(more ? (plainOf(more) as object) : {}) };
    const wanted = {
      ...(file.runs !== undefined && { runs: file.runs }),
      forall,
      ...Object.fromEntries([['then', written.promise]]),
    };
    const whole = placedFrom({ property: wanted }, origin);
    name ??= `${policy.name}${given['of'] == null ? '' : ` of ${String(given['of'])}`}`;
    file = checked(propertySchema(), whole, ['property'], diagnostics);
    if (!file) return undefined;
    thens = placedAt(whole, ['property', 'then']);
  }
  const forall: Forall = file.forall ?? {};
  const moments = Array.isArray(file.then) ? file.then : file.then ? [file.then] : [];
  const items = thens?.kind === 'list' ? thens.items : thens ? [thens] : [];
  const property: Property = {
    name: name ?? items.map((item) => flow(plainOf(item))).join(', '),
    origin,
    families: familiesOf(forall, facts),
    settings: settingsOf(forall, scenario, facts, sectionsOf(prepared.tree)),
    at: forall.at ?? defaultTimes(facts),
    for: forall.for ?? null,
    faults: boundsOf(forall.faults),
    runs: file.runs ?? (items.some((item) => placedAt(item, ['in'])) ? scenario.runs : 1),
    expectAt: (times) =>
      items.map((item, i) => {
        const then = plainOf(item) as Record<string, unknown>;
        return {
          ...then,
          ...timesOf(moments[i] as { from?: Moment; to?: Moment }, times),
        };
      }),
  };
  const before = diagnostics.length;
  checkThen(prepared, property, items, diagnostics);
  checkForall(prepared, property, root, at, forall, diagnostics);
  for (const [i, item] of items.entries())
    checkWindow(property, item, moments[i] as { from?: Moment }, facts, diagnostics);
  return diagnostics.slice(before).some((each) => each.severity === 'error') ? undefined : property;
}

function timesOf(moments: { from?: Moment; to?: Moment }, times: { atNs: number; endNs: number }): object {
  const written: Record<string, string> = {};
  for (const key of ['from', 'to'] as const) {
    const moment = moments[key];
    if (moment) written[key] = durationText(momentNs(moment, times));
  }
  return written;
}

/** The first half of the loads: what begins later has nobody to notice it. */
function defaultTimes(facts: Facts): Domain<number> {
  const { fromNs, toNs } = facts.window;
  const half = fromNs + Math.floor((toNs - fromNs) / 2);
  const domain = domainOf(
    `${Math.ceil(fromNs / 1e6)}ms..${Math.max(Math.ceil(fromNs / 1e6), Math.floor(half / 1e6))}ms`,
    'duration',
  );
  return isMistake(domain) ? listDomain([fromNs]) : domain;
}

function boundsOf(faults: Domain<number> | undefined): { least: number; most: number } {
  if (!faults) return { least: 1, most: 1 };
  const values = Array.from({ length: Math.min(faults.count, 1000) }, (_, i) => faults.at(i));
  return { least: Math.min(...values), most: Math.min(20, Math.max(...values)) };
}

/** The file's sections as plain data. */
export function sectionsOf(tree: Placed | undefined): Record<string, unknown> {
  return tree ? (plainOf(tree) as Record<string, unknown>) : {};
}

/** Names in `then` are held against the scenario as those in `expect` are, at their own places. */
function checkThen(
  prepared: Prepared,
  property: Property,
  items: readonly Placed[],
  diagnostics: Diagnostic[],
): void {
  const times = { atNs: property.at.at(0), endNs: property.at.at(0) };
  const written = property
    .expectAt(times)
    .map((item, i) => withValues(items[i]!, item as Record<string, unknown>));
  const list: Placed = { kind: 'list', items: written, origin: () => property.origin };
  const tree = withSection(prepared.tree!, 'expect', list);
  const found: Diagnostic[] = [];
  const applied = applyOverlay(
    prepared.scenario,
    prepared.tree!,
    { expect: property.expectAt(times) },
    prepared.read,
  );
  if (applied.diagnostics.length > 0) {
    // Said again from the tree that knows the places.
    for (const i of written.keys()) checkedExpectation(tree, i, found);
  } else {
    const expect: Expectation[] = applied.scenario.expect;
    checkReferences({ ...prepared.scenario, faults: [], expect }, tree, found);
  }
  for (const diagnostic of found) if (diagnostic.severity === 'error') diagnostics.push(diagnostic);
}

function checkedExpectation(tree: Placed, i: number, diagnostics: Diagnostic[]): void {
  checked(expectationSchema, tree, ['expect', i], diagnostics);
}

/** The item with `from` and `to` as durations, still at the places where they were written. */
function withValues(item: Placed, values: Record<string, unknown>): Placed {
  if (item.kind !== 'map') return item;
  const entries = new Map<string, Entry>();
  for (const [key, entry] of item.entries)
    entries.set(
      key,
      key === 'from' || key === 'to'
        ? { ...entry, value: { kind: 'scalar', value: values[key], origin: entry.value.origin } }
        : entry,
    );
  return { ...item, entries };
}

/** A question about a time without requests is answered well by everybody. */
function checkWindow(
  property: Property,
  item: Placed,
  { from }: { from?: Moment },
  facts: Facts,
  diagnostics: Diagnostic[],
): void {
  if (!from || !facts.window.isEndKnown) return;
  const latest = property.at.at(property.at.count - 1);
  const lasting = property.for === null ? 0 : property.for.at(property.for.count - 1);
  const fromNs = momentNs(from, { atNs: latest, endNs: latest + lasting });
  if (fromNs < facts.window.toNs) return;
  const message = `when faults begin at ${durationText(latest)}, no request comes after ${durationText(fromNs)}: then this always holds`;
  const hint = 'let faults begin earlier (at: ...), or make a load longer';
  diagnostics.push(diagnosticAt('FS3012', originAt(item, ['from']), message, hint, 'warning'));
}

function withSection(tree: Placed, key: string, value: Placed): Placed {
  if (tree.kind !== 'map') return tree;
  return { ...tree, entries: new Map(tree.entries).set(key, { key: value.origin, value }) };
}

/** Every fault and setting must mean something in this scenario. */
function checkForall(
  prepared: Prepared,
  property: Property,
  root: Placed,
  at: Steps,
  forall: Forall,
  diagnostics: Diagnostic[],
): void {
  const place = (...path: Steps) => originAt(root, [...at, 'forall', ...path]);
  const wantsFault = FAULT_KEYS.some((key) => forall[key] !== undefined);
  if (wantsFault && property.families.length === 0)
    diagnostics.push(
      diagnosticAt('FS3020', place(), `${property.name}: there is nothing here that could fail so`),
    );
  if (!wantsFault && property.settings.length === 0)
    diagnostics.push(
      diagnosticAt(
        'FS3020',
        place(),
        `${property.name}: nothing varies`,
        'name a fault such as zoneDown: any, or replicas, weights, load',
      ),
    );
  const loads = prepared.scenario.load.map((load) => load.name);
  for (const name of Object.keys(forall.load ?? {}))
    if (!loads.includes(name))
      diagnostics.push(
        diagnosticAt('FS3010', place('load', name), `there is no load "${name}"`, hintFor(name, loads)),
      );
  // One fault of each shape, and each setting at its last value, must be readable; names are checked as those of `faults`.
  const told = new Set<string>();
  const scenario = prepared.scenario as Scenario;
  for (const family of property.families)
    for (const shape of family.shapes) {
      const fault = faultText(
        family,
        shape.body,
        property.at.at(0),
        undefined,
        family.parameters.map(() => 0),
      );
      const { scenario: changed, diagnostics: wrong } = applyOverlay(
        scenario,
        prepared.tree!,
        { faults: [fault] },
        prepared.read,
      );
      if (wrong.length === 0) {
        const only = { ...changed, faults: changed.faults.slice(-1), load: [], expect: [] };
        checkReferences(
          only,
          withSection(prepared.tree!, 'faults', placedFrom([fault], place(family.kind))),
          wrong,
        );
      }
      const inFiles = family.kind === 'apply' ? prepared.problems : [];
      for (const diagnostic of [...wrong, ...inFiles])
        if (diagnostic.severity === 'error' && !told.has(diagnostic.message)) {
          told.add(diagnostic.message);
          // What is wrong inside an applied file keeps its place there.
          const isPlaced = inFiles.includes(diagnostic) && diagnostic.line > 0;
          diagnostics.push(isPlaced ? diagnostic : { ...diagnostic, ...pick(place(family.kind)) });
        }
    }
  for (const setting of property.settings) {
    const overlay = {};
    setting.put(setting.count - 1, overlay);
    const { diagnostics: wrong } = applyOverlay(scenario, prepared.tree!, overlay, prepared.read);
    for (const diagnostic of wrong)
      if (diagnostic.code === 'FS3018' || diagnostic.code === 'FS3003')
        diagnostics.push({ ...diagnostic, ...pick(place()) });
  }
}

const pick = ({ file, line, col }: Origin) => ({ file, line, col });

const FAULT_KEYS = [
  'refuse',
  'crash',
  'reset',
  'hang',
  'blackhole',
  'respond',
  'slow',
  'restartProxy',
  'rollout',
  'scale',
  'istiodDown',
  'partition',
  'zoneDown',
  'regionDown',
  'clusterDown',
  'apply',
] as const;
