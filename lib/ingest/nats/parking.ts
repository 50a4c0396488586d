import 'server-only';
import type { StreamMessage } from '#lib/bus/nats/flow-stream.ts';
import type { Publisher } from '#lib/bus/nats/publisher.ts';
import { PARKING_SUBJECT } from '#lib/bus/nats/subjects.ts';
import { logSafe } from '#lib/flow/text.ts';

/** Longest message that is parked whole: with its reason it must fit into what a server takes. */
const MOST_BYTES = 960 * 1024;

/**
 * Sets a message aside that nobody can use, whole and with the reason, and acknowledges it once that is stored: until then it comes again. Never throws;
 * false when it could not be parked.
 */
export async function park(publisher: Publisher, message: StreamMessage, reason: string, signal: AbortSignal): Promise<boolean> {
  const { stream, created, sequence, subject, data } = message;
  const cut = data.length > MOST_BYTES;
  try {
    await publisher.once(
      {
        subject: PARKING_SUBJECT,
        id: `parked ${stream} ${created} ${sequence}`,
        data: cut ? data.subarray(0, MOST_BYTES) : data,
        headers: {
          // A header is one line of ASCII; what a message made us say is not.
          'Causeway-Reason': encodeURIComponent(logSafe(reason, 500)).replaceAll('%20', ' '),
          'Causeway-Subject': subject,
          'Causeway-Stream': stream,
          'Causeway-Sequence': String(sequence),
          ...(cut && { 'Causeway-Cut-From': String(data.length) }),
        },
      },
      signal,
    );
    message.ack();
    return true;
  } catch {
    return false;
  }
}
