import { expect, it } from 'vitest';
import { coldCases, coldText, measureCold } from '../../bench/cold.ts';
import { buildForTests } from '../cli/built.ts';

const built = buildForTests();

it('the bench of cold starts runs every case once, the translation at a hundredth of its size', () => {
  const small = coldCases.map((entry) => ({
    ...entry,
    words: entry.words.map((word) => (word === '20000' ? '200' : word === '1000' ? '20' : word)),
  }));
  const measurements = measureCold(small, built.main, 1);
  expect(measurements.map(({ name }) => name)).toEqual(coldCases.map(({ name }) => name));
  expect(measurements.every(({ best, median }) => best > 0 && best === median)).toBe(true);
  expect(coldText(measurements).split('\n')).toHaveLength(coldCases.length + 1);
});

it('the bench of cold starts does not take a failed process for a quick one', () => {
  const broken = { name: 'help', what: '', words: ['-e', 'process.exit(3)'] };
  expect(() => measureCold([broken], built.main, 1)).toThrow('ended with 3');
});
