import { field, listOf, numberOf, recordOf } from '#lib/flow/json-record.ts';
import { objectText } from '#lib/world/labels.ts';
import type { RelayFacts } from '../inputs.ts';
import { readJsonObject } from './json-text.ts';
import { read, type Reading, unreadable } from './reading.ts';

/** `hubble status -o json` against Hubble Relay (`observer.ServerStatusResponse`): which nodes report and for how long they remember. What was lost it does not say. */
export function readHubbleStatus(text: string): Reading<RelayFacts> {
  const file = readJsonObject(text, 'the output of hubble status -o json');
  if (!file.ok) return file;
  const connected = countOf(field(file.value, 'num_connected_nodes'));
  if (connected === undefined)
    return unreadable(
      field(file.value, 'max_flows') === undefined
        ? 'this is not what hubble status -o json prints: it says nothing of nodes'
        : 'this is the status of one node, not of Hubble Relay: ask the relay (hubble status --server RELAY -o json)',
    );
  const missing = listOf(field(file.value, 'unavailable_nodes')).map(objectText).filter(Boolean);
  const unavailable = countOf(field(file.value, 'num_unavailable_nodes')) ?? missing.length;
  const [held, most, rate] = ['num_flows', 'max_flows', 'flows_rate'].map((name) => numberOf(field(file.value, name)));
  return read({
    connected,
    expected: connected + Math.max(unavailable, missing.length),
    missing,
    ...(most && { heldFlows: held ?? 0, mostFlows: most }),
    ...(rate && { rate }),
    ...(most && rate && { horizonMs: Math.round((most / rate) * 1000) }),
  });
}

/** A wrapped number: protobuf JSON writes it plain, other printers as `{ "value": 3 }`. */
function countOf(value: unknown): number | undefined {
  const inner = recordOf(value) ? field(recordOf(value), 'value') : value;
  return inner === undefined || inner === null ? undefined : numberOf(inner);
}
