// Both sides of each case in a line, and of each difference in another.
import type { CaseResult, Figures } from './case-in-envoy.ts';

export function caseText(result: CaseResult): string {
  const { case: name, isMet, runs, simulatedRuns, seconds, checks, differences } = result;
  const head = `${isMet ? 'agrees ' : result.isLate ? 'TOO LATE' : 'DIFFERS'} ${name} (${runs} runs in Envoy, ${simulatedRuns} simulated, ${checks} checks, ${seconds} s)`;
  return [
    head,
    `          Envoy      ${figuresText(result, result.envoy)}`,
    `          simulator  ${figuresText(result, result.simulated)}`,
    ...differences.map(({ what, detail }) => `          ${what}: ${detail}`),
    '',
  ].join('\n');
}

const MOST_NAMES = 8;

export function figuresText(
  { backends }: Pick<CaseResult, 'backends'>,
  { counts, status, ejections }: Figures,
): string {
  const shown = counts.slice(0, MOST_NAMES).map((count, i) => `${backends[i]} ${count}`);
  if (counts.length > MOST_NAMES) shown.push(`… ${counts.length} in all`);
  const others = Object.entries(status).filter(([code]) => code !== '200');
  return [
    shown.join(', '),
    ...others.map(([code, count]) => `${code}: ${count}`),
    ...(ejections > 0 ? [`ejections ${ejections}`] : []),
  ].join('; ');
}
