// View 5: the verdict: every expectation with what was got and where it is written, of the whole run and of its variants.
import { titleOf } from '../outcome.ts';
import { wrap } from '../output/layout.ts';
import type { Glyphs } from './glyphs.ts';
import { type Line, say, strong, toHeight } from './line.ts';
import { type State, savedRun } from './state.ts';

export function expectationsView(state: State, width: number, height: number, glyphs: Glyphs): Line[] {
  const { result } = savedRun(state);
  const good = result.expectations.filter(({ ok }) => ok).length;
  const lines: Line[] = [
    [
      strong(' EXPECTATIONS'),
      say(`  ${good} of ${result.expectations.length} met, over the whole run`, 'dim'),
      say(result.scenario.runs > 1 ? ` and ${result.scenario.runs} runs` : '', 'dim'),
    ],
  ];
  const wanted = state.filter.toLowerCase();
  for (const { name, ok, expected, got, file, line } of result.expectations) {
    if (!`${name} ${got}`.toLowerCase().includes(wanted)) continue;
    const [first, ...rest] = wrap(name, width - 4);
    lines.push([say(` ${ok ? glyphs.ok : glyphs.bad} `, ok ? 'good' : 'bad'), say(first!)]);
    for (const text of rest) lines.push([say(`   ${text}`)]);
    if (!ok) for (const text of wrap(`expected ${expected}`, width - 4)) lines.push([say(`   ${text}`)]);
    for (const text of wrap(`got ${got}`, width - 4)) lines.push([say(`   ${text}`, ok ? 'dim' : 'bad')]);
    lines.push([say(`   ${file}:${line}`, 'dim')]);
  }
  if (result.expectations.length === 0) lines.push([say(' The scenario expects nothing.', 'dim')]);
  if (state.runs.length > 1) {
    lines.push([], [strong(' VARIANTS'), say('  v next, V previous', 'dim')]);
    for (const [index, run] of state.runs.entries())
      lines.push([
        say(` ${index === state.run ? glyphs.selected : ' '} `),
        say(
          run.result.expectations.every(({ ok }) => ok) ? glyphs.ok : glyphs.bad,
          run.result.expectations.every(({ ok }) => ok) ? 'good' : 'bad',
        ),
        say(` ${titleOf(run.result)}`),
      ]);
  }
  const first = Math.min(state.selected.expectations, Math.max(0, lines.length - height));
  return toHeight(lines.slice(first), height);
}
