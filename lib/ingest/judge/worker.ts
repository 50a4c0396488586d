import 'server-only';
import { parentPort, workerData } from 'node:worker_threads';
import { openTrafficDb } from '#lib/db/traffic/connection.ts';
import { CausewayError, messageOf } from '#lib/errors/errors.ts';
import { answer } from './answer.ts';
import { Desk } from './desk.ts';
import type { FromWorker, ToWorker, WorkerData } from './messages.ts';

// The thread that judges (see `judge.ts`). Asks are answered one after the other: each is short, and what they share is made once.

const { databaseUrl } = workerData as WorkerData;
const desk = new Desk(openTrafficDb(databaseUrl, 1), goOn);
/** Asks that were not answered yet, and those of them that nobody waits for any more. */
const open = new Set<number>();
const cancelled = new Set<number>();
const encoder = new TextEncoder();
let turn: Promise<void> = Promise.resolve();
/** The ask that is being answered. */
let current = 0;

function goOn(): void {
  if (cancelled.has(current)) throw new CausewayError('ingest-unreachable', 'nobody waits for it any more');
  parentPort?.postMessage({ type: 'alive' } satisfies FromWorker);
}

parentPort?.on('message', (message: ToWorker) => {
  if (message.type === 'cancel') return void (open.has(message.id) && cancelled.add(message.id));
  if (message.type === 'ask') open.add(message.id);
  turn = turn.then(() => take(message));
});

async function take(message: Exclude<ToWorker, { type: 'cancel' }>): Promise<void> {
  switch (message.type) {
    case 'facts':
      return desk.know(message.cluster, message.facts);
    case 'no-facts':
      return desk.forget(message.cluster);
    case 'objects':
      return desk.objects.know(message.cluster, message.kind, message.objects);
    case 'ask': {
      const { id } = message;
      current = id;
      const reply = cancelled.has(id) ? undefined : await answered(message);
      open.delete(id);
      if (cancelled.delete(id) || !reply) return;
      if (reply.type === 'answer') parentPort?.postMessage(reply, [reply.body.buffer]);
      else parentPort?.postMessage(reply);
    }
  }
}

async function answered({ id, cluster, ask }: Extract<ToWorker, { type: 'ask' }>): Promise<FromWorker> {
  try {
    return { type: 'answer', id, body: encoder.encode(JSON.stringify(await answer(desk, cluster, ask))) };
  } catch (error) {
    if (!(error instanceof CausewayError)) {
      return {
        type: 'failure',
        id,
        code: undefined,
        message: error instanceof Error ? (error.stack ?? error.message) : String(error),
      };
    }
    return { type: 'failure', id, code: error.code, message: messageOf(error), ...(error.place && { place: error.place }) };
  }
}
