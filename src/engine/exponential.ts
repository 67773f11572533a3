// Exponential variates by the ziggurat of Marsaglia and Tsang (2000), 256 layers: one 32-bit draw and one multiplication in 98.9 % of the
// cases; otherwise further draws, and Math.exp or Math.log. The tables are worked out when the module loads, with Math.exp and Math.log
// too: V8 computes both in software (fdlibm), so they are the same on every machine; a test holds their checksum.
// Source: G. Marsaglia, W. W. Tsang, The Ziggurat Method for Generating Random Variables, J. Stat. Software 5(8).
import type { IntegerStream } from './random.ts';

const LAYERS = 256;
/** Where the tail begins, and the area of a layer. */
const TAIL = 7.697117470131487;
const AREA = 3.949659822581572e-3;
const TWO_32 = 4294967296;

/** Draws below it are inside their layer's rectangle; width of a layer over 2^32; density at its edge. */
const inside = new Float64Array(LAYERS);
const width = new Float64Array(LAYERS);
const density = new Float64Array(LAYERS);

let edge = TAIL;
const base = AREA / Math.exp(-edge);
inside[0] = Math.floor((edge / base) * TWO_32);
width[0] = base / TWO_32;
width[LAYERS - 1] = edge / TWO_32;
density[0] = 1;
density[LAYERS - 1] = Math.exp(-edge);
for (let layer = LAYERS - 2; layer >= 1; layer--) {
  const outer = edge;
  edge = -Math.log(AREA / edge + Math.exp(-edge));
  inside[layer + 1] = Math.floor((edge / outer) * TWO_32);
  density[layer] = Math.exp(-edge);
  width[layer] = edge / TWO_32;
}

/** A whole number of ns, exponentially distributed around the mean; rounded down. */
export function exponentialNs(draw: IntegerStream, meanNs: number): number {
  const value = draw.int32() >>> 0;
  const layer = value & 255;
  // Two returns: a value that comes from either branch would be kept as an allocated double.
  if (value < inside[layer]!) return whole(value * width[layer]! * meanNs);
  return whole(outsideRectangle(draw, value) * meanNs);
}

/** Rounded down. A small integer can be handed over without an allocation. */
function whole(ns: number): number {
  return ns < 2147483648 ? ns | 0 : Math.floor(ns);
}

/** An exponential variate of mean 1. */
export function exponential(draw: IntegerStream): number {
  const value = draw.int32() >>> 0;
  const layer = value & 255;
  if (value < inside[layer]!) return value * width[layer]!;
  return outsideRectangle(draw, value);
}

/** The wedge of a layer, or the tail. */
function outsideRectangle(draw: IntegerStream, first: number): number {
  for (let value = first; ; value = draw.int32() >>> 0) {
    const layer = value & 255;
    const x = value * width[layer]!;
    if (value < inside[layer]!) return x;
    const unit = ((draw.int32() >>> 0) + 0.5) / TWO_32;
    if (layer === 0) return TAIL - Math.log(unit);
    if (density[layer]! + unit * (density[layer - 1]! - density[layer]!) < Math.exp(-x)) return x;
  }
}
