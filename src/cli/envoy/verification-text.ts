// Prediction and measurement side by side, for a terminal.
import { inert } from '../../scenarios/diagnostics.ts';
import type { Counts } from './agreement.ts';
import type { Comparison, ServiceVerdict, Verification } from './verification.ts';

const countsText = (counts: Counts) => {
  const entries = Object.entries(counts).filter(([, count]) => count !== 0);
  if (entries.length === 0) return '0';
  return entries.map(([name, count]) => (PLAIN.has(name) ? String(count) : `${name} ${count}`)).join(', ');
};
/** Counts of one kind only: the row says which. */
const PLAIN = new Set(['attempts', 'lines']);

const NAMES: Record<Comparison['what'], string> = {
  answers: 'answered by',
  codes: 'codes',
  flags: 'flags',
  attempts: 'tries',
  lines: 'lines',
};

export function verificationText(
  title: string,
  envoy: string,
  verification: Verification,
  isQuiet: boolean,
): string {
  const { runs, predictedRuns, timeScale, envoys, impossible, services, ejections, agrees } = verification;
  const lines = [inert(title)];
  if (impossible.length > 0) {
    lines.push(`  cannot be acted out here: ${impossible.join('; ')}`, '');
    return `${lines.join('\n')}\n`;
  }
  lines.push(
    `  Envoy ${envoy}: ${envoys} of them, ${runs} run(s) against ${predictedRuns} predicted` +
      `${timeScale === 1 ? '' : `, time / ${timeScale}`}, ${verification.seconds} s; means a run`,
  );
  for (const note of verification.notes) lines.push(`  ${inert(note)}`);
  const shown = isQuiet ? services.filter((service) => !service.agrees) : services;
  lines.push(...tableOf(shown));
  if (ejections && (!isQuiet || !ejections.agrees)) {
    const text = (counts: Counts) => String(counts['ejections'] ?? 0);
    lines.push(
      `  ejections: predicted ${text(ejections.predicted)}, measured ${text(ejections.measured)}  ${word(ejections)}`,
    );
  }
  const agreed = services.filter((service) => service.agrees).length;
  lines.push(
    agrees
      ? `  agrees: all ${services.length} comparisons`
      : `  DIFFERS: ${agreed} of ${services.length} comparisons agree`,
    '',
  );
  return `${lines.join('\n')}\n`;
}

const word = (comparison: Comparison) =>
  comparison.agrees
    ? 'agrees'
    : comparison.by === 'exact'
      ? 'DIFFERS (every predicted run is the same)'
      : `DIFFERS (p ${comparison.p.toPrecision(1)})`;

function tableOf(services: readonly ServiceVerdict[]): string[] {
  const rows = services.flatMap((service) => {
    const shown = service.comparisons.filter(
      (comparison, index) =>
        index === 0 || !comparison.agrees || isTelling(comparison, service.comparisons[0]!),
    );
    return shown.map((comparison, index) => [
      index === 0 ? inert(service.load) : '',
      index === 0 ? (service.service === '' ? '(the user)' : inert(shortName(service.service))) : '',
      NAMES[comparison.what],
      inert(countsText(comparison.predicted)),
      inert(countsText(comparison.measured)),
      word(comparison),
    ]);
  });
  const all = [['load', 'service', '', 'predicted', 'measured', 'verdict'], ...rows];
  const widths = all[0]!.map((_, i) => Math.max(...all.map((row) => row[i]!.length)));
  return all.map((row) => `  ${row.map((cell, i) => cell.padEnd(widths[i]!)).join('  ')}`.trimEnd());
}

/** Errors and retries are worth a line even where both sides agree. */
const isTelling = ({ what, predicted, measured }: Comparison, first: Comparison) =>
  (what === 'codes' && Object.keys({ ...predicted, ...measured }).some((code) => code !== '200')) ||
  (what === 'flags' && Object.keys({ ...predicted, ...measured }).length > 0) ||
  (what === 'lines' && (predicted['lines'] ?? 0) + (measured['lines'] ?? 0) > 0) ||
  (what === 'attempts' &&
    [
      [predicted, first.predicted],
      [measured, first.measured],
    ].some(([tries, calls]) => total(tries!) !== total(calls!)));

const total = (counts: Counts) => Object.values(counts).reduce((sum, count) => sum + count, 0);

const shortName = (host: string) => host.replace(/\.svc\.cluster\.local$/, '');
