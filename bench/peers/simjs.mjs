// W2 in simjs: an entity per request, a Facility of 8 servers per endpoint. Prints one line of JSON.
import { createRequire } from 'node:module';

globalThis.window = globalThis;
const require = createRequire(`${process.argv[3]}/package.json`);
require('simjs');
const { Entity, Facility, Random, Sim } = globalThis.Sim;
const requests = Number(process.argv[2]);
const endpoints = 16;
const random = new Random(1);
const sim = new Sim();
const servers = Array.from({ length: endpoints }, (_, i) => new Facility(`e${i}`, Facility.FCFS, 8));
const active = new Array(endpoints).fill(0);
let sum = 0;
let done = 0;
class Client extends Entity {
  start() {
    this.left = requests;
    this.arrive();
  }
  arrive() {
    if (this.left-- === 0) return;
    this.setTimer(random.exponential(1 / 0.02)).done(() => {
      this.request();
      this.arrive();
    });
  }
  request() {
    const begin = this.time();
    const a = Math.floor(random.random() * endpoints);
    const b = Math.floor(random.random() * endpoints);
    const at = active[b] < active[a] ? b : a;
    active[at]++;
    this.setTimer(1).done(() => {
      this.useFacility(servers[at], random.exponential(1 / 2)).done(() => {
        this.setTimer(1).done(() => {
          active[at]--;
          sum += this.time() - begin;
          done++;
        });
      });
    });
  }
}
sim.addEntity(Client);
const before = process.cpuUsage();
sim.simulate(1e12);
const { user, system } = process.cpuUsage(before);
console.log(JSON.stringify({ cpu: (user + system) / 1e6, requests: done, mean_ms: sum / done }));
