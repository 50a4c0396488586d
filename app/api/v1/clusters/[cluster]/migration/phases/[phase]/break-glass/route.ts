import { gateCall } from '#lib/http/gate-call.ts';
import { handle } from '#lib/http/handle.ts';
import { breakGlass } from '#lib/usecases/gates/begin-request.ts';
import { phaseParam } from '#lib/usecases/migration/edit.ts';

export const POST = handle('POST /api/v1/clusters/{cluster}/migration/phases/{phase}/break-glass', (call) =>
  breakGlass(gateCall(call), phaseParam(call.params['phase']), call.body),
);
