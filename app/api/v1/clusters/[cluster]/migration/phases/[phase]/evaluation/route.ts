import { handle } from '#lib/http/handle.ts';
import { ingest } from '#lib/http/ingest.ts';
import { phaseParam } from '#lib/usecases/migration/edit.ts';
import { evaluateNow } from '#lib/usecases/migration/evaluate-now.ts';
import { phaseAnswer } from '../../../answers.ts';

export const POST = handle('POST /api/v1/clusters/{cluster}/migration/phases/{phase}/evaluation', async (call) => {
  const phase = phaseParam(call.params['phase']);
  await evaluateNow(ingest(), call.cluster.id, phase);
  return phaseAnswer(call, phase);
});
