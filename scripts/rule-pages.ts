// Writes docs/rules from the rules' own words: npx tsx scripts/rule-pages.ts
import { mkdirSync, writeFileSync } from 'node:fs';
import { RULES } from '../src/scenarios/lint/registry.ts';
import { ruleIndex, rulePage } from '../src/scenarios/lint/rule-page.ts';

mkdirSync('docs/rules', { recursive: true });
for (const rule of RULES) writeFileSync(`docs/rules/${rule.id}.md`, rulePage(rule));
writeFileSync('docs/rules/README.md', ruleIndex(RULES));
