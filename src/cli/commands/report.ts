// foresail report RUN.json: a saved run as one HTML page, as Markdown for a pull request, or as CSV. Nothing is simulated.
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, extname } from 'node:path';
import { nodeFiles } from '../../scenarios/files.ts';
import { EXIT } from '../exit-codes.ts';
import { OUT_FORMATS } from '../output/reporters.ts';
import { readRun, type SavedRun } from '../read-run.ts';
import { type CommandModule, UsageError } from './command.ts';

/** A saved run of many variants may be longer than a manifest. */
const MOST_CHARACTERS = 200_000_000;
const FORMATS = ['html', 'markdown', 'csv'];
const ENDINGS = Object.keys(OUT_FORMATS).filter((ending) => FORMATS.includes(OUT_FORMATS[ending]!));

export const report: CommandModule = {
  configure(command) {
    command
      .option(
        '-o, --out <file>',
        `where to write it: ${ENDINGS.join(', ')}; default: beside the run, as .html`,
      )
      .addHelpText(
        'after',
        '\nThe page needs no network and no other file, and it can be printed.\nFor example: foresail run SCENARIO --out run.json; foresail report run.json -o run.html',
      );
  },
  async execute(files: string[], options: { out?: string }, { io }) {
    const [file] = files;
    if (file === undefined || files.length > 1)
      throw new UsageError('report needs one run that foresail run --out run.json saved');
    const out = options.out ?? file.replace(/(\.json)?$/i, '.html');
    const format = OUT_FORMATS[extname(out).toLowerCase()];
    if (out !== '-' && (format === undefined || !FORMATS.includes(format)))
      throw new UsageError(`--out ${out}: the extension is none of ${ENDINGS.join(', ')}`);
    const runs = savedRuns(file);
    const { reportText } = await import('../report/reporters.ts');
    const text = await reportText(format ?? 'html', runs);
    if (out === '-') io.out(text);
    else {
      try {
        mkdirSync(dirname(out), { recursive: true });
        writeFileSync(out, text);
      } catch (error) {
        throw new UsageError(`${out} cannot be written (${(error as NodeJS.ErrnoException).code ?? error})`);
      }
      io.err(`foresail: wrote ${out} (${Math.ceil(Buffer.byteLength(text) / 1000)} KB)\n`);
    }
    return EXIT.ok;
  },
};

function savedRuns(file: string): SavedRun[] {
  const text = nodeFiles().read(file, MOST_CHARACTERS);
  if (typeof text !== 'string') throw new UsageError(`${file}: ${text.problem}`);
  const read = readRun(text, file);
  if ('problem' in read) throw new UsageError(read.problem);
  return read.runs;
}
