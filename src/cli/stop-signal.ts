// When a search must end: out of time, or Ctrl-C. The second Ctrl-C is the shell's own again.

export interface StopSignal {
  readonly aborted: boolean;
  readonly isInterrupted: boolean;
  end(): void;
}

export function stopSignal(maxTimeMs: number | undefined): StopSignal {
  const deadline = maxTimeMs === undefined ? Number.POSITIVE_INFINITY : performance.now() + maxTimeMs;
  let isInterrupted = false;
  const interrupt = () => {
    isInterrupted = true;
    process.off('SIGINT', interrupt);
  };
  process.on('SIGINT', interrupt);
  return {
    get aborted() {
      return isInterrupted || performance.now() >= deadline;
    },
    get isInterrupted() {
      return isInterrupted;
    },
    end: () => void process.off('SIGINT', interrupt),
  };
}
