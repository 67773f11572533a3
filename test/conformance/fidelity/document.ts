// docs/fidelity.md from what is recorded: test/recordings/oracle (a real Envoy, many runs), real (a real Envoy and the simulator, by
// npm run conformance -- --record) and envoy-cases (Envoy's own unit tests). Nothing is run here.
import { readdirSync, readFileSync } from 'node:fs';
import type { CaseResult, Figures } from '../real/case-in-envoy.ts';
import { figuresOf } from '../real/case-in-envoy.ts';
import { OF_THE_MACHINE } from '../real/selection.ts';
import { figuresText } from '../real/table.ts';
import { FEATURES, featureOf, NOT_SIMULATED } from './features.ts';

const RECORDINGS = new URL('../../recordings/', import.meta.url);
// biome-ignore lint/suspicious/noExplicitAny: recorded JSON of many shapes
type Json = any;

const filesIn = (folder: string): [string, Json][] =>
  readdirSync(new URL(`${folder}/`, RECORDINGS))
    .filter((file) => file.endsWith('.json'))
    .sort()
    .map((file) => [
      file.replace(/\.json$/, ''),
      JSON.parse(readFileSync(new URL(`${folder}/${file}`, RECORDINGS), 'utf8')),
    ]);

type PlayedCase = CaseResult & { envoyVersion: string; date: string };

interface Row {
  name: string;
  asks: string;
  measured: { version: string; runs: number; figures: string };
  played: PlayedCase | undefined;
}

export function fidelityDocument(): string {
  const real = new Map(filesIn('real'));
  const rows = filesIn('oracle').map(([name, recorded]) =>
    rowOf(name, recorded, real.get(name) as PlayedCase | undefined),
  );
  const played = rows.flatMap((row) => (row.played ? [row.played] : []));
  const scenarios = [...real].filter(([name]) => name.startsWith('scenario-')).map(([, result]) => result);
  const agreeing = played.filter((result) => result.isMet);
  return [
    '# Fidelity: what is simulated, and how it was checked',
    '',
    '<!-- Written by npm run fidelity from test/recordings; a test compares. Edit test/conformance/fidelity, not this file. -->',
    '',
    'Every figure is a mean per run. *Measured* are runs of a real Envoy that are kept in `test/recordings/oracle`; `npm test` replays each',
    'of these cases in the simulator and holds it against them run by run: exact counts and orders where Envoy schedules, permutation and',
    'Kolmogorov-Smirnov tests (p < 0.001) where it draws. *Side by side* are runs of both on one machine by `npm run conformance`.',
    '',
    `${rows.length} measured cases; ${played.length} of them played side by side, ${agreeing.length} agree.`,
    `${scenarios.length} scenarios acted out with \`foresail verify\`'s engine, ${scenarios.filter((one) => one.verification.agrees).length} agree.`,
    '',
    ...FEATURES.flatMap(({ title }) => featureSection(title, rows)),
    ...scenarioSection(scenarios),
    ...unitSection(),
    ...differenceSection(played),
    ...notSimulatedSection(),
  ].join('\n');
}

function rowOf(name: string, recorded: Json, played: PlayedCase | undefined): Row {
  const backends: string[] = recorded.case.backends.map((entry: { id: string }) => entry.id);
  const runs = recorded.runs.flatMap(([times, run]: [number, Json]) =>
    Array.from({ length: times }, () => ({
      counts: run.counts,
      status: run.status ?? {},
      ejections: (run.events ?? []).map(([t, backend, action]: [number, string, string]) => ({
        t,
        backend,
        action,
      })),
    })),
  );
  const figures: Figures = figuresOf(runs);
  return {
    name,
    asks: recorded.case.asks ?? '',
    measured: { version: recorded.envoy, runs: runs.length, figures: figuresText({ backends }, figures) },
    played,
  };
}

const cell = (text: string) => text.replaceAll('|', '\\|').replaceAll('\n', ' ');

function featureSection(title: string, rows: readonly Row[]): string[] {
  const own = rows.filter(({ name }) => featureOf(name)?.title === title);
  if (own.length === 0) return [];
  return [
    `## ${title}`,
    '',
    '| case | measured | side by side: Envoy | simulator | |',
    '| --- | --- | --- | --- | --- |',
    ...own.map(({ name, asks, measured, played }) => {
      const asked = asks === '' ? '' : `: ${asks}`;
      const first = `\`${name}\`${asked}`;
      const second = `${measured.figures} (Envoy ${measured.version}, ${measured.runs} runs)`;
      const third = played
        ? `${figuresText(played, played.envoy)} (${played.envoyVersion}, ${played.runs} runs)`
        : '';
      const fourth = played ? figuresText(played, played.simulated) : '';
      const verdict = played === undefined ? 'replayed' : played.isMet ? 'agrees' : 'differs, see below';
      return `| ${[first, second, third, fourth, verdict].map(cell).join(' | ')} |`;
    }),
    '',
  ];
}

function scenarioSection(scenarios: readonly Json[]): string[] {
  const text = (counts: Record<string, number>) =>
    Object.entries(counts)
      .map(([name, count]) => `${name} ${count}`)
      .join(', ');
  const lines = scenarios.flatMap(({ title, envoyVersion, verification }) =>
    verification.services
      .filter((one: Json) => one.service !== '')
      .map((one: Json) => {
        const [answers] = one.comparisons;
        const cells = [
          title,
          one.load,
          one.service.replace('.svc.cluster.local', ''),
          `${text(answers.measured)} (Envoy ${envoyVersion}, ${verification.runs} runs)`,
          text(answers.predicted),
          one.agrees ? 'agrees' : 'differs',
        ];
        return `| ${cells.map(cell).join(' | ')} |`;
      }),
  );
  return [
    '## Whole scenarios',
    '',
    'Gateways and sidecars of the examples as real Envoys, with a stub for every pod: who answered.',
    '',
    '| scenario | load | service | Envoy | simulator | |',
    '| --- | --- | --- | --- | --- | --- |',
    ...lines,
    '',
  ];
}

function unitSection(): string[] {
  const rows = filesIn('envoy-cases').map(([, recorded]) => {
    const files = String(recorded.source?.file ?? '').replaceAll(/ @[0-9a-f]+/g, '');
    return `| ${cell(recorded.group)} | ${recorded.cases.length} | ${cell(files)} |`;
  });
  return [
    "## Envoy's own unit tests",
    '',
    'Their inputs and expected values are kept as data in `test/recordings/envoy-cases` and replayed by `npm test`, value for value.',
    '',
    '| rules | cases | from |',
    '| --- | --- | --- |',
    ...rows,
    '',
  ];
}

function differenceSection(played: readonly PlayedCase[]): string[] {
  const differing = played.filter((result) => !result.isMet);
  const lines = differing.flatMap((result) => [
    `- \`${result.case}\`: ${OF_THE_MACHINE[result.case] ?? 'not explained yet'}.`,
    ...result.differences.slice(0, 3).map(({ what, detail }) => `  - ${what}: ${detail}`),
  ]);
  return [
    '## Where the sides differ',
    '',
    ...(lines.length > 0 ? lines : ['Nowhere in what is recorded.']),
    '',
  ];
}

function notSimulatedSection(): string[] {
  return [
    '## What is not simulated',
    '',
    '| what | which means |',
    '| --- | --- |',
    ...NOT_SIMULATED.map(([what, means]) => `| ${what} | ${means} |`),
    '',
    'Fields of the user’s own manifests that are read and not simulated are listed at the end of every report. `foresail verify` cannot act',
    'out partitions, packets that vanish, or ports that refuse a share of the connections: loopback has no such things. It then says so and',
    'does not call that agreement.',
    '',
  ];
}
