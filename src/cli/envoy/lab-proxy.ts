// A proxy of a world as a real Envoy on loopback: its listeners, clusters, routes and endpoints come from watched files, so that pushes of
// the world's control plane reach it while it runs.
import { mkdirSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { ClusterLoadAssignment, EnvoyConfig } from '../../models/envoy/config.ts';
import { assignmentsOf, discoveryFiles, watchingBootstrap } from '../../models/envoy/export/bootstrap.ts';
import type { ExportOptions } from '../../models/envoy/export/options.ts';
import type { ProxySpec } from '../../models/world.ts';
import { type Dialled, labConfig, listenerNameOf } from './dialled-chain.ts';
import { EnvoyProcess } from './envoy-process.ts';

const LISTENER_PORT = 10_000;
const ADMIN_PORT = 9901;

export class LabProxy {
  readonly folder: string;
  readonly #process: EnvoyProcess;
  readonly #options: ExportOptions;
  readonly #ports = new Map<string, number>();
  readonly #written = new Map<string, string>();
  #config: EnvoyConfig;
  #version = 0;

  constructor(
    binary: string,
    folder: string,
    readonly spec: ProxySpec,
    readonly index: number,
    readonly net: string,
    readonly dials: readonly Dialled[],
  ) {
    this.folder = join(folder, `proxy-${index}`);
    mkdirSync(this.folder, { recursive: true });
    this.#config = spec.config;
    const admin = { address: `${net}.3.${index + 1}`, port: ADMIN_PORT };
    this.#options = {
      admin,
      edsPath: (name) => this.#path('eds', name),
      rdsPath: (name) => this.#path('rds', name),
      accessLogPath: this.accessLog,
      outlierLogPath: this.outlierLog,
      healthLogPath: () => this.healthLog,
    };
    this.#process = new EnvoyProcess({
      binary,
      folder: this.folder,
      name: 'envoy',
      bootstrap: watchingBootstrap(
        this.#lab(),
        { lds: this.#path('lds'), cds: this.#path('cds') },
        this.#options,
      ),
      concurrency: spec.concurrency,
      admin,
    });
  }

  get accessLog(): string {
    return join(this.folder, 'access.log');
  }

  get outlierLog(): string {
    return join(this.folder, 'outlier.log');
  }

  get healthLog(): string {
    return join(this.folder, 'health.log');
  }

  async start(): Promise<void> {
    this.#writeAll();
    await this.#process.start();
  }

  async stop(): Promise<void> {
    await this.#process.stop();
  }

  async restart(): Promise<void> {
    await this.#process.stop();
    await this.#process.start();
  }

  ask(path: string): Promise<{ status: number; body: string }> {
    return this.#process.ask(path);
  }

  /** Where a client connects. */
  addressOf(dialled: Dialled): { address: string; port: number } {
    return this.#listenerAddress(listenerNameOf(this.#config, dialled));
  }

  setEndpoints(assignments: readonly ClusterLoadAssignment[]): void {
    const names = new Set(assignments.map((entry) => entry.clusterName));
    this.#config = {
      ...this.#config,
      endpoints: [...this.#config.endpoints.filter((entry) => !names.has(entry.clusterName)), ...assignments],
    };
    this.#writeEndpoints();
  }

  setConfig(config: EnvoyConfig): void {
    this.#config = config;
    this.#writeAll();
  }

  #listenerAddress(name: string): { address: string; port: number } {
    let port = this.#ports.get(name);
    if (port === undefined) {
      port = LISTENER_PORT + this.#ports.size;
      this.#ports.set(name, port);
    }
    return { address: `${this.net}.2.${this.index + 1}`, port };
  }

  #lab(): EnvoyConfig {
    return labConfig(this.#config, this.dials, (name) => this.#listenerAddress(name));
  }

  #path(kind: string, name = ''): string {
    return join(this.folder, `${kind}${name && `-${name.replace(/[^\w.-]/g, '_')}`}.json`);
  }

  #writeAll(): void {
    const config = this.#lab();
    this.#writeEndpoints();
    for (const table of config.routeConfigurations)
      this.#write(this.#path('rds', table.name), table, (version) => discoveryFiles.routes(table, version));
    this.#write(this.#path('cds'), config.clusters, (version) =>
      discoveryFiles.clusters(config, this.#options, version),
    );
    this.#write(this.#path('lds'), config.listeners, (version) =>
      discoveryFiles.listeners(config, this.#options, version),
    );
  }

  #writeEndpoints(): void {
    for (const assignment of assignmentsOf(this.#config))
      this.#write(this.#path('eds', assignment.clusterName), assignment, (version) =>
        discoveryFiles.endpoints(assignment, version),
      );
  }

  /** What did not change is not written again. Envoy notices a file that is moved to the path it watches. */
  #write(path: string, content: object, document: (version: number) => object): void {
    const text = JSON.stringify(content);
    if (this.#written.get(path) === text) return;
    this.#written.set(path, text);
    writeFileSync(`${path}.new`, JSON.stringify(document(++this.#version)));
    renameSync(`${path}.new`, path);
  }
}
