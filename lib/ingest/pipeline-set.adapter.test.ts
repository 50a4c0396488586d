import { pino } from 'pino';
import { expect, test } from 'vitest';
import { openTrafficDb } from '#lib/db/traffic/connection.ts';
import { DEFAULT_REDACTION } from '#lib/flow/redact.ts';
import { PipelineSet } from './pipeline-set.ts';

test('before the table of clusters was read nobody is told that a cluster is none: live pages would give up for good', async () => {
  const db = openTrafficDb('postgresql://nobody@127.0.0.1:1/none');
  const pipelines = new PipelineSet({ db, ringSize: 10, redaction: DEFAULT_REDACTION, log: pino({ level: 'silent' }) });
  const ask = () => pipelines.of('prod');
  expect(ask).toThrow(expect.objectContaining({ code: 'ingest-unreachable' }));
  await pipelines.reload();
  expect(ask).toThrow(expect.objectContaining({ code: 'ingest-unreachable' }));
  await pipelines.close();
  await db.close();
});
