// When and how far V8 optimizes. It begins after so little work that a small run pays for machine code of functions that are about to end:
// a third of its CPU time went to the compiler's threads. Known for Node 20 alone; the flags are left as they are elsewhere.
import { setFlagsFromString } from 'node:v8';

/** Bytes of bytecode between two looks at a function. Source: V8 11.3 flag-definitions.h interrupt_budget, default 66 KiB. */
const USUAL = 66 * 1024;
/** Measured: from here on a small run compiles next to nothing, and a hundred files still get their machine code. */
const LATER = 4 * USUAL;

const isKnown = process.versions.v8.startsWith('11.3.');

/** Bytes of bytecode that one function may inline in all. Source: V8 11.3 flag-definitions.h max_inlined_bytecode_size_cumulative, default 920. */
const INLINED = 3000;

/**
 * The way of a request is a dozen functions that call one another and nobody else, so most of them may become one: measured, a tenth of
 * the time of a long run. Before the program is loaded, and before its bytecode is made: V8 takes it only under the flags it was made with.
 */
export function inlineMore(): void {
  if (isKnown) setFlagsFromString(`--max-inlined-bytecode-size-cumulative=${INLINED}`);
}

/** For work that may be over soon. Not before the program is loaded: V8 takes bytecode only under the flags it was made with. */
export function optimizeLater(): void {
  if (isKnown) setFlagsFromString(`--interrupt-budget=${LATER}`);
}

/** For long work, and before threads load the program. */
export function optimizeAsUsual(): void {
  if (isKnown) setFlagsFromString(`--interrupt-budget=${USUAL}`);
}
