// npm run fidelity: writes docs/fidelity.md.
import { mkdirSync, writeFileSync } from 'node:fs';
import { fidelityDocument } from './document.ts';

const path = new URL('../../../docs/fidelity.md', import.meta.url);
mkdirSync(new URL('.', path), { recursive: true });
writeFileSync(path, fidelityDocument());
