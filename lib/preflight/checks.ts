import type { PreflightCheck } from './check.ts';
import { unmanagedPods } from './checks/01-unmanaged-pods.ts';
import { startupTaint } from './checks/02-startup-taint.ts';
import { l7WhileChained } from './checks/03-l7-while-chained.ts';
import { securityGroups } from './checks/04-security-groups.ts';
import { wireGuardMtu } from './checks/05-wireguard-mtu.ts';
import { nodePorts } from './checks/06-node-ports.ts';
import { encryptionCoverage } from './checks/07-encryption-coverage.ts';
import { mutualAuth } from './checks/08-mutual-auth.ts';
import { ztunnel } from './checks/09-ztunnel.ts';
import { podIdentityAgent } from './checks/10-pod-identity.ts';
import { instanceMetadata } from './checks/11-imds.ts';
import { cidrNeverMatches } from './checks/12-cidr-never-matches.ts';
import { CHECKS_13_TO_33 } from './checks-13-33.ts';

/** All preflight checks, by their number. */
export const PREFLIGHT_CHECKS: readonly PreflightCheck[] = [
  unmanagedPods,
  startupTaint,
  l7WhileChained,
  securityGroups,
  wireGuardMtu,
  nodePorts,
  encryptionCoverage,
  mutualAuth,
  ztunnel,
  podIdentityAgent,
  instanceMetadata,
  cidrNeverMatches,
  ...CHECKS_13_TO_33,
];
