import { flowOf } from './flow-from-json.ts';
import { LOST_EVENT_SOURCES, NODE_STATES, type LostEvents, type NodeStatus, type StreamEvent } from './flow.ts';
import { jsonFault } from './json-fault.ts';
import { enumOf, field, listOf, numberOf, recordOf, textOf, type JsonRecord, type OnUnknown } from './json-record.ts';
import { DEFAULT_REDACTION, redactFlow, type Redaction } from './redact.ts';
import { boundList, boundText, LIMITS } from './text.ts';
import { timeOf } from './time.ts';

/** A line as an event of a stream; or why it is none. `ignored` lines are good but carry nothing this console keeps. */
export type ParsedLine =
  | { readonly ok: true; readonly event: StreamEvent }
  | { readonly ok: false; readonly reason: string; readonly column?: number; readonly ignored?: true };

export interface ParseOptions {
  readonly redaction?: Redaction;
  /** Longest line read, in UTF-16 units. */
  readonly maxLength?: number;
  /** Told of enum values and fields that this version does not know, e.g. `verdict NEW_VERDICT`, `field flow.brand_new`. Kept as they can be. */
  readonly onUnknown?: OnUnknown;
}

/**
 * One line as Hubble's exporter writes it, `hubble observe -o jsonpb` prints it, or `-o json` of older clients (a bare flow).
 * Both field spellings, 64-bit numbers as strings, enums as names or numbers. Never throws.
 */
export function parseLine(line: string, options: ParseOptions = {}): ParsedLine {
  const { maxLength = LIMITS.line, redaction = DEFAULT_REDACTION } = options;
  if (line.length > maxLength) return { ok: false, reason: `the line is longer than ${maxLength} characters` };
  const text = line.charCodeAt(0) === 0xfeff ? line.slice(1) : line;
  if (text.trim() === '') return { ok: false, reason: 'the line is empty', ignored: true };
  const json = parseJson(text);
  if (!json.ok) return json;
  const record = recordOf(json.value);
  if (!record) return { ok: false, reason: 'the line is JSON, but no object', column: 1 };
  const parsed = eventOf(record, options);
  if (!parsed.ok || parsed.event.kind !== 'flow') return parsed;
  return { ok: true, event: { kind: 'flow', flow: redactFlow(parsed.event.flow, redaction) } };
}

function parseJson(text: string): { ok: true; value: unknown } | { ok: false; reason: string; column: number } {
  try {
    return { ok: true, value: JSON.parse(text) };
  } catch {
    const { at, cutOff } = jsonFault(text);
    return { ok: false, reason: cutOff ? 'the line ends in the middle of its JSON' : 'the line is not JSON', column: at + 1 };
  }
}

function eventOf(record: JsonRecord, options: ParseOptions): ParsedLine {
  const envelope = { time: timeOf(field(record, 'time')), nodeName: boundText(textOf(field(record, 'node_name')), LIMITS.name) };
  const flow = recordOf(field(record, 'flow'));
  if (flow) return flowEvent(flow, envelope, options);
  const status = recordOf(field(record, 'node_status'));
  if (status) return { ok: true, event: { kind: 'node-status', status: nodeStatusOf(status, envelope.time ?? 0, options) } };
  const lost = recordOf(field(record, 'lost_events'));
  if (lost) return { ok: true, event: { kind: 'lost-events', lost: lostEventsOf(lost, envelope, options) } };
  if (field(record, 'agent_event') || field(record, 'debug_event'))
    return { ok: false, reason: 'agent and debug events are not kept', ignored: true };
  // `hubble observe -o json` before 1.0 printed the flow itself.
  if (field(record, 'verdict') !== undefined || field(record, 'event_type') !== undefined)
    return flowEvent(record, envelope, options);
  return { ok: false, reason: 'the line is JSON, but holds no flow, node status or lost events', column: 1 };
}

interface Envelope {
  readonly time: number | undefined;
  readonly nodeName: string;
}

function flowEvent(record: JsonRecord, envelope: Envelope, options: ParseOptions): ParsedLine {
  const flow = flowOf(record, envelope, options.onUnknown);
  return flow ? { ok: true, event: { kind: 'flow', flow } } : { ok: false, reason: 'the flow has no time that can be read' };
}

function nodeStatusOf(record: JsonRecord, time: number, { onUnknown }: ParseOptions): NodeStatus {
  return {
    time,
    state: enumOf(NODE_STATES, field(record, 'state_change'), 'state_change', onUnknown),
    nodeNames: boundList(listOf(field(record, 'node_names')).map(textOf), 1000, LIMITS.name),
    message: boundText(textOf(field(record, 'message')), LIMITS.message),
  };
}

function lostEventsOf(record: JsonRecord, { time, nodeName }: Envelope, { onUnknown }: ParseOptions): LostEvents {
  return {
    time: time ?? timeOf(field(record, 'last')) ?? 0,
    nodeName,
    source: enumOf(LOST_EVENT_SOURCES, field(record, 'source'), 'source', onUnknown),
    count: Math.max(0, numberOf(field(record, 'num_events_lost'))),
    first: timeOf(field(record, 'first')),
    last: timeOf(field(record, 'last')),
  };
}
