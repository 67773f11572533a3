// A rule's words as a page: docs/rules/ID.md and `foresail rules ID` print this.
import type { LintRule } from './rule.ts';

export function rulePage(rule: LintRule): string {
  const same = rule.sameAs?.length ? `, also known as ${rule.sameAs.join(', ')}` : '';
  return [
    `# ${rule.id}: ${rule.title}`,
    '',
    `Severity: ${rule.severity}${same}.`,
    '',
    `**What you see.** ${rule.symptom}`,
    '',
    `**Why.** ${rule.cause}`,
    '',
    `**What to do.** ${rule.fix}`,
    '',
    ...(rule.example
      ? [`**Watch it.** \`foresail run examples/library/${rule.example}/scenario.yaml\``, '']
      : []),
    `Silence one place with \`# foresail-ignore ${rule.id}\` on the line or the line above it; change the severity with`,
    `\`lint: { ${rule.id}: off }\` in the scenario file, or \`foresail lint --rule ${rule.id}=off\`.`,
    '',
  ].join('\n');
}

/** docs/rules/README.md */
export function ruleIndex(rules: readonly LintRule[]): string {
  return [
    '# Rules',
    '',
    'What Istio accepts and what is futile all the same, or does something else than it seems to. `foresail lint` tells it',
    'for scenarios and for folders of manifests, `foresail run` beside the numbers. These pages are made from the rules',
    'themselves (src/scenarios/lint/rules).',
    '',
    '| Rule | Severity | Title | Also known as |',
    '|---|---|---|---|',
    ...rules.map(
      ({ id, severity, title, sameAs }) =>
        `| [${id}](${id}.md) | ${severity} | ${title} | ${(sameAs ?? []).join(', ')} |`,
    ),
    '',
  ].join('\n');
}
