import 'server-only';
import { createFanout, type Fanout } from '#lib/bus/fanout.ts';
import { createIngestClient, type IngestClient } from '#lib/bus/ingest-client.ts';
import { config } from '#lib/config/config.ts';

// One of each for all copies of this module that a development server makes.
const holder = globalThis as { causewayIngest?: IngestClient; causewayFanout?: Fanout };

/** This process's connections to ingest. */
export const ingest = (): IngestClient => (holder.causewayIngest ??= createIngestClient(config().ingest));

/** The streams of ingest, shared by all browsers of this process. */
export const fanout = (): Fanout => (holder.causewayFanout ??= createFanout(ingest()));
