// The result as JSON, to the clipboard or into a file: nothing leaves the page by itself.
import type { ReportData } from '../data.ts';
import { h } from './dom.ts';

/** What `--json` printed of one run, or of all; where that was too large for the page, what the page has of it. */
export function resultOf(data: ReportData, run?: number): unknown {
  const { results } = data;
  if (results === null) {
    const parts = data.runs.map(({ time: _, cut: __, title: ___, ...rest }) => rest);
    return run !== undefined ? parts[run] : parts.length === 1 ? parts[0] : parts;
  }
  if (run === undefined) return results.length === 1 ? results[0] : results;
  return results.flatMap((result) => [{ ...result, variants: [] }, ...result.variants])[run];
}

export function copyButton(data: ReportData, what: string, run?: number): HTMLElement {
  const label = [run === undefined ? 'Copy as JSON' : 'copy as JSON', aside(` of ${what}`)];
  const button = h('button', { type: 'button', class: 'tool' }, ...label);
  button.addEventListener('click', async () => {
    const text = textOf(resultOf(data, run));
    const isCopied = await written(text);
    button.textContent = isCopied ? 'Copied' : 'Not allowed here: save it';
    setTimeout(() => {
      button.replaceChildren(...label);
    }, 2_000);
  });
  return button;
}

export function saveButton(data: ReportData): HTMLElement {
  const button = h('button', { type: 'button', class: 'tool' }, 'Save as JSON', aside(' of the result'));
  button.addEventListener('click', () => {
    const url = URL.createObjectURL(new Blob([textOf(resultOf(data))], { type: 'application/json' }));
    const name = (data.runs[0]?.scenario.name ?? 'foresail').replace(/[^A-Za-z0-9._-]+/g, '-');
    h('a', { href: url, download: `${name}.json` }).click();
    setTimeout(() => URL.revokeObjectURL(url), 10_000);
  });
  return button;
}

/** For those who hear the page. */
const aside = (text: string) => h('span', { class: 'offscreen' }, text);

const textOf = (result: unknown): string => `${JSON.stringify(result, null, 2)}\n`;

async function written(text: string): Promise<boolean> {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    // Pages that were opened from a disk or put into a frame may not have a clipboard; selected text can be copied all the same.
    const area = h('textarea', { readonly: '', 'aria-hidden': 'true', class: 'offscreen' });
    area.value = text;
    document.body.append(area);
    area.select();
    const isCopied = document.execCommand('copy');
    area.remove();
    return isCopied;
  }
}
