import 'server-only';
import { status, type ServiceError } from '@grpc/grpc-js';
import type { RelayTarget } from '#lib/api/clusters.ts';
import { CausewayError, messageOf } from '#lib/errors/errors.ts';
import { logSafe } from '#lib/flow/text.ts';
import { diagnoseRelay } from './diagnose.ts';

/** What a gRPC client threw, as a `CausewayError` with a message of one line. May knock at the relay's port to find out (`diagnoseRelay`). */
export async function relayError(error: unknown, target: RelayTarget): Promise<CausewayError> {
  if (error instanceof CausewayError) return error;
  if (!isServiceError(error)) return new CausewayError('relay-unreachable', messageOf(error), { cause: error });
  const { address } = target;
  const details = logSafe(error.details || error.message);
  switch (error.code) {
    case status.UNIMPLEMENTED:
      return new CausewayError(
        'relay-incompatible',
        `${address} does not know this call: it is not a Hubble Relay, or a very old one.`,
        {
          cause: error,
        },
      );
    case status.UNAUTHENTICATED:
    case status.PERMISSION_DENIED:
      return new CausewayError('relay-refused', `${address} refuses this client: ${details}`, { cause: error });
    case status.INVALID_ARGUMENT:
      return new CausewayError('bad-filter', `The relay does not take this query: ${details}`, { cause: error });
    case status.RESOURCE_EXHAUSTED:
    case status.OUT_OF_RANGE:
      return new CausewayError('relay-refused', `${address}: ${details}`, { cause: error });
    default: {
      const diagnosis = await diagnoseRelay(target);
      if (diagnosis) return diagnosis;
      return new CausewayError('relay-unreachable', `${address} broke off: ${details}`, { cause: error });
    }
  }
}

const isServiceError = (error: unknown): error is ServiceError =>
  error instanceof Error && typeof (error as { code?: unknown }).code === 'number';
