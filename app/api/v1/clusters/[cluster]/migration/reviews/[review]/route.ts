import { gateCall } from '#lib/http/gate-call.ts';
import { handle } from '#lib/http/handle.ts';
import { closeReview } from '#lib/usecases/gates/close-review.ts';

export const POST = handle('POST /api/v1/clusters/{cluster}/migration/reviews/{review}', (call) =>
  closeReview(gateCall(call), call.params['review'] ?? '', call.body),
);
