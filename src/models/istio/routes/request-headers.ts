// Header operations as far as they change the way of a request: only a rewritten Host header does (VF-3).
// Source: istio/istio pilot/pkg/networking/core/route/route.go TranslateHeadersOperations (1.31).
import { blockOf, type Spec, textOf } from './spec-reading.ts';

/** The Host that request.set, else request.add, writes; "" = none. */
export function authorityOf(headers: Spec): string {
  const request = blockOf(headers, 'request') ?? {};
  return authorityIn(blockOf(request, 'set')) || authorityIn(blockOf(request, 'add'));
}

function authorityIn(operations: Spec | undefined): string {
  let found = '';
  for (const key of Object.keys(operations ?? {})) {
    const lower = key.toLowerCase();
    if (lower === ':authority' || lower === 'host') found = textOf(operations!, key);
  }
  return found;
}
