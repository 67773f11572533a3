// A difference as Markdown, for a comment on a pull request: tables first, the configuration folded away.
import type { Difference } from '../../scenarios/diff/difference.ts';
import { count, plural } from './figures.ts';
import { clean } from './layout.ts';
import { loadFigures, shareText, some, summaryOf, whoSees } from './text-diff.ts';

const MOST_CONFIG = 40;

/** A stranger's name in a table cell: no markup, no second column, nobody is notified. */
export const cell = (text: string): string =>
  clean(text)
    .replace(/[\\`*_[\]<>|~#]/g, (char) => `\\${char}`)
    .replaceAll('@', '@\u200b');

export const code = (text: string): string => `\`${clean(text).replaceAll('`', "'").replaceAll('|', '¦')}\``;

export function renderMarkdown(difference: Difference): string {
  const lines = [
    `### foresail: ${difference.isChanged ? 'traffic changes' : 'no change'} in ${cell(difference.new.name)}`,
    '',
    summaryOf(difference),
    '',
    ...bodyOf(difference),
  ];
  for (const variant of difference.variants)
    lines.push(
      `#### Variant ${cell(variant.new.variant ?? '')}`,
      '',
      summaryOf(variant),
      '',
      ...bodyOf(variant),
    );
  for (const note of difference.notes) lines.push(`_${cell(note)}_`, '');
  const { old, new: now, foresail } = difference;
  const versions =
    old.istioVersion === now.istioVersion ? now.istioVersion : `${old.istioVersion}..${now.istioVersion}`;
  lines.push(
    `<sub>${cell(old.label || old.file)} → ${cell(now.label || now.file)} · foresail ${cell(foresail)} · istio ${cell(versions)} · seed ${cell(String(now.seed))} · ${count(now.runs)} run${now.runs === 1 ? '' : 's'} a side</sub>`,
  );
  return `${lines.join('\n')}\n`;
}

function bodyOf({ services, loads, ejections, expectations, findings, config }: Difference): string[] {
  const lines: string[] = [];
  const table = (head: string[], rows: string[][]) => {
    if (rows.length === 0) return;
    lines.push(`| ${head.join(' | ')} |`, `|${head.map(() => '---').join('|')}|`);
    for (const row of rows) lines.push(`| ${row.join(' | ')} |`);
    lines.push('');
  };
  table(
    ['Traffic to', 'load', 'answered by', 'before', 'after', 'change'],
    services.flatMap(({ service, load, shares }) =>
      shares.map(({ name, old, new: now, isMoved }) => {
        const points = Number(((now.share - old.share) * 100).toFixed(1));
        return [
          cell(service),
          cell(load),
          cell(name),
          shareText(old),
          shareText(now),
          isMoved ? `**${points > 0 ? '+' : ''}${points} points**` : 'within the band',
        ];
      }),
    ),
  );
  table(
    ['Load', 'figure', 'before', 'after'],
    [
      ...loads.flatMap((load) =>
        loadFigures(load).map(([name, old, now]) => [cell(load.load), cell(name), old, now]),
      ),
      ...(ejections ? [['all', 'ejections per run', count(ejections.old), count(ejections.new)]] : []),
    ],
  );
  table(
    ['Expectation', 'change', 'before', 'after', 'where'],
    expectations.map(({ name, change, old, new: now, file, line }) => [
      cell(name),
      change === 'broken' ? '❌ broken' : change === 'fixed' ? '✅ fixed' : change,
      cell(old?.got ?? ''),
      cell(now?.got ?? ''),
      code(`${file}:${line}`),
    ]),
  );
  table(
    ['Finding', 'severity', 'text', 'where'],
    findings.map(({ change, finding }) => [
      `${change === 'added' ? '+' : '−'} ${cell(finding.rule)}`,
      finding.severity,
      cell(finding.message),
      code(`${finding.file}:${finding.line}`),
    ]),
  );
  if (config.length > 0) {
    const signs = { added: '+', removed: '−', changed: '~' };
    lines.push(`<details><summary>Envoy's configuration: ${plural(config.length, 'change')}</summary>`, '');
    for (const { change, kind, names, details, callers, proxies } of config.slice(0, MOST_CONFIG)) {
      lines.push(`- ${signs[change]} ${kind} ${code(some(names))} (${cell(whoSees(callers, proxies))})`);
      for (const detail of details) lines.push(`  - ${code(detail)}`);
    }
    if (config.length > MOST_CONFIG) lines.push(`- and ${config.length - MOST_CONFIG} more`);
    lines.push('', '</details>', '');
  }
  return lines;
}
