// The path is chosen from what is asked: routing alone decides where it can, events happen where every step is wanted, and both count alike.
import { describe, expect, it } from 'vitest';
import { nodeFiles } from '../../src/scenarios/files.ts';
import { loadScenario } from '../../src/scenarios/load.ts';
import { runScenario } from '../../src/scenarios/run.ts';

const withRequests = (file: string, requests: number) => {
  const files = nodeFiles();
  const text = String(files.read(file));
  const many = text.replace('iterations: 10\n', `iterations: ${requests}\n`);
  expect(many).not.toBe(text);
  return loadScenario(file, { ...files, read: (name) => (name === file ? many : files.read(name)) });
};

describe('two regions with ten thousand requests', () => {
  const { base } = withRequests('examples/two-regions/distribute.yaml', 10_000);
  const routed = runScenario(base, { lint: false });
  const recorded = runScenario(base, { lint: false, record: true, sampleRequests: 5 });

  it('are routed, and the path says so', () => {
    expect(routed.run.path).toMatch(
      /^straight, routing only for 9\d{3} requests \(9\d{3} counted at once\)$/,
    );
    expect(recorded.run.path).toBe('events');
  });

  it('fall as they do with events, where a recording is asked for', () => {
    const { run, record: _, ...numbers } = recorded;
    const { run: routedRun, ...routedNumbers } = routed;
    expect(routedNumbers).toEqual(numbers);
    expect(routedRun.end).toBe(run.end);
    expect(routed.loads[0]).toMatchObject({ requests: 10_000, ok: 10_000, lines: 2000 });
  });

  it('give the same bytes twice', () => {
    expect(runScenario(base, { lint: false })).toEqual(routed);
  });
});
