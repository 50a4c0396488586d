import 'server-only';
import type { Message } from '#lib/bus/nats/publisher.ts';
import { FLOW_SUBJECTS } from '#lib/bus/nats/subjects.ts';
import type { Flow } from '#lib/flow/flow.ts';
import { flowKey } from '#lib/flow/flow-key.ts';
import { flowToLine } from '#lib/flow/flow-to-json.ts';

const [ALL, DROPPED, L7] = FLOW_SUBJECTS;

/**
 * A flow as messages, on each subject that carries it. A stream recognises an id on all its subjects together: on the narrower ones it has a suffix, or
 * the second message would be taken for a repetition of the first.
 */
export function flowMessages(flow: Flow): Message[] {
  const id = flowKey(flow);
  const data = flowToLine(flow);
  return [
    { subject: ALL, id, data },
    ...(flow.verdict === 'DROPPED' ? [{ subject: DROPPED, id: `${id} dropped`, data }] : []),
    ...(flow.type === 'L7' ? [{ subject: L7, id: `${id} l7`, data }] : []),
  ];
}
