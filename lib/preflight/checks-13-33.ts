import type { PreflightCheck } from './check.ts';
import { defaultDeny } from './checks/13-default-deny.ts';
import { dnsResolver } from './checks/14-dns-resolver.ts';
import { dnsProxyRestart } from './checks/15-dns-proxy-restart.ts';
import { kubeProxy } from './checks/16-kube-proxy.ts';
import { awsNode } from './checks/17-aws-node.ts';
import { cniFile } from './checks/18-cni-file.ts';
import { policyEngines } from './checks/19-policy-engines.ts';
import { hybridMode } from './checks/20-hybrid-mode.ts';
import { ipCapacity } from './checks/21-ip-capacity.ts';
import { masquerade } from './checks/22-masquerade.ts';
import { admissionWebhooks } from './checks/23-admission-webhooks.ts';
import { policyBudget } from './checks/24-policy-budget.ts';
import { hubbleTrust } from './checks/25-hubble-trust.ts';
import { upgrade } from './checks/26-upgrade.ts';
import { istio } from './checks/27-istio.ts';
import { hostPolicies } from './checks/28-host-policies.ts';
import { auditMode } from './checks/29-audit-mode.ts';
import { nodeKinds } from './checks/30-node-kinds.ts';
import { localTraffic } from './checks/31-local-traffic.ts';
import { hostNetwork } from './checks/32-host-network.ts';
import { dropCodes } from './checks/33-drop-codes.ts';

/** Checks 13 to 33, by their number. */
export const CHECKS_13_TO_33: readonly PreflightCheck[] = [
  defaultDeny,
  dnsResolver,
  dnsProxyRestart,
  kubeProxy,
  awsNode,
  cniFile,
  policyEngines,
  hybridMode,
  ipCapacity,
  masquerade,
  admissionWebhooks,
  policyBudget,
  hubbleTrust,
  upgrade,
  istio,
  hostPolicies,
  auditMode,
  nodeKinds,
  localTraffic,
  hostNetwork,
  dropCodes,
];
