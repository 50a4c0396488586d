import 'server-only';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import * as http from 'node:http';
import * as https from 'node:https';
import { KubeConfig } from '@kubernetes/client-node';
import type { KubernetesTarget } from '#lib/api/clusters.ts';
import { CausewayError, messageOf } from '#lib/errors/errors.ts';

/** Where the kubelet puts a pod's own credentials. */
export const SERVICE_ACCOUNT_TOKEN = '/var/run/secrets/kubernetes.io/serviceaccount/token';

/** What the API server answered instead of what was asked for; 0 where it did not answer at all. */
export class KubernetesFailure extends Error {
  override readonly name = 'KubernetesFailure';
  readonly status: number;

  constructor(status: number, message: string, cause?: unknown) {
    super(message, { cause });
    this.status = status;
  }
}

/** Bytes of one answer at most: a page of 500 pods has about two million. */
const MOST_BYTES = 64 * 1024 * 1024;
const ANSWER_WITHIN_MS = 60_000;

/**
 * GET requests to one API server. Server, certificates and credentials are client-node's matter (kubeconfig, exec plugins, the pod's rotating
 * token); requests are plain HTTP, as its typed clients drop fields they do not know and its informers neither page nor come back by themselves.
 */
export class KubernetesConnection {
  readonly #target: KubernetesTarget;
  #config: KubeConfig;

  /** Throws `not-configured` when there is no such configuration. */
  constructor(target: KubernetesTarget) {
    this.#target = target;
    this.#config = configOf(target);
  }

  get server(): string {
    return this.#config.getCurrentCluster()?.server ?? '';
  }

  /** JSON of a small answer, or a page of a list. Throws `KubernetesFailure`. */
  async json(path: string, query: Readonly<Record<string, string>>, signal: AbortSignal): Promise<unknown> {
    const limit = AbortSignal.any([signal, AbortSignal.timeout(ANSWER_WITHIN_MS)]);
    const body = (await collected(await this.#get(path, query, limit))).toString('utf8');
    try {
      return JSON.parse(body);
    } catch (error) {
      throw new KubernetesFailure(0, `the API server’s answer is not JSON: ${messageOf(error)}`, error);
    }
  }

  /** The answer as it comes; end it by `signal`. Throws `KubernetesFailure` when it is none. */
  stream(path: string, query: Readonly<Record<string, string>>, signal: AbortSignal): Promise<http.IncomingMessage> {
    return this.#get(path, query, signal);
  }

  async #get(path: string, query: Readonly<Record<string, string>>, signal: AbortSignal): Promise<http.IncomingMessage> {
    const options: https.RequestOptions = { method: 'GET', signal };
    let answer: http.IncomingMessage;
    try {
      await this.#config.applyToHTTPSOptions(options);
      const url = new URL(`${this.server.replace(/\/$/, '')}${path}?${new URLSearchParams(query)}`);
      const request = (url.protocol === 'https:' ? https : http).request(url, options);
      request.setHeader('accept', 'application/json');
      request.setHeader('user-agent', 'causeway');
      request.end();
      request.on('error', () => {}); // after the answer has begun it is the answer that fails
      request.once('socket', (socket) => socket.setKeepAlive(true, 30_000));
      [answer] = (await once(request, 'response', { signal })) as [http.IncomingMessage];
    } catch (error) {
      throw new KubernetesFailure(0, `${this.server} does not answer: ${reasonOf(error)}`, error);
    }
    if (answer.statusCode === 200) return answer;
    const status = answer.statusCode ?? 0;
    // Credentials may have been renewed on disk since they were read.
    if (status === 401) this.#reread();
    throw new KubernetesFailure(status, await refusal(answer));
  }

  #reread(): void {
    try {
      this.#config = configOf(this.#target);
    } catch {
      // The file may be half written: what was read before serves until it is whole.
    }
  }
}

/** The configuration a target names. Throws `not-configured` with what is wrong. */
export function configOf({ kubeconfig, context }: KubernetesTarget): KubeConfig {
  const config = new KubeConfig();
  if (kubeconfig === undefined) {
    if (!existsSync(SERVICE_ACCOUNT_TOKEN))
      throw new CausewayError('not-configured', 'there is no service account here: name a kubeconfig, or run in a pod');
    config.loadFromCluster();
    return config;
  }
  try {
    config.loadFromFile(kubeconfig);
  } catch (error) {
    throw new CausewayError('not-configured', `the kubeconfig ${kubeconfig} cannot be read: ${messageOf(error).split('\n')[0]}`, {
      cause: error,
    });
  }
  if (context !== undefined) config.setCurrentContext(context);
  if (!config.getContextObject(config.getCurrentContext()))
    throw new CausewayError(
      'not-configured',
      `the kubeconfig ${kubeconfig} has no context ${config.getCurrentContext() || 'that is current'}; it has: ${config.contexts.map(({ name }) => name).join(', ')}`,
    );
  if (!config.getCurrentCluster()?.server)
    throw new CausewayError('not-configured', `the kubeconfig ${kubeconfig} names no server for its context`);
  return config;
}

/** The `message` of the Status object, bounded. */
async function refusal(answer: http.IncomingMessage): Promise<string> {
  const text = (await collected(answer).catch(() => Buffer.alloc(0))).toString('utf8');
  let message = text;
  try {
    const status = JSON.parse(text) as { message?: unknown };
    if (typeof status.message === 'string') message = status.message;
  } catch {
    // something before the API server answered
  }
  return message.slice(0, 500).trim() || `HTTP ${answer.statusCode}`;
}

async function collected(answer: http.IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let size = 0;
  try {
    for await (const chunk of answer as AsyncIterable<Buffer>) {
      size += chunk.length;
      if (size > MOST_BYTES) throw new KubernetesFailure(0, `the API server’s answer is larger than ${MOST_BYTES} bytes`);
      chunks.push(chunk);
    }
  } catch (error) {
    throw error instanceof KubernetesFailure
      ? error
      : new KubernetesFailure(0, `the answer broke off: ${reasonOf(error)}`, error);
  }
  return Buffer.concat(chunks);
}

/** The first useful line of a socket's error; `AggregateError` has an empty message and the reasons inside. */
function reasonOf(error: unknown): string {
  if (error instanceof AggregateError && error.errors.length > 0) return reasonOf(error.errors[0]);
  if (error instanceof Error && error.name === 'TimeoutError') return `nothing for ${ANSWER_WITHIN_MS / 1000} s`;
  return (messageOf(error).split('\n')[0] ?? '').slice(0, 300);
}
