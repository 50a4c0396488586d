import { handle } from '#lib/http/handle.ts';
import { phaseParam } from '#lib/usecases/migration/edit.ts';
import { phaseAnswer } from '../../answers.ts';

export const GET = handle('GET /api/v1/clusters/{cluster}/migration/phases/{phase}', (call) =>
  phaseAnswer(call, phaseParam(call.params['phase'])),
);
