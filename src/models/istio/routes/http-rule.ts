// An HTTP rule of a VirtualService together with the place it was written at. A delegate's rules come from another object than the root's.
import type { Origin } from '../../envoy/config.ts';
import type { ConfigObject } from '../model.ts';
import type { Semantics } from './match.ts';
import { isRecord, listOf, type Spec, textOf, textsOf } from './spec-reading.ts';

export interface HttpRule {
  spec: Spec;
  /** Object and path where it was written. */
  source: ConfigObject;
  path: (string | number)[];
}

/** A VirtualService as far as routes need it; Gateway API routes are turned into these as well. */
export interface VirtualServiceView {
  name: string;
  namespace: string;
  /** Full names, lower case. */
  hosts: string[];
  semantics: Semantics;
  rules: HttpRule[];
  source: ConfigObject;
}

export const specOf = (object: ConfigObject): Spec => (isRecord(object.spec) ? object.spec : {});

/** `http` of an object as rules, in order; entries that are no maps keep their index. */
export function httpRulesOf(object: ConfigObject): HttpRule[] {
  const http = specOf(object)['http'];
  if (!Array.isArray(http)) return [];
  return http.flatMap((spec, index) =>
    isRecord(spec) ? [{ spec, source: object, path: ['spec', 'http', index] }] : [],
  );
}

export const ruleOrigin = (rule: HttpRule, ...below: (string | number)[]): Origin | undefined =>
  rule.source.originOf?.([...rule.path, ...below]) ?? rule.source.origin;

export const hostsOf = (object: ConfigObject): string[] => textsOf(specOf(object), 'hosts');

/** Ingress and Gateway API objects of Istio's own conversion carry their semantics in an annotation. */
export function semanticsOf(object: ConfigObject): Semantics {
  const text = object.annotations['internal.istio.io/route-semantics'];
  return text === 'gateway' || text === 'ingress' ? text : 'istio';
}

export const hasRules = (object: ConfigObject): boolean => listOf(specOf(object), 'http').length > 0;

export const ruleName = (rule: HttpRule): string => textOf(rule.spec, 'name');
