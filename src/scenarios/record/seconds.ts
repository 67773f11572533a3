/** Simulated nanoseconds as seconds, to the microsecond. */
export const seconds = (ns: number): number => Math.round(ns / 1e3) / 1e6;
