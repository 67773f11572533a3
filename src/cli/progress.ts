// How far a run is, on stderr: only on a terminal, only when it lasts longer than a second, and gone when it ends.
import type { Io } from './io.ts';
import { count } from './output/figures.ts';
import { clean, fit } from './output/layout.ts';

const QUIET_MS = 1_000;

export class Progress {
  private readonly startMs: number;
  private isShown = false;

  constructor(
    private readonly io: Io,
    private readonly title: string,
    private readonly now: () => number = () => performance.now(),
  ) {
    this.startMs = now();
  }

  tell(done: number, total: number): void {
    if (!this.io.isErrTty || this.now() - this.startMs < QUIET_MS) return;
    this.isShown = true;
    const text = `${clean(this.title)}: ${count(done)} of ${count(total)} runs`;
    this.io.err(`\r${fit(text, 79, false)}\u001b[K`);
  }

  end(): void {
    if (this.isShown) this.io.err('\r\u001b[K');
    this.isShown = false;
  }
}
