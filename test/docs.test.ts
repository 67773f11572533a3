// What docs/ says is run: every sh block, page by page in order, in a copy of the examples; screens are compared with what was printed; reference
// pages with what the program would write. In a block, `# exit N` ends a command that does not end with 0. A block that cannot run here begins
// with `# not run by the tests: REASON`; `<!-- file: NAME -->` names the file that a yaml block is.
import { spawn } from 'node:child_process';
import {
  chmodSync,
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, relative } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { referencePages } from '../scripts/reference-pages.ts';
import { buildForTests, root } from './cli/built.ts';

const built = buildForTests();
const scratch = mkdtempSync(join(tmpdir(), 'foresail-docs-'));
afterAll(() => rmSync(scratch, { recursive: true, force: true }));

const docs = join(root, 'docs');
const pages = readdirSync(docs, { recursive: true, encoding: 'utf8' })
  .filter((file) => file.endsWith('.md') && !file.startsWith('rules/') && file !== 'fidelity.md')
  .sort();
const textOf = (page: string) => readFileSync(join(docs, page), 'utf8');
const BLOCK = /(?:^<!-- (file|screen): (.*?) -->\n)?^```(\w*)\n([\s\S]*?)^```/gm;
const NOT_RUN = /^# not run by the tests: \S+ .{10,}/;

type Step =
  | { kind: 'file'; name: string; text: string }
  | { kind: 'command'; line: string; exit: number }
  | { kind: 'screen'; of: string; lines: string[] };

function stepsOf(page: string): Step[] {
  return [...textOf(page).matchAll(BLOCK)].flatMap(([, mark, name = '', language, text = '']): Step[] => {
    if (mark === 'file') return [{ kind: 'file', name, text }];
    if (mark === 'screen') return [{ kind: 'screen', of: name, lines: text.split('\n').filter(Boolean) }];
    if (language !== 'sh' || NOT_RUN.test(text)) return [];
    return text
      .trim()
      .split('\n')
      .map((line) => {
        const [, command = '', exit = '0'] = /^(.*?)(?:\s+# exit (\d+))?$/.exec(line)!;
        return { kind: 'command', line: command, exit: Number(exit) };
      });
  });
}

const runnable = pages.filter((page) => stepsOf(page).some(({ kind }) => kind === 'command'));

function shell(line: string, cwd: string): Promise<{ exit: number | null; out: string; err: string }> {
  const env: NodeJS.ProcessEnv = { ...process.env, LANG: 'C.UTF-8', COLUMNS: '100', NO_COLOR: '1' };
  for (const name of ['FORCE_COLOR', 'GITHUB_STEP_SUMMARY']) delete env[name];
  env['PATH'] = `${join(scratch, 'bin')}:${env['PATH']}`;
  return new Promise((resolve) => {
    const child = spawn('sh', ['-c', line], { cwd, env, stdio: ['ignore', 'pipe', 'pipe'] });
    let [out, err] = ['', ''];
    child.stdout.on('data', (data) => {
      out += data;
    });
    child.stderr.on('data', (data) => {
      err += data;
    });
    child.on('close', (exit) => resolve({ exit, out, err }));
  });
}

/** `foresail` as it is on the PATH of somebody who installed it. */
function putForesailOnPath(): void {
  const file = join(scratch, 'bin/foresail');
  if (existsSync(file)) return;
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, `#!/bin/sh\nexec '${process.execPath}' '${built.main}' "$@"\n`);
  chmodSync(file, 0o755);
}

describe('every command and screen of', () => {
  it.concurrent.each(runnable)('docs/%s is true', async (page) => {
    putForesailOnPath();
    const cwd = join(scratch, page.replaceAll('/', '-'));
    cpSync(join(root, 'examples'), join(cwd, 'examples'), { recursive: true });
    const printed = new Map<string, string[]>();
    for (const step of stepsOf(page)) {
      if (step.kind === 'file') {
        mkdirSync(dirname(join(cwd, step.name)), { recursive: true });
        writeFileSync(join(cwd, step.name), step.text);
      } else if (step.kind === 'command') {
        const { exit, out, err } = await shell(step.line, cwd);
        expect(exit, `${step.line}\n${out.slice(-1500)}${err}`).toBe(step.exit);
        printed.set(step.line, out.split('\n'));
      } else {
        // The screen of a command that was repeated is that of its last time; "(...)" tells readers which.
        const lines = printed.get(step.of.replace(/ \([a-z ]+\)$/, ''));
        expect(lines, `"${step.of}" is shown, but not run before`).toBeDefined();
        let at = 0;
        for (const line of step.lines) {
          const found = lines!.indexOf(line, at);
          expect(
            found,
            `"${line}" is not printed after line ${at} of ${step.of}:\n${lines!.join('\n')}`,
          ).not.toBe(-1);
          at = found + 1;
        }
      }
    }
  });
});

describe('docs', () => {
  it('are about this program: a page for each task, all of them with commands that are run', () => {
    expect(runnable.length).toBeGreaterThanOrEqual(9);
    expect(runnable.flatMap(stepsOf).filter(({ kind }) => kind === 'command').length).toBeGreaterThan(35);
  });

  it('link only to files and headings that exist', () => {
    const anchors = (text: string) =>
      [...text.matchAll(/^#+ (.*)$/gm)].map(([, title]) =>
        title!
          .toLowerCase()
          .replace(/[^\p{L}\p{N} -]/gu, '')
          .replaceAll(' ', '-'),
      );
    const broken = [...pages, '../README.md', '../CONTRIBUTING.md', '../ARCHITECTURE.md'].flatMap((page) =>
      [...textOf(page).matchAll(/\]\((?!https?:)([^)#\s]*)(?:#([^)\s]*))?\)/g)].flatMap(
        ([, path, anchor]) => {
          const file = path === '' ? join(docs, page) : join(docs, dirname(page), path!);
          if (!existsSync(file)) return [`${page}: ${path}`];
          if (anchor && !anchors(readFileSync(file, 'utf8')).includes(anchor))
            return [`${page}: ${path}#${anchor}`];
          return [];
        },
      ),
    );
    expect(broken).toEqual([]);
  });

  it('are all reached from docs/README.md', () => {
    const reached = new Set(
      [...textOf('README.md').matchAll(/\]\(([^)#]+)/g)].map(([, path]) => relative(docs, join(docs, path!))),
    );
    expect(pages.filter((page) => page !== 'README.md' && !reached.has(page))).toEqual([]);
  });

  it('have reference pages that are what `npm run docs` writes', async () => {
    for (const [file, text] of await referencePages())
      expect(textOf(`reference/${file}`), `${file}: npm run docs`).toBe(text);
  });
});
