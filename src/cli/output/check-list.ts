// foresail check --list: the policies of the library, with their parameters and defaults.
import { POLICIES } from '../../scenarios/property/policies.ts';
import { flow } from '../../scenarios/work/overlay.ts';

export function policyList(isJson: boolean): string {
  if (isJson) {
    const policies = POLICIES.map(({ name, summary, parameters }) => ({ name, summary, parameters }));
    return `${JSON.stringify(policies, null, 2)}\n`;
  }
  const lines: string[] = [];
  for (const { name, summary, parameters } of POLICIES) {
    lines.push(name, `  ${summary}`);
    for (const parameter of parameters) {
      const fallback =
        parameter.fallback === undefined
          ? ' (needed)'
          : parameter.fallback === null
            ? ''
            : ` (default ${flow(parameter.fallback)})`;
      lines.push(`    ${parameter.name.padEnd(20)} ${parameter.summary}${fallback}`);
    }
    const needed = parameters.filter(({ fallback }) => fallback === undefined);
    const example = Object.fromEntries(needed.map((parameter) => [parameter.name, '…']));
    const given = needed.length > 0 ? { use: name, with: example } : { use: name };
    lines.push(`    properties: [${flow(given)}]`, '');
  }
  return lines.join('\n');
}
