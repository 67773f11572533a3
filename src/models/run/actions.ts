// What happens to the world at fixed times: faults that begin and end, and pushes of the control plane, all worked out beforehand.
import type { ActionSpec } from '../world.ts';
import { ACTION } from './events.ts';
import type { RunContext } from './run-context.ts';

export class Actions {
  constructor(
    readonly context: RunContext,
    readonly specs: ActionSpec[],
  ) {}

  /** Things before the start take effect at once; the others are scheduled in the order given. */
  begin(): void {
    for (const [index, spec] of this.specs.entries()) {
      if (spec.after !== undefined) continue; // the loads call for it
      if (spec.atNs <= 0) this.run(index);
      else this.context.simulation.scheduleAt(spec.atNs, ACTION, index);
    }
  }

  /** Its loads have finished. */
  released(index: number): void {
    this.context.simulation.schedule(this.specs[index]!.atNs, ACTION, index);
  }

  run(index: number): void {
    const { context } = this;
    const spec = this.specs[index]!;
    context.straight?.expectIdle();
    const servers = 'servers' in spec && spec.kind !== 'kubeProxy' ? spec.servers : [];
    switch (spec.kind) {
      case 'serverMode':
        for (const server of servers) {
          context.servers.all[server]!.mode = { mode: spec.mode, percentage: spec.percentage ?? 100 };
          if (spec.mode === 'refuse') context.pools.serverLost(server);
        }
        break;
      case 'serverLost':
        for (const server of servers) context.upstream.serverLost(server);
        break;
      case 'serverRespond':
        for (const server of servers)
          context.servers.all[server]!.respond =
            spec.status === null ? null : { status: spec.status, percentage: spec.percentage ?? 100 };
        break;
      case 'serverSlow':
        for (const server of servers)
          context.servers.all[server]!.slow =
            spec.byNs === 0 ? null : { byNs: spec.byNs, percentage: spec.percentage ?? 100 };
        break;
      case 'serverBehaviour':
        for (const server of servers) {
          const state = context.servers.all[server]!;
          if (spec.isTimetable && state.isOverridden) continue;
          state.isOverridden ||= !spec.isTimetable;
          state.setBehaviour(spec.behaviour);
        }
        break;
      case 'endpoints':
        for (const proxy of spec.proxies) context.proxies[proxy]!.setEndpoints(spec.assignments);
        break;
      case 'config':
        for (const proxy of spec.proxies) context.proxies[proxy]!.setConfig(spec.config);
        break;
      case 'kubeProxy':
        context.direct.setCandidates(spec.name, spec.servers);
        break;
      case 'restartProxy':
        for (const proxy of spec.proxies) context.proxies[proxy]!.restart();
        break;
      case 'partition':
        context.network.setPartition(spec.between, spec.isOn);
        break;
      case 'mark':
        break;
    }
    context.express?.forgetSites();
    if (context.straight?.actionTaken(spec) === false) context.endStraight();
    if (spec.label)
      context.recorder.timeline.push({
        atNs: context.simulation.nowNs,
        kind: spec.kind === 'mark' ? spec.name : spec.kind,
        text: spec.label,
      });
  }
}
