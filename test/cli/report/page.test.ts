import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { Outcome } from '../../../src/cli/outcome.ts';
import { scenarioResultSchema } from '../../../src/cli/output/result-schema.ts';
import type { SavedRun } from '../../../src/cli/read-run.ts';
import { clientAssets } from '../../../src/cli/report/client-assets.ts';
import { htmlPage } from '../../../src/cli/report/page.ts';
import { reportData } from '../../../src/cli/report/reduce.ts';
import { sum } from '../../../src/cli/report/views.ts';
import { nodeFiles } from '../../../src/scenarios/files.ts';
import { loadScenario } from '../../../src/scenarios/load.ts';
import { ejecting, recordedFailover } from '../dashboard/recorded.ts';
import { launchChromium } from './browser.ts';

/** What the tests need of an element of the page; the DOM's types are not known here. */
interface Seen {
  children: Iterable<Seen>;
  textContent: string | null;
  getAttribute(name: string): string | null;
}

const HOSTILE = '</script><script>window.hacked=1</script>"><img src=x onerror="window.hacked=1">';
const axeSource = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

let browser: Browser;
let folder: string;
let runs: SavedRun[];
let shown: number;
const problems: string[] = [];
const asked: string[] = [];

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'foresail-report-'));
  runs = recordedFailover();
  shown = ejecting(runs);
  const assets = await clientAssets();
  writeFileSync(join(folder, 'report.html'), htmlPage(reportData(runs), assets));
  const hostile = JSON.parse(
    JSON.stringify(runs.slice(0, 1)).replaceAll('reviews-v1', JSON.stringify(HOSTILE).slice(1, -1)),
  ) as SavedRun[];
  writeFileSync(join(folder, 'hostile.html'), htmlPage(reportData(hostile), assets));
  browser = await launchChromium();
});
afterAll(async () => {
  await browser?.close();
  rmSync(folder, { recursive: true, force: true });
});

async function open(
  file: string,
  options: { bypassCSP?: boolean; colorScheme?: 'light' | 'dark'; permissions?: string[] } = {},
): Promise<Page> {
  const page = await browser.newPage({ viewport: { width: 1100, height: 900 }, ...options });
  page.setDefaultTimeout(5_000);
  page.on('console', (message) => problems.push(message.text()));
  page.on('pageerror', (error) => problems.push(error.message));
  page.on('request', (request) => asked.push(request.url()));
  const [name = '', hash] = file.split('#');
  await page.goto(pathToFileURL(join(folder, name)).href + (hash === undefined ? '' : `#${hash}`));
  await page.waitForSelector('html[data-ready]', { timeout: 10_000 });
  return page;
}

const choose = (page: Page, label: string, index: number) =>
  page.getByLabel(label, { exact: true }).selectOption({ index });

/** Cells of a chart's table, opened with the keyboard. */
async function tableOf(page: Page, chart: string): Promise<string[][]> {
  const details = page.locator(`#chart-${chart} details`);
  if ((await details.getAttribute('open')) === null) await details.locator('summary').press('Enter');
  await details.locator('tbody tr').first().waitFor();
  return await details
    .locator('tr')
    .evaluateAll((rows) =>
      (rows as unknown as Seen[]).map((row) => [...row.children].map((cell) => cell.textContent ?? '')),
    );
}

const frame = (page: Page) =>
  page.evaluate('new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))');

it('draws every chart of a run with a failover and ejections, without an error and without asking for anything', async () => {
  const page = await open('report.html');
  await choose(page, 'Run', shown);
  await page.waitForSelector('[data-chart=ejections]');
  for (const chart of ['brush', 'shares', 'latency', 'ejections', 'flow', 'topology', 'compare'])
    expect(await page.locator(`svg[data-chart=${chart}]`).count(), chart).toBe(1);
  const failing = runs.findIndex(({ record }) =>
    record.traffic.some(
      ({ service, series }) => record.services[service] === 'reviews.default' && sum(series.failed) > 0,
    ),
  );
  await choose(page, 'Run', failing);
  await page.waitForSelector('[data-chart=failures]');
  expect(await page.locator('.finding').count()).toBeGreaterThan(2);
  expect(problems).toEqual([]);
  expect(asked.filter((url) => !url.startsWith('file:') && !url.startsWith('data:'))).toEqual([]);
  await page.close();
});

it('shows the same figures in a chart, in its table and in the recording', async () => {
  const page = await open('report.html');
  await choose(page, 'Run', shown);
  await frame(page);
  const service = Number(await page.getByLabel('Traffic to', { exact: true }).inputValue());
  const { record } = runs[shown]!;
  const entries = record.traffic.filter((entry) => entry.service === service);
  const [head, ...rows] = await tableOf(page, 'shares');
  for (const [column, name] of head!.entries()) {
    if (column < 2 || name === 'all') continue;
    const counted = sum(
      entries.flatMap(({ answers }) =>
        answers
          .filter(({ server }) => (record.servers[server]?.workload ?? 'nobody') === name)
          .map(({ counts }) => sum(counts)),
      ),
    );
    expect(sum(rows.map((row) => Number(row[column]))), name).toBe(counted);
  }
  const bars = await page
    .locator('[data-chart=shares] rect[data-row]')
    .evaluateAll((list) =>
      (list as unknown as Seen[]).map((bar) =>
        ['data-column', 'data-row', 'height'].map((name) => bar.getAttribute(name)!),
      ),
    );
  expect(bars.length).toBeGreaterThan(2);
  for (const [at, name, height] of bars) {
    const row = rows[Number(at)]!;
    const share = Number(row[head!.indexOf(name!)]) / Number(row[head!.indexOf('all')]);
    expect(Number(height)).toBeCloseTo(share * 150, 3);
  }
  const [, ...flow] = await tableOf(page, 'flow');
  const tried = sum(entries.flatMap(({ tries }) => tries.map(({ counts }) => sum(counts))));
  expect(sum(flow.filter((row) => row[1] !== '').map((row) => Number(row[5])))).toBeCloseTo(tried, 6);
  const links = await page
    .locator('[data-chart=flow] .link')
    .evaluateAll((list) =>
      (list as unknown as Seen[]).map((link) => [
        Number(link.getAttribute('data-value')),
        Number(link.getAttribute('data-width')),
      ]),
    );
  const scale = links[0]![1]! / links[0]![0]!;
  for (const [value, width] of links) expect(width! / value!).toBeCloseTo(scale, 6);
  const [, ...gantt] = await tableOf(page, 'ejections');
  expect(gantt.length).toBe(record.ejections.length);
  await page.close();
});

it('narrows all charts to a span of time with the pointer and with the keyboard', async () => {
  const page = await open('report.html');
  const all = await tableOf(page, 'flow');
  await page.locator('.d3brush').scrollIntoViewIfNeeded();
  const strip = (await page.locator('.d3brush .overlay').boundingBox())!;
  // The whole strip is chosen: dragging its right handle makes the span shorter.
  await page.mouse.move(strip.x + strip.width - 1, strip.y + strip.height / 2);
  await page.mouse.down();
  await page.mouse.move(strip.x + strip.width * 0.4, strip.y + strip.height / 2, { steps: 5 });
  await page.mouse.up();
  await frame(page);
  const to = page.getByRole('slider', { name: 'End of the span' });
  const dragged = Number(await to.getAttribute('aria-valuenow'));
  expect(dragged / runs[0]!.record.end).toBeGreaterThan(0.3);
  expect(dragged / runs[0]!.record.end).toBeLessThan(0.5);
  expect(await tableOf(page, 'flow')).not.toEqual(all);
  await to.press('End');
  await frame(page);
  expect(Number(await to.getAttribute('aria-valuenow'))).toBeCloseTo(runs[0]!.record.end, 2);
  expect(await tableOf(page, 'flow')).toEqual(all);
  const from = page.getByRole('slider', { name: 'Begin of the span' });
  await from.press('Shift+ArrowRight');
  await frame(page);
  expect(Number(await from.getAttribute('aria-valuenow'))).toBeGreaterThan(0);
  await page.getByRole('button', { name: 'Show all of the time' }).press('Enter');
  await frame(page);
  expect(await from.getAttribute('aria-valuenow')).toBe('0');
  await page.close();
});

it('shows hostile names as text and runs nothing of them', async () => {
  const page = await open('hostile.html');
  for (const chart of ['shares', 'flow', 'topology', 'compare']) await tableOf(page, chart);
  expect(await page.evaluate('window.hacked')).toBeUndefined();
  expect(await page.locator('img').count()).toBe(0);
  expect(await page.locator('script').count()).toBe(2);
  expect(await page.locator('#report').textContent()).toContain(HOSTILE);
  expect(problems).toEqual([]);
  await page.close();
});

it.each(['light', 'dark'] as const)(
  'has no serious barrier for anybody in %s colours',
  async (colorScheme) => {
    // axe is put into the page past its policy, which is tested without.
    const page = await open('report.html', { colorScheme, bypassCSP: true });
    await choose(page, 'Run', shown);
    await frame(page);
    for (const chart of ['shares', 'flow', 'ejections']) await tableOf(page, chart);
    await page.addScriptTag({ content: axeSource });
    const violations = (await page.evaluate(
      "axe.run().then(({ violations }) => violations.filter(({ impact }) => ['serious', 'critical'].includes(impact)).map(({ id, nodes }) => id + ': ' + nodes.slice(0, 3).map(({ html }) => html.slice(0, 200)).join(' | ')))",
    )) as string[];
    expect(violations).toEqual([]);
    await page.close();
  },
);

it('has a link for every part, and opens where its address says', async () => {
  const page = await open('report.html');
  const links = await page
    .locator('a.permalink')
    .evaluateAll((list) => (list as unknown as Seen[]).map((link) => link.getAttribute('href')!));
  for (const link of [
    '#verdicts',
    '#findings',
    '#chart-shares',
    '#run-failover',
    '#variant-refuse-instead',
    '#e1',
    '#finding-OD001',
  ])
    expect(links).toContain(link);
  expect(new Set(links).size).toBe(links.length);
  for (const link of links) expect(await page.locator(`[id="${link.slice(1)}"]`).count(), link).toBe(1);
  await page.close();

  const variant = runs.findIndex(({ result }) => result.scenario.variant === 'refuse-instead');
  const opened = await open('report.html#variant-refuse-instead');
  expect(await opened.getByLabel('Run', { exact: true }).inputValue()).toBe(String(variant));
  expect(await opened.locator('#variant-refuse-instead.targeted').count()).toBe(1);
  expect(await opened.evaluate('scrollY')).toBeGreaterThan(100);
  await choose(opened, 'Run', 0);
  await frame(opened);
  expect(await opened.evaluate('location.hash')).toBe('#run-failover');
  await opened.evaluate("location.hash = 'variant-two-workers'");
  await frame(opened);
  expect(await opened.getByLabel('Run', { exact: true }).inputValue()).toBe(
    String(runs.findIndex(({ result }) => result.scenario.variant === 'two-workers')),
  );
  await opened.close();
  for (const strange of ['%', '"><img src=x>', '__proto__']) {
    const other = await open(`report.html#${strange}`);
    expect(await other.locator('h1').textContent()).toBe('failover');
    await other.close();
  }
  expect(problems).toEqual([]);
});

it('gives the result as JSON: what --json prints, copied or saved', async () => {
  const page = await open('report.html', { permissions: ['clipboard-read', 'clipboard-write'] });
  const results = runs.map(({ result: { record: _, inputs: __, variants: ___, ...result } }) => result);
  await page.getByRole('button', { name: 'Copy as JSON of the result' }).click();
  await page.getByText('Copied').waitFor();
  const copied = JSON.parse((await page.evaluate('navigator.clipboard.readText()')) as string);
  const { variants, ...base } = copied;
  expect([base, ...variants.map(({ variants: _, ...one }: { variants: [] }) => one)]).toEqual(results);
  expect(scenarioResultSchema.safeParse(copied).success).toBe(true);
  await page.getByRole('button', { name: 'copy as JSON of failover / two-workers' }).press('Enter');
  await page.getByText('Copied').last().waitFor();
  const one = JSON.parse((await page.evaluate('navigator.clipboard.readText()')) as string);
  expect(one.scenario.variant).toBe('two-workers');
  const [download] = await Promise.all([
    page.waitForEvent('download'),
    page.getByRole('button', { name: 'Save as JSON of the result' }).click(),
  ]);
  expect(download.suggestedFilename()).toBe('failover.json');
  expect(JSON.parse(readFileSync((await download.path())!, 'utf8'))).toEqual(copied);
  expect(problems).toEqual([]);
  await page.close();
});

it('still gives a result where all of it would be too large', async () => {
  const many = Array.from({ length: 80 }, (_, i) => {
    const [{ result, record }] = structuredClone(runs) as [SavedRun];
    result.scenario.variant = i === 0 ? null : `variant ${i}`;
    return { result, record };
  });
  const data = reportData(many);
  const page = htmlPage(data, await clientAssets());
  expect(Buffer.byteLength(page)).toBeLessThan(400_000);
  writeFileSync(join(folder, 'many.html'), page);
  const opened = await open('many.html', { permissions: ['clipboard-read', 'clipboard-write'] });
  await opened.getByRole('button', { name: 'Copy as JSON of the result' }).click();
  await opened.getByText('Copied').waitFor();
  const copied = JSON.parse((await opened.evaluate('navigator.clipboard.readText()')) as string);
  expect([copied].flat()[0].services.length).toBeGreaterThan(0);
  await opened.close();
});

it('tells of scenarios that cannot run, with every mistake in its frame', async () => {
  const outcomes = ['FS2004-unknown-key', 'FS1010-config-dump-cut-off'].map((name): Outcome => {
    const file = `test/fixtures/diagnostics/${name}.yaml`;
    const { diagnostics, sources } = loadScenario(file, nodeFiles());
    const lines = diagnostics.map(({ file: of, line }) => [
      `${of}:${line}`,
      sources.get(of)!.split('\n')[line - 1]!,
    ]);
    return { file, result: null, diagnostics, lines: Object.fromEntries(lines) };
  });
  const hostile = structuredClone(outcomes[0]!);
  hostile.diagnostics[0]!.message += HOSTILE;
  writeFileSync(
    join(folder, 'refused.html'),
    htmlPage(reportData([], [...outcomes, hostile]), await clientAssets()),
  );
  const page = await open('refused.html');
  const text = (await page.locator('#report').textContent())!;
  expect(text).toContain('No scenario could run');
  expect(text).toMatch(/FS2004 error.*unknown field/);
  expect(text).toMatch(/FS1010 error.*the text ends before/);
  expect(await page.locator('#refused ~ article pre .caret').count()).toBeGreaterThanOrEqual(3);
  expect(text).toContain(HOSTILE);
  expect(await page.locator('img').count()).toBe(0);
  writeFileSync(join(folder, 'both.html'), htmlPage(reportData(runs, outcomes), await clientAssets()));
  const both = await open('both.html');
  expect(await both.locator('.verdict').first().textContent()).toMatch(/2 scenarios cannot run/);
  expect(problems).toEqual([]);
  await page.close();
  await both.close();
});

it('can be printed', async () => {
  const page = await open('report.html', { colorScheme: 'dark' });
  await page.emulateMedia({ media: 'print' });
  expect(await page.evaluate('getComputedStyle(document.body).backgroundColor')).toBe('rgb(255, 255, 255)');
  expect(await page.locator('.choices').isVisible()).toBe(false);
  for (const tool of await page.locator('.tool, .permalink').all())
    expect(await tool.isVisible()).toBe(false);
  // What was chosen on the screen is said on paper, and nothing is wider than it.
  expect(await page.locator('.shown').textContent()).toMatch(
    /^Shown: failover, traffic to \S+ by workload, latency of before\.$/,
  );
  expect(await page.locator('.shown').isVisible()).toBe(true);
  await page.setViewportSize({ width: 690, height: 1000 });
  expect(await page.evaluate('document.documentElement.scrollWidth')).toBeLessThanOrEqual(690);
  const pdf = await page.pdf({ format: 'A4' });
  expect(pdf.subarray(0, 5).toString()).toBe('%PDF-');
  await page.close();
});
