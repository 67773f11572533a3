// One translation of a large mesh in a process of its own, for cold.ts: clusters, services, pods and namespaces are its arguments. Prints the
// CPU seconds without what making the mesh took, and how many different configurations came out.
import { createTranslator } from '../src/models/istio/translate.ts';
import { manyPods } from '../test/models/istio/many-pods.ts';

const [clusters = 0, services = 0, pods = 0, namespaces = 0] = process.argv.slice(2).map(Number);
const { parts, nodes } = manyPods({ clusters, services, pods, namespaces });
const before = process.cpuUsage();
const translator = createTranslator(parts);
const configs = nodes.map((node) => translator.configOf(node));
const { user, system } = process.cpuUsage(before);
const views = new Set(configs.map((config) => config.clusters)).size;
const tables = new Set(configs.map((config) => config.routeConfigurations)).size;
console.log(JSON.stringify({ cpuSeconds: (user + system) / 1e6, views, tables }));
