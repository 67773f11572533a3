// The scenario file's format as JSON Schema, for editors (`foresail schema`): what may be written, not what it becomes.
import * as z from 'zod';
import { fileSchema } from './schema.ts';

export function scenarioJsonSchema(): object {
  return {
    title: 'foresail scenario, version 1',
    ...z.toJSONSchema(fileSchema(), { io: 'input', unrepresentable: 'any' }),
  };
}
