// npm run docs: writes docs/reference.
import { mkdirSync, writeFileSync } from 'node:fs';
import { referencePages } from './reference-pages.ts';

mkdirSync('docs/reference', { recursive: true });
for (const [file, text] of await referencePages()) writeFileSync(`docs/reference/${file}`, text);
