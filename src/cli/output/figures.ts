// Numbers for people: counts with thousands, shares in percent, times in the unit that fits, bars.

export function count(value: number): string {
  const rounded = Number.isInteger(value) ? value : Math.round(value * 10) / 10;
  const [whole, part] = String(Math.abs(rounded)).split('.');
  const grouped = whole!.replace(/\B(?=(\d{3})+$)/g, ',');
  return `${rounded < 0 ? '-' : ''}${grouped}${part ? `.${part}` : ''}`;
}

/** "90%", "13.9%", "<0.1%". */
export function percent(share: number): string {
  const value = share * 100;
  if (value > 0 && value < 0.1) return '<0.1%';
  if (value < 100 && value > 99.9) return '>99.9%';
  const rounded = Math.round(value * 10) / 10;
  return `${rounded}%`;
}

/** "57 ms", "1.2 s". */
export function duration(seconds: number): string {
  if (seconds <= 0) return '0 ms';
  if (seconds < 0.0001) return `${Number((seconds * 1e6).toPrecision(2))} us`;
  if (seconds < 0.9995) return `${Number((seconds * 1e3).toPrecision(seconds < 0.1 ? 2 : 3))} ms`;
  if (seconds < 120) return `${Number(seconds.toPrecision(3))} s`;
  const whole = Math.round(seconds);
  return `${Math.floor(whole / 60)} min ${whole % 60} s`;
}

/** A moment of the simulation, to the millisecond. */
export function moment(seconds: number): string {
  return `${seconds.toFixed(3)}s`;
}

export function plural(value: number, one: string, many = `${one}s`): string {
  return `${count(value)} ${value === 1 ? one : many}`;
}

const EIGHTHS = ['', '▏', '▎', '▍', '▌', '▋', '▊', '▉'];

/** A bar of `width` cells for a share 0..1; anything above nothing shows at least a sliver. */
export function bar(share: number, width: number, unicode: boolean): string {
  const cells = Math.min(1, Math.max(0, share)) * width;
  if (!unicode) return '#'.repeat(share > 0 ? Math.max(1, Math.round(cells)) : 0);
  const eighths = share > 0 ? Math.max(1, Math.round(cells * 8)) : 0;
  return '█'.repeat(Math.floor(eighths / 8)) + EIGHTHS[eighths % 8]!;
}
