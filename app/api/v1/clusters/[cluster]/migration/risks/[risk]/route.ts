import { handle } from '#lib/http/handle.ts';
import { editRisk } from '#lib/usecases/migration/risks.ts';
import { editOf } from '../../answers.ts';

export const PUT = handle('PUT /api/v1/clusters/{cluster}/migration/risks/{risk}', (call) =>
  editRisk(editOf(call), call.params['risk'] ?? '', call.body),
);
