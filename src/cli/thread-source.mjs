// thread.ts for threads of a process that runs from sources; never part of the package.
import { register } from 'tsx/esm/api';

register();
const { default: work } = await import('./thread.ts');
export default work;
