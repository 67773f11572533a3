// replication-thread.ts for threads of a process that runs from sources; never part of the package.
import { register } from 'tsx/esm/api';

register();
const { default: replications } = await import('./replication-thread.ts');
export default replications;
