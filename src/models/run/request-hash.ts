// Puts the hash of a call's request into the call, and hands out the cookies that hash policies with a lifetime ask for.
// Source: Envoy router.cc addDownstreamSetCookie (1.40); the policies are in envoy/hash-policy.ts.
import { type CompiledHash, finishHash, newCookieValue } from '../envoy/hash-policy.ts';
import type { RunContext } from './run-context.ts';

const halves = { hi: 0, lo: 0 };

export class RequestHash {
  constructor(readonly run: RunContext) {}

  /** A handed-out cookie is noted for the answer. */
  of(call: number, hash: CompiledHash): void {
    const { calls } = this.run;
    calls.hasHash[call] = 1;
    if (hash.newCookies.length === 0) {
      calls.hashHi[call] = hash.hi;
      calls.hashLo[call] = hash.lo;
      return;
    }
    calls.setsCookie[call] = 1;
    finishHash(hash, this.#cookieValue(call), halves);
    calls.hashHi[call] = halves.hi;
    calls.hashLo[call] = halves.lo;
  }

  /** Stands for the addresses and ports of both ends. */
  #cookieValue(call: number): string {
    const { calls, spec } = this.run;
    const ends = `${calls.caller[call]}/${calls.load[call]}/${calls.connection[call]}`;
    return newCookieValue(`${spec.seed}/${spec.replication}/${ends}`);
  }

  /** "name=value; ..." of the cookies that the call's answer sets. */
  cookiePairs(call: number): string {
    const { calls, routes } = this.run;
    const value = this.#cookieValue(call);
    const cookies = routes[calls.route[call]!]!.hash!.newCookies;
    return cookies.map((cookie) => `${cookie.name}=${value}`).join('; ');
  }
}
