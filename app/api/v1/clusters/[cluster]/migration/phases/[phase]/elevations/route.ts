import { gateCall } from '#lib/http/gate-call.ts';
import { handle } from '#lib/http/handle.ts';
import { askElevation } from '#lib/usecases/gates/elevations.ts';
import { phaseParam } from '#lib/usecases/migration/edit.ts';

export const POST = handle('POST /api/v1/clusters/{cluster}/migration/phases/{phase}/elevations', (call) =>
  askElevation(gateCall(call), phaseParam(call.params['phase']), call.body),
);
