// The requests of a world as texts: each distinct (method, host, path, headers, port) once, by index, so that rows hold an integer and
// a route is looked up once per text.
import type { RequestView } from '../envoy/route-match.ts';
import { REQUEST_BYTES } from './network.ts';

export interface RequestText extends RequestView {
  /** Destination port: chooses the listener. */
  port: number;
  /** Name of kube-proxy's candidates, for callers without a sidecar and for passthrough. */
  kubeProxy: string;
  sourceAddress: string;
  /** The caller's DNS does not know the name. */
  isUnresolved: boolean;
  /** On the wire, body included. */
  bytes: number;
}

export class RequestTexts {
  readonly texts: RequestText[] = [];
  readonly #byKey = new Map<string, number>();

  indexOf(
    request: Partial<RequestText> & { method: string; host: string; path: string; port: number },
  ): number {
    const headers: Record<string, string> = {};
    for (const name of Object.keys(request.headers ?? {}).sort())
      headers[name.toLowerCase()] = request.headers![name]!;
    const text: RequestText = {
      method: request.method,
      host: request.host,
      path: request.path,
      headers,
      port: request.port,
      kubeProxy: request.kubeProxy ?? '',
      sourceAddress: request.sourceAddress ?? '',
      isUnresolved: request.isUnresolved === true,
      bytes: REQUEST_BYTES + bodyBytes(headers['content-length']),
    };
    const key = JSON.stringify(text);
    let index = this.#byKey.get(key);
    if (index === undefined) {
      index = this.texts.push(text) - 1;
      this.#byKey.set(key, index);
    }
    return index;
  }
}

/** A body announces its size. */
function bodyBytes(contentLength: string | undefined): number {
  const bytes = Number(contentLength ?? 0);
  return Number.isFinite(bytes) && bytes > 0 ? bytes : 0;
}
