import { handle } from '#lib/http/handle.ts';
import { phaseParam } from '#lib/usecases/migration/edit.ts';
import { tickStep } from '#lib/usecases/migration/tick-step.ts';
import { editOf, phaseAnswer } from '../../../../answers.ts';

export const PUT = handle('PUT /api/v1/clusters/{cluster}/migration/phases/{phase}/steps/{step}', async (call) => {
  const { params, body } = call;
  const phase = phaseParam(params['phase']);
  await tickStep(editOf(call), phase, params['step'] ?? '', body);
  return phaseAnswer(call, phase);
});
