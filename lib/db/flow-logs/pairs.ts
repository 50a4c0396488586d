import 'server-only';
import type { FlowLogsBaseline } from '#lib/api/flow-logs.ts';
import type { TrafficDb } from '../traffic/connection.ts';

/** How many pairs are shown of an import. */
export const MOST_PAIRS = 1000;

/** The tuples of an import as pairs, most records first. */
export function readPairs(db: TrafficDb, importId: string): Promise<FlowLogsBaseline['pairs']> {
  return db.rows<FlowLogsBaseline['pairs'][number]>(
    `SELECT t.source ->> 'node' AS source, t.destination ->> 'node' AS destination, t.protocol, t.port, t.verdict, c.records, c.bytes, c.packets,
       c.first_seen_ms AS "firstSeen", c.last_seen_ms AS "lastSeen"
     FROM flow_log_count c JOIN traffic_tuple t ON t.id = c.tuple WHERE c.import_id = $1
     ORDER BY c.records DESC, c.tuple LIMIT ${MOST_PAIRS}`,
    [importId],
  );
}
