// The page's script and style: built beside the executable, or bundled on the spot when foresail runs from its sources.
import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

export interface ClientAssets {
  script: string;
  style: string;
}

export async function clientAssets(): Promise<ClientAssets> {
  if (import.meta.url.endsWith('.ts')) {
    const { reportClient } = await import(
      new URL('../../../scripts/report-client.mjs', import.meta.url).href
    );
    return await reportClient();
  }
  // The bundle lies in cli/, the module by itself in cli/report/.
  const folder = ['./', '../']
    .map((path) => fileURLToPath(new URL(path, import.meta.url)))
    .find((path) => existsSync(`${path}report-client.js`));
  if (folder === undefined) throw new Error('report-client.js is missing beside the executable');
  const read = (name: string) => readFileSync(`${folder}${name}`, 'utf8');
  return { script: read('report-client.js'), style: read('report-client.css') };
}
