// The list of load-balancing policies. Adding one = one file and one line here.
import { leastRequest } from './least-request.ts';
import { maglev } from './maglev.ts';
import type { LbPolicyDefinition } from './policy.ts';
import { random } from './random.ts';
import { ringHash } from './ring-hash.ts';
import { roundRobin } from './round-robin.ts';

export const lbPolicies: readonly LbPolicyDefinition[] = [roundRobin, leastRequest, random, ringHash, maglev];
