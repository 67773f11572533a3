// What the reader's terminal can show: how wide, colours, Unicode. Precedence of colour: --no-color, NO_COLOR, FORCE_COLOR, a TTY.
import type { Io } from '../io.ts';

export interface Terminal {
  columns: number;
  color: boolean;
  unicode: boolean;
}

/** Narrower terminals wrap. */
const LEAST_COLUMNS = 70;
/** Longer lines are harder to read, so wider terminals get no wider text. */
const MOST_COLUMNS = 120;

export function terminalOf(io: Io, options: { color: boolean }): Terminal {
  const { env } = io;
  const told = io.isOutTty ? io.columns : undefined;
  const columns = told ?? (Number.parseInt(env['COLUMNS'] ?? '', 10) || 80);
  return {
    columns: Math.min(MOST_COLUMNS, Math.max(LEAST_COLUMNS, columns)),
    color: wantsColor(io, options),
    unicode: canUnicode(io),
  };
}

function wantsColor(io: Io, options: { color: boolean }): boolean {
  const { NO_COLOR, FORCE_COLOR, TERM } = io.env;
  if (!options.color) return false;
  if (NO_COLOR !== undefined && NO_COLOR !== '') return false;
  if (FORCE_COLOR !== undefined) return FORCE_COLOR !== '0' && FORCE_COLOR !== 'false';
  return io.isOutTty && TERM !== 'dumb';
}

function canUnicode(io: Io): boolean {
  const { env } = io;
  if (env['TERM'] === 'dumb') return false;
  if (io.platform === 'win32') return env['WT_SESSION'] !== undefined || env['TERM_PROGRAM'] === 'vscode';
  return /utf-?8/i.test(env['LC_ALL'] || env['LC_CTYPE'] || env['LANG'] || '');
}

export interface Paint {
  bold(text: string): string;
  dim(text: string): string;
  red(text: string): string;
  green(text: string): string;
  yellow(text: string): string;
  cyan(text: string): string;
}

export function paintFor(terminal: Terminal): Paint {
  const sgr = (open: number, close: number) => (text: string) =>
    terminal.color && text !== '' ? `\u001b[${open}m${text}\u001b[${close}m` : text;
  return {
    bold: sgr(1, 22),
    dim: sgr(2, 22),
    red: sgr(31, 39),
    green: sgr(32, 39),
    yellow: sgr(33, 39),
    cyan: sgr(36, 39),
  };
}
