// An HTTP rule's fault -> Envoy's fault filter. A percentage that is not written means never (VF-1); parts per million are cut, not rounded.
// Source: istio/istio pilot/pkg/networking/core/route/route.go TranslateFault, pkg/util/grpc SupportedGRPCStatus (1.31).
import type { FractionalPercent, HttpFault } from '../../envoy/config.ts';
import { blockOf, durationOf, numberOf, type Spec, textOf } from './spec-reading.ts';

const GRPC_STATUS: Record<string, number> = {
  OK: 0,
  CANCELLED: 1,
  UNKNOWN: 2,
  INVALID_ARGUMENT: 3,
  DEADLINE_EXCEEDED: 4,
  NOT_FOUND: 5,
  ALREADY_EXISTS: 6,
  PERMISSION_DENIED: 7,
  RESOURCE_EXHAUSTED: 8,
  FAILED_PRECONDITION: 9,
  ABORTED: 10,
  OUT_OF_RANGE: 11,
  UNIMPLEMENTED: 12,
  INTERNAL: 13,
  UNAVAILABLE: 14,
  DATA_LOSS: 15,
  UNAUTHENTICATED: 16,
};

export const grpcStatusOf = (name: string): number | undefined =>
  Object.hasOwn(GRPC_STATUS, name) ? GRPC_STATUS[name] : undefined;

/** {value: 12.5} -> 125000 per million. */
export const fractionOf = (percentage: Spec): FractionalPercent => ({
  numerator: Math.max(0, Math.trunc((numberOf(percentage, 'value') ?? 0) * 10_000)),
  denominator: 'MILLION',
});

export function translateFault(fault: Spec): HttpFault | undefined {
  const delay = translateDelay(blockOf(fault, 'delay'));
  const abort = translateAbort(blockOf(fault, 'abort'));
  if (!delay && !abort) return undefined;
  return { ...(delay && { delay }), ...(abort && { abort }) };
}

function translateDelay(delay: Spec | undefined): HttpFault['delay'] {
  const fixedDelay = delay && durationOf(delay, 'fixedDelay');
  if (!delay || fixedDelay === undefined) return undefined;
  const percentage = blockOf(delay, 'percentage');
  return {
    fixedDelay,
    percentage: percentage ? fractionOf(percentage) : { numerator: numberOf(delay, 'percent') ?? 0 },
  };
}

/** Without a status there is no abort. */
function translateAbort(abort: Spec | undefined): HttpFault['abort'] {
  if (!abort) return undefined;
  const httpStatus = numberOf(abort, 'httpStatus');
  const grpcStatus = grpcStatusOf(textOf(abort, 'grpcStatus'));
  const given = blockOf(abort, 'percentage');
  const percentage = given ? fractionOf(given) : { numerator: 0 };
  if (httpStatus !== undefined) return { httpStatus, percentage };
  return grpcStatus !== undefined ? { grpcStatus, percentage } : undefined;
}
