import type { World } from '../world.ts';

/** `cilium encryption status -o json` of the cilium CLI. */
export const encryptionStatus = ({ nodes }: World): string =>
  `${JSON.stringify(
    {
      'total-node-count': nodes.length,
      'enc-disabled-node-count': 0,
      'enc-ipsec-node-count': 0,
      'enc-wireguard-node-count': nodes.length,
      'ipsec-keys-in-use-node-count': {},
      'ipsec-max-seq-num': 'N/A',
      'ipsec-err-count': 0,
      'xfrm-error-node-count': {},
    },
    null,
    2,
  )}\n`;
