/** Why flows are missing, by the reason of a gap; the second half of a sentence. */
const WHY: ReadonlyMap<string, string> = new Map([
  ['relay-unreachable', 'the relay could not be reached'],
  ['ingest-restarted', 'the console was restarted'],
  ['relay-restarted', 'the relay was restarted and no longer had them'],
  ['node-unavailable', 'the node did not report'],
  ['database-unreachable', 'the database could not be reached'],
  ['stream-cut', 'the message stream had deleted them before they were read'],
]);

/** Reasons of a newer console are shown as they are. */
export const gapWhy = (reason: string): string => WHY.get(reason) ?? reason;

/** Flows of this gap came and were shown, but no table, chart or history has them. */
export const wasSeenLive = (reason: string): boolean => reason === 'database-unreachable';
