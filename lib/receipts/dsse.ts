import { concatBytes, utf8ToBytes } from '@noble/hashes/utils.js';

/** Type of what the signature of a receipt is over. */
export const RECEIPT_TYPE = 'application/vnd.causeway.receipt.v1+json';

/** Pre-authentication encoding of DSSE 1.0.2: `DSSEv1 SP len(type) SP type SP len(body) SP body`. It binds the type, so that no signature passes for one over something else. */
export const preAuthEncoding = (type: string, body: Uint8Array): Uint8Array =>
  concatBytes(utf8ToBytes(`DSSEv1 ${utf8ToBytes(type).length} ${type} ${body.length} `), body);
