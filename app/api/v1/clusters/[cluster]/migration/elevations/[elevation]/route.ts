import { gateCall } from '#lib/http/gate-call.ts';
import { handle } from '#lib/http/handle.ts';
import { commandElevation } from '#lib/usecases/gates/elevations.ts';

export const POST = handle('POST /api/v1/clusters/{cluster}/migration/elevations/{elevation}', (call) =>
  commandElevation(gateCall(call), call.params['elevation'] ?? '', call.body),
);
