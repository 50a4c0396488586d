import { gateCall } from '#lib/http/gate-call.ts';
import { handle } from '#lib/http/handle.ts';
import { giveCommand } from '#lib/usecases/gates/give-command.ts';

export const POST = handle('POST /api/v1/clusters/{cluster}/migration/gate-requests/{request}/commands', (call) =>
  giveCommand(gateCall(call), call.params['request'] ?? '', call.body),
);
