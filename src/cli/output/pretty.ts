// The report for people as a reporter: scenarios one after the other, and at the end what none of them simulates.
import type { ReporterDefinition } from './reporter.ts';
import { Page } from './section.ts';
import { renderText } from './text.ts';
import { writeNotSimulated } from './text-notes.ts';

export const pretty: ReporterDefinition = {
  name: 'pretty',
  summary: 'the report for people (default)',
  create({ terminal, verbosity }) {
    let written = 0;
    return {
      outcome(outcome) {
        const text = renderText(outcome, terminal, verbosity);
        if (text === '') return '';
        return `${written++ > 0 ? `\n${(terminal.unicode ? '═' : '=').repeat(terminal.columns)}\n` : ''}${text}`;
      },
      end(outcomes) {
        if (verbosity < 0) return '';
        const page = new Page(terminal, verbosity);
        writeNotSimulated(page, outcomes);
        return page.lines.length > 0 ? `\n${page.text()}` : '';
      },
    };
  },
};
