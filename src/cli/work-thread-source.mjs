// work-thread.ts for threads of a process that runs from sources; never part of the package.
import { register } from 'tsx/esm/api';

register();
const { default: run } = await import('./work-thread.ts');
export default run;
