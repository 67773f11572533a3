// Precedence of rules across routes: exact, prefix, regex; longer path; method; more headers; more query parameters; then as they came.
// Source: istio/istio pilot/pkg/config/kube/gateway/conversion.go sortHTTPRoutes (1.31). Rule GW-7.
import type { HttpRule } from '../http-rule.ts';
import { blockOf, listOf, type Spec, textOf } from '../spec-reading.ts';

export function sortRules(rules: HttpRule[]): void {
  rules.sort((a, b) => {
    const [one] = listOf(a.spec, 'match');
    const [other] = listOf(b.spec, 'match');
    if (!one || !other) return Number(!one) - Number(!other);
    return (
      pathRank(other) - pathRank(one) ||
      pathLength(other) - pathLength(one) ||
      Number(other['method'] !== undefined) - Number(one['method'] !== undefined) ||
      sizeOf(other, 'headers') - sizeOf(one, 'headers') ||
      sizeOf(other, 'queryParams') - sizeOf(one, 'queryParams')
    );
  });
}

const sizeOf = (match: Spec, field: string): number => Object.keys(blockOf(match, field) ?? {}).length;

function pathRank(match: Spec): number {
  const uri = blockOf(match, 'uri');
  if (!uri) return -1;
  return uri['exact'] !== undefined ? 3 : uri['prefix'] !== undefined ? 2 : 1;
}

function pathLength(match: Spec): number {
  const uri = blockOf(match, 'uri') ?? {};
  return (textOf(uri, 'exact') || textOf(uri, 'prefix') || textOf(uri, 'regex')).length;
}
