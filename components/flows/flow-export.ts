import type { Flow } from '#lib/flow/flow.ts';
import { csvCell } from '#lib/flow/text.ts';
import { cellsOf } from './flow-cells.ts';

/** Flows as a file: CSV for a spreadsheet (cells that a formula could start are made inert), or one JSON object a line. */

const COLUMNS: readonly (readonly [name: string, value: (flow: Flow) => string | number | boolean | undefined])[] = [
  ['time', (flow) => new Date(flow.time).toISOString()],
  ['verdict', (flow) => flow.verdict],
  ['drop_reason', (flow) => flow.dropReason],
  ['direction', (flow) => flow.trafficDirection],
  ['source_namespace', (flow) => flow.source.namespace],
  ['source_workload', (flow) => flow.source.workload?.name],
  ['source_pod', (flow) => flow.source.podName],
  ['source_identity', (flow) => flow.source.identity],
  ['source_ip', (flow) => flow.ip?.source],
  ['source_port', (flow) => flow.l4?.sourcePort],
  ['source_names', (flow) => flow.sourceNames.join(' ')],
  ['destination_namespace', (flow) => flow.destination.namespace],
  ['destination_workload', (flow) => flow.destination.workload?.name],
  ['destination_pod', (flow) => flow.destination.podName],
  ['destination_identity', (flow) => flow.destination.identity],
  ['destination_ip', (flow) => flow.ip?.destination],
  ['destination_port', (flow) => flow.l4?.destinationPort],
  ['destination_names', (flow) => flow.destinationNames.join(' ')],
  ['protocol', (flow) => flow.l4?.protocol],
  ['is_reply', (flow) => flow.isReply],
  ['summary', (flow) => cellsOf(flow).summary],
  ['because', (flow) => cellsOf(flow).because.title],
  ['trace_point', (flow) => flow.traceObservationPoint],
  ['node', (flow) => flow.nodeName],
  ['uuid', (flow) => flow.uuid],
];

/** RFC 4180, with a header line. */
export function flowsToCsv(flows: readonly Flow[]): string {
  const lines = flows.map((flow) => COLUMNS.map(([, value]) => csvCell(value(flow))).join(','));
  return `${[COLUMNS.map(([name]) => name).join(','), ...lines].join('\r\n')}\r\n`;
}

/** One flow a line, as the API gives them. */
export const flowsToJsonLines = (flows: readonly Flow[]): string => flows.map((flow) => `${JSON.stringify(flow)}\n`).join('');
