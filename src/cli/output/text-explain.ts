// The text of `foresail explain`: the request's way as a tree, then the chosen hop step by step, each step with the line of YAML and the
// rule that decided it.
import type {
  Explanation,
  HopExplanation,
  HopSummary,
  Place,
  PodVerdict,
  WhyNot,
} from '../../scenarios/explain/explanation.ts';
import { count, duration, moment, plural } from './figures.ts';
import { clean, displayWidth, fit, padEnd } from './layout.ts';
import { Page } from './section.ts';
import type { Terminal } from './terminal.ts';

export function renderExplanation(
  explanation: Explanation,
  terminal: Terminal,
  verbosity: -1 | 0 | 1 = 0,
): string {
  const page = new Page(terminal, verbosity);
  if (verbosity >= 0) writeHeader(page, explanation);
  if (explanation.request) writeRequest(page, explanation);
  for (const hop of explanation.explained) writeHop(page, hop, explanation);
  if (explanation.whyNot) writeWhyNot(page, explanation.whyNot);
  for (const note of explanation.notes) {
    page.line();
    page.paragraph(note, 'note: ', page.paint.yellow);
  }
  writeFurther(page, explanation);
  return page.text();
}

function writeHeader(page: Page, { foresail, scenario, question }: Explanation): void {
  const variant = scenario.variant === null ? '' : ` / ${scenario.variant}`;
  page.line(
    page.paint.dim(
      fit(
        clean(
          `foresail ${foresail}   istio ${scenario.istioVersion}   seed ${scenario.seed}   ${scenario.name}${variant}`,
        ),
        page.width,
        page.terminal.unicode,
      ),
    ),
  );
  page.paragraph(question, '', page.paint.bold);
}

function writeRequest(page: Page, { request, hops, explained }: Explanation): void {
  const { load, number, at, end, status, flags } = request!;
  page.line();
  const answer = `${status > 0 ? status : 'no answer'}${flags.length > 0 ? ` ${flags.join(',')}` : ''}`;
  page.line(
    clean(
      `Request ${number} of ${load}, from ${moment(at)} to ${moment(end)} (${duration(end - at)}): ${answer}`,
    ),
  );
  const heads = hops.map((hop) => displayWidth(headOf(page, hop, false)));
  for (const hop of hops) {
    const isShown = explained.some(
      ({ at: start, to, caller }) => start === hop.at && to === hop.to && caller === hop.caller,
    );
    page.line(hopLine(page, hop, isShown, Math.max(...heads)));
  }
}

function headOf(page: Page, hop: HopSummary, isShown: boolean): string {
  const { unicode } = page.terminal;
  const mark = isShown ? (unicode ? '▸' : '>') : ' ';
  return `${mark} ${'  '.repeat(hop.depth)}${clean(hop.caller)} ${unicode ? '→' : '->'} ${clean(hop.to)}${clean(hop.path)}`;
}

function hopLine(page: Page, hop: HopSummary, isShown: boolean, width: number): string {
  const { unicode } = page.terminal;
  const full = headOf(page, hop, isShown);
  const tries = hop.tried.length > 1 ? ` (${hop.tried.length} tries)` : '';
  const status = `${hop.status || 'no answer'}${hop.flags.length > 0 ? ` ${hop.flags.join(',')}` : ''}`;
  const tail = `${clean(hop.tried.at(-1) ?? 'nobody')}${tries}  ${status}`;
  const room = page.width - displayWidth(tail) - 2;
  const head = displayWidth(full) <= room ? full : headOf(page, { ...hop, path: '' }, isShown);
  const line = `${padEnd(fit(head, room, unicode), Math.min(room, width))}  ${tail}`;
  const isBad = hop.status === null || hop.status === 0 || hop.status >= 500;
  return isBad ? page.paint.red(line) : isShown ? line : page.paint.dim(line);
}

function writeHop(page: Page, hop: HopExplanation, { explained, request }: Explanation): void {
  page.heading(
    clean(
      `${hop.caller} ${page.terminal.unicode ? '→' : '->'} ${hop.to} ${hop.path}   at ${moment(hop.at)}${request === null ? '   (nobody asks: from the configuration)' : ''}`,
    ),
  );
  const width = 13;
  for (const [i, { step, says, details, places, rules }] of hop.steps.entries()) {
    const first = `${String(i + 1).padStart(2)} ${padEnd(step, width)}`;
    const indent = ' '.repeat(displayWidth(first));
    if (page.verbosity < 0) {
      // One line a step: what it says, and the first place if there is room.
      page.line(fit(clean(first + says), page.width, page.terminal.unicode));
      appendPlace(page, places[0]);
      continue;
    }
    page.paragraph(says, first);
    for (const detail of details) page.paragraph(detail, indent);
    const isShown = page.verbosity === 0 && appendPlace(page, places[0]);
    writePlaces(page, isShown ? places.slice(1) : places, indent);
    if (page.verbosity === 1)
      for (const { id, source } of rules)
        page.paragraph(`${id}: ${source}`, `${indent}rule `, page.paint.dim);
  }
  if (explained.length > 1 && page.lines.at(-1) !== '') page.line();
}

/** Puts a place at the right end of the last line. @returns false when it does not fit there */
function appendPlace(page: Page, place: Place | undefined): boolean {
  if (!place) return false;
  const text = clean(`${place.file}:${place.line}`);
  const last = page.lines.at(-1) ?? '';
  const room = page.width - displayWidth(last) - displayWidth(text);
  if (room < 2) return false;
  page.lines[page.lines.length - 1] = `${last}${' '.repeat(room)}${page.paint.cyan(text)}`;
  return true;
}

function writePlaces(page: Page, places: readonly Place[], indent: string): void {
  const most = page.verbosity === 1 ? 20 : 2;
  for (const { file, line, what } of places.slice(0, most)) {
    // What stands there is said where it fits: a place is to stay one line.
    const [place, whole] = [`${file}:${line}`, `${file}:${line} (${what})`];
    const fits = displayWidth(`${indent}at ${whole}`) <= page.width;
    page.paragraph(fits || page.verbosity === 1 ? whole : place, `${indent}at `, page.paint.cyan);
  }
  if (places.length > most) page.line(page.paint.dim(`${indent}and ${places.length - most} more`));
}

function writeWhyNot(page: Page, { target, requests, attempts, verdicts }: WhyNot): void {
  page.line();
  page.paragraph(
    requests + attempts === 0
      ? `${target} got no request in the whole run.`
      : `${target} did get something: it answered ${plural(requests, 'request')} in the whole run, and ${count(attempts)} ${attempts === 1 ? 'try' : 'tries'} reached it.`,
    '',
    requests === 0 ? page.paint.yellow : page.paint.green,
  );
  for (const verdict of verdicts) writeVerdict(page, verdict);
}

function writeVerdict(page: Page, { pod, cluster, caller, says, reason, places, rules }: PodVerdict): void {
  page.line();
  page.line(page.paint.bold(clean(`${pod} (${cluster})${caller ? `, asked by ${caller}` : ''}`)));
  page.paragraph(says, `  ${reason}: `);
  writePlaces(page, places, '  ');
  if (page.verbosity === 1)
    for (const { id, source } of rules) page.paragraph(`${id}: ${source}`, '  rule ', page.paint.dim);
}

/** What to ask next. */
function writeFurther(page: Page, { hops, explained, request }: Explanation): void {
  if (page.verbosity !== 0) return;
  page.line();
  const others = [...new Set(hops.map(({ to }) => to))].filter(
    (to) => !explained.some((hop) => hop.to === to),
  );
  const hints = [
    ...(request && others.length > 0 ? [`--to ${others[0]} explains that hop, --all every hop`] : []),
    '-v names the rules and their sources',
    ...(explained.length > 0 ? ['--why-not WORKLOAD tells why somebody got nothing'] : []),
  ];
  page.paragraph(`${hints.join('; ')}.`, '', page.paint.dim);
}
