// The signs of the dashboard, and what stands for them where a terminal cannot show Unicode.
export interface Glyphs {
  unicode: boolean;
  ok: string;
  bad: string;
  warn: string;
  up: string;
  partly: string;
  down: string;
  gateway: string;
  arrow: string;
  branch: string;
  selected: string;
  playing: string;
  paused: string;
  rule: string;
  wall: string;
  /** A line goes on. */
  cut: string;
  now: string;
  fault: string;
  times: string;
  lasting: string;
  ejected: string;
  ends: [string, string];
  /** From nothing to full. */
  levels: readonly string[];
  blocks: readonly string[];
}

const UNICODE: Glyphs = {
  unicode: true,
  ok: '✓',
  bad: '✗',
  warn: '!',
  up: '●',
  partly: '◐',
  down: '○',
  gateway: '◆',
  arrow: '→',
  branch: '└',
  selected: '▸',
  playing: '▶',
  paused: '‖',
  rule: '─',
  wall: '│',
  cut: '…',
  now: '●',
  fault: '▲',
  times: '×',
  lasting: '─',
  ejected: '━',
  ends: ['├', '▶'],
  levels: [' ', '▁', '▂', '▃', '▄', '▅', '▆', '▇', '█'],
  blocks: ['', '▏', '▎', '▍', '▌', '▋', '▊', '▉', '█'],
};

const ASCII: Glyphs = {
  unicode: false,
  ok: '+',
  bad: 'x',
  warn: '!',
  up: 'o',
  partly: '%',
  down: '-',
  gateway: '@',
  arrow: '->',
  branch: '`',
  selected: '>',
  playing: '|>',
  paused: '||',
  rule: '-',
  wall: '|',
  cut: '>',
  now: 'O',
  fault: '^',
  times: 'x',
  lasting: '-',
  ejected: '=',
  ends: ['|', '>'],
  levels: [' ', '_', '.', '-', '=', '+', '*', '#', '@'],
  blocks: ['', '#'],
};

export const glyphsFor = (unicode: boolean): Glyphs => (unicode ? UNICODE : ASCII);
