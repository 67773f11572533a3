// Route tables recorded from istiod's own code (master of 2026-08).
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { delegateCase, istioRoutes } from '../../../conformance/cases/istio-routes.ts';
import type { Json } from '../../../conformance/cases/registry.ts';

const casesOf = (name: string): [string, Json][] =>
  JSON.parse(
    readFileSync(new URL(`../../../recordings/istio-cases/${name}.json`, import.meta.url), 'utf8'),
  ).cases.map((entry: Json) => [entry.id, entry]);

const agree = (found: Json) => {
  if (found !== null) expect(found.got).toEqual(found.expected);
  expect(found).toBeNull();
};

describe('route tables of sidecars and gateways', () => {
  it.each(casesOf('06-routes-end-to-end'))('%s', (_, entry) => {
    agree(istioRoutes['istio/routes-end-to-end']!(entry));
  });
});

describe('routes of one VirtualService', () => {
  it.each(casesOf('07-routes-unit'))('%s', (_, entry) => agree(istioRoutes['istio/routes-unit']!(entry)));
});

describe('delegates', () => {
  const cases = casesOf('09-merge').filter(([, entry]) => entry.kind === 'delegate');
  it.each(cases)('%s', (_, entry) => agree(delegateCase(entry)));
});
