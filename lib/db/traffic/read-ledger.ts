import 'server-only';
import type { TupleRow } from '#lib/ledger/tuple.ts';
import type { TrafficDb } from './connection.ts';

/** A tuple and what was counted of it in a window. */
export interface LedgerEntry extends TupleRow {
  readonly flows: number;
}

/**
 * What the ledger holds of a cluster between two times (Unix milliseconds, `to` not included), each tuple once with its sum. Whole hours that have
 * been compacted come as such, everything else by the minute: a window of the last day is exact to the minute, an older one to the hour or day.
 */
export function readLedger(db: TrafficDb, cluster: string, from: number, to: number): Promise<LedgerEntry[]> {
  return db.rows<LedgerEntry>(
    `WITH asked AS (SELECT to_timestamp($2::float8 / 1000) AS since, to_timestamp($3::float8 / 1000) AS until),
     minutes AS (SELECT date_trunc('hour', bucket, 'UTC') AS hour, tuple, flows, first_seen_ms, last_seen_ms FROM ledger_minute, asked
       WHERE bucket >= since AND bucket < until),
     hours AS (SELECT bucket, date_trunc('day', bucket, 'UTC') AS day, tuple, flows, first_seen_ms, last_seen_ms FROM ledger_hour, asked
       WHERE bucket >= date_trunc('hour', since, 'UTC') AND bucket < until AND bucket NOT IN (SELECT hour FROM minutes)),
     days AS (SELECT tuple, flows, first_seen_ms, last_seen_ms FROM ledger_day, asked
       WHERE bucket >= date_trunc('day', since, 'UTC') AND bucket < until
         AND bucket NOT IN (SELECT day FROM hours) AND bucket NOT IN (SELECT date_trunc('day', hour, 'UTC') FROM minutes)),
     counted AS (
       SELECT tuple, flows, first_seen_ms, last_seen_ms FROM minutes
       UNION ALL SELECT tuple, flows, first_seen_ms, last_seen_ms FROM hours
       UNION ALL SELECT tuple, flows, first_seen_ms, last_seen_ms FROM days),
     summed AS (SELECT tuple, sum(flows)::float8 AS flows, min(first_seen_ms) AS first_seen_ms, max(last_seen_ms) AS last_seen_ms
       FROM counted GROUP BY tuple)
     SELECT id::text, source, destination, direction, protocol, port, l7, verdict, drop_reason, policies, encryption, auth, other, nodes, example_uuid, facts,
       summed.first_seen_ms, summed.last_seen_ms, summed.flows
     FROM summed JOIN traffic_tuple ON id = summed.tuple WHERE cluster = $1`,
    [cluster, from, to],
  );
}
