// Loads a JavaScript or TypeScript file of properties. Only a file that was named on the command line is ever run; YAML holds no code.
import { existsSync } from 'node:fs';
import { register } from 'node:module';
import { resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { DefinedProperty } from '../scenarios/property/api.ts';
import { UsageError } from './commands/command.ts';

export async function loadPropertyModule(file: string): Promise<DefinedProperty[]> {
  if (!existsSync(file)) throw new UsageError(`${file}: there is no such file`);
  const exported = Object.values(await load(file)).flat();
  const found = exported.filter(isProperty);
  if (found.length === 0)
    throw new UsageError(
      `${file} exports no property: write export default property({ … }) with { property } from "foresail"`,
    );
  return [...new Set(found)];
}

/** Not a literal: it is no dependency, so it must neither be bundled nor be there. */
const TSX: string = 'tsx/esm/api';

const isProperty = (value: unknown): value is DefinedProperty =>
  typeof value === 'object' &&
  value !== null &&
  (value as { kind?: unknown }).kind === 'foresail/property' &&
  typeof (value as { scenario?: unknown }).scenario === 'string' &&
  typeof (value as { name?: unknown }).name === 'string';

/** What `import { property } from 'foresail'` gives, wherever the file lies: the same data as property/api.ts makes. */
const API =
  "data:text/javascript,export const property = (spec) => ({ ...spec, kind: 'foresail/property' });";
const HOOK = `export const resolve = (specifier, context, next) =>
  specifier === 'foresail' ? { url: ${JSON.stringify(API)}, shortCircuit: true } : next(specifier, context);`;
let isHooked = false;

async function load(file: string): Promise<Record<string, unknown>> {
  const url = pathToFileURL(resolve(file)).href;
  if (!isHooked) register(`data:text/javascript,${encodeURIComponent(HOOK)}`);
  isHooked = true;
  try {
    const strips = (process as { features?: { typescript?: unknown } }).features?.typescript;
    if (!/\.[cm]?ts$/.test(file) || strips) return await import(url);
    const { tsImport } = await tsx(file);
    return await tsImport(url, import.meta.url);
  } catch (error) {
    if (error instanceof UsageError) throw error;
    throw new UsageError(
      `${file} cannot be loaded: ${error instanceof Error ? error.message : String(error)}`,
    );
  }
}

async function tsx(file: string) {
  try {
    return (await import(TSX)) as typeof import('tsx/esm/api');
  } catch {
    throw new UsageError(
      `${file}: TypeScript needs Node 22.18 or later, or the package tsx beside foresail: npm install tsx`,
    );
  }
}
