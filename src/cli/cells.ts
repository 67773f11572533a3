// What this thread and those that simulate for it see at the same time: whether to stop, and how many replications are done.

export type Cells = Int32Array<SharedArrayBuffer>;

export const STOPPED = 0;
export const DONE = 1;

export const newCells = (): Cells => new Int32Array(new SharedArrayBuffer(8));
