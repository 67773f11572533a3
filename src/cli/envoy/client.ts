// HTTP/1.1 requests over connections that are kept, or made anew, as a world's loads and applications have them.
import { Agent, type IncomingHttpHeaders, type IncomingMessage, request } from 'node:http';

export interface Asking {
  address: { address: string; port: number };
  method: string;
  host: string;
  path: string;
  headers: Record<string, string>;
  /** Client address. */
  localAddress?: string;
}

export interface Answer {
  /** 0 = none. */
  status: number;
  headers: IncomingHttpHeaders;
  body: string;
}

const NO_ANSWER: Answer = { status: 0, headers: {}, body: '' };

/** Connections of one client: one after the other takes its turn, or each request has its own. */
export class Connections {
  readonly #agents: Agent[];
  #next = 0;

  constructor(kept: number | 'new') {
    this.#agents =
      kept === 'new' ? [] : Array.from({ length: Math.max(1, kept) }, () => new Agent({ keepAlive: true }));
  }

  /** @param slot which of the kept ones; absent = the next in turn */
  async ask(asking: Asking, slot = this.#next++): Promise<Answer> {
    if (this.#agents.length === 0) return await ask(asking, new Agent({ keepAlive: false }));
    return await ask(asking, this.#agents[slot % this.#agents.length]!);
  }

  close(): void {
    for (const agent of this.#agents) agent.destroy();
  }
}

async function ask(asking: Asking, agent: Agent, isAgain = false): Promise<Answer> {
  const { address, method, host, path, headers, localAddress } = asking;
  return await new Promise((resolve) => {
    const options = {
      agent,
      host: address.address,
      port: address.port,
      method,
      path,
      headers: { ...headers, host },
      ...(localAddress !== undefined && { localAddress }),
    };
    let isDone = false;
    const finish = (answer: Answer) => {
      if (isDone) return;
      isDone = true;
      resolve(answer);
    };
    const asked = request(options, (answer: IncomingMessage) => {
      let body = '';
      answer.setEncoding('utf8');
      answer.on('data', (text: string) => {
        body += text;
      });
      answer.on('end', () => finish({ status: answer.statusCode ?? 0, headers: answer.headers, body }));
      answer.on('error', () => finish(NO_ANSWER));
      answer.on('close', () => finish(NO_ANSWER));
    });
    asked.on('error', (error: NodeJS.ErrnoException) => {
      // The other side may close a kept connection just when it is used again.
      const isStale = asked.reusedSocket && error.code === 'ECONNRESET' && !isAgain;
      if (isStale) void ask(asking, agent, true).then(finish);
      else finish(NO_ANSWER);
    });
    asked.end();
  });
}
