import { handle } from '#lib/http/handle.ts';
import { phaseParam } from '#lib/usecases/migration/edit.ts';
import { editCheck } from '#lib/usecases/migration/edit-check.ts';
import { editOf, phaseAnswer } from '../../../../answers.ts';

export const PUT = handle('PUT /api/v1/clusters/{cluster}/migration/phases/{phase}/checks/{check}', async (call) => {
  const { cluster, params, body } = call;
  call.require(body.edit === 'threshold' ? 'migration.manage' : 'evidence.edit', cluster);
  const phase = phaseParam(params['phase']);
  await editCheck(editOf(call), phase, params['check'] ?? '', body);
  return phaseAnswer(call, phase);
});
