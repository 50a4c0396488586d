import 'server-only';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { toBase64Url } from '#lib/receipts/base64.ts';
import { MOST_REQUEST_BYTES } from '#lib/receipts/add-checkpoint.ts';
import { NOTE_TYPES, verifierKey } from '#lib/receipts/note.ts';
import type { WitnessAnswer, WitnessOptions, WitnessService } from './witness.ts';

/** How long a request may take to arrive. */
const REQUEST_MS = 10_000;
const MOST_CONNECTIONS = 256;
const TEXT = 'text/plain; charset=utf-8';

/**
 * The witness by HTTP: `POST /add-checkpoint`, and `GET /`, which says its name, its key and the size of each log it has seen. It asks for no
 * password: who cannot sign for a log gets nothing. Paths below a prefix are the reverse proxy's matter.
 */
export function witnessServer(service: WitnessService, about: WitnessOptions, tell: (line: string) => void): Server {
  const server = createServer(
    { requestTimeout: REQUEST_MS, headersTimeout: REQUEST_MS, maxHeaderSize: 8192 },
    (request, response) => {
      void answerTo(request, service, about).then(
        (answer) => {
          if (answer.told !== '') tell(answer.told);
          send(response, answer);
        },
        (error: unknown) => {
          tell(`the request ended early: ${error instanceof Error ? error.message : String(error)}`);
          response.destroy();
        },
      );
    },
  );
  server.maxConnections = MOST_CONNECTIONS;
  return server;
}

async function answerTo(request: IncomingMessage, service: WitnessService, about: WitnessOptions): Promise<WitnessAnswer> {
  const { pathname } = new URL(request.url ?? '/', 'http://witness');
  if (pathname === '/' && (request.method === 'GET' || request.method === 'HEAD')) return whoami(about);
  if (pathname !== '/add-checkpoint') return plain(404, 'there is add-checkpoint, and / to ask who this is');
  if (request.method !== 'POST') return plain(405, 'add-checkpoint is asked by POST');
  const body = await boundedBody(request);
  if (body === undefined) return plain(413, `a request has at most ${MOST_REQUEST_BYTES} bytes`);
  let text: string;
  try {
    text = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(body);
  } catch {
    return plain(400, 'the request is not UTF-8');
  }
  return service.addCheckpoint(text);
}

function whoami({ name, key, logs, heads }: WitnessOptions): WitnessAnswer {
  const about = {
    name,
    key: toBase64Url(key.publicKey),
    verifier_key: verifierKey(name, NOTE_TYPES.cosignature, key.publicKey),
    logs: [...logs.keys()].map((origin) => ({ origin, size: heads.get(origin)?.size ?? 0, time: heads.get(origin)?.time ?? 0 })),
  };
  return { status: 200, type: 'application/json', body: `${JSON.stringify(about, undefined, 2)}\n`, told: '' };
}

/** Undefined for one that is too large; the rest of it is not read. */
async function boundedBody(request: IncomingMessage): Promise<Buffer | undefined> {
  if (Number(request.headers['content-length'] ?? 0) > MOST_REQUEST_BYTES) return undefined;
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of request) {
    size += (chunk as Buffer).length;
    if (size > MOST_REQUEST_BYTES) return undefined;
    chunks.push(chunk as Buffer);
  }
  return Buffer.concat(chunks);
}

const plain = (status: number, text: string): WitnessAnswer => ({
  status,
  type: TEXT,
  body: `${text}\n`,
  told: `${status} ${text}`,
});

function send(response: ServerResponse, { status, type, body }: WitnessAnswer): void {
  const headers = {
    'content-type': type,
    'content-length': Buffer.byteLength(body),
    'cache-control': 'no-store',
    'x-content-type-options': 'nosniff',
  };
  // What is left of a request that is too large is not waited for.
  response.writeHead(status, status === 413 ? { ...headers, connection: 'close' } : headers).end(body);
}
