import type { Risk } from './model.ts';

/** The risk register as the plan begins it. Checks move a risk; owner, note and a person's word belong to the migration. */
export const RISKS: readonly Risk[] = [
  {
    id: 'connectivity',
    title: 'Pods lose connectivity',
    phases: [1, 2, 4],
    likelihood: 'medium',
    impact: 'high',
    mitigation: 'Namespace by namespace, DEV first, connectivity test before and after, audit mode before enforcement.',
    checks: ['1.connectivity', '1.drops', '2.would-deny', '4.connectivity'],
  },
  {
    id: 'wireguard-mtu',
    title: 'WireGuard MTU: large packets are lost',
    phases: [3],
    likelihood: 'medium',
    impact: 'high',
    mitigation: 'MTU 8941 on jumbo frames, route MTU on while chained, large answers tested before PRD.',
    checks: ['3.mtu', '3.preflight-5'],
  },
  {
    id: 'spire',
    title: 'SPIRE integration fails',
    phases: [3],
    likelihood: 'medium',
    impact: 'high',
    mitigation:
      'Entries registered and seen before the first requirement; one path at a time; the requirement is one line to take back.',
    checks: ['3.spire-entries', '3.auth-required', '3.preflight-8'],
  },
  {
    id: 'performance',
    title: 'Performance regression',
    phases: [1, 3, 4],
    likelihood: 'medium',
    impact: 'medium',
    mitigation: 'iperf3 before and after, on the instance types of PRD; CPU of agents watched.',
    checks: ['3.throughput'],
  },
  {
    id: 'karpenter',
    title: 'Karpenter: nodes take long to take pods',
    phases: [1, 4],
    likelihood: 'medium',
    impact: 'medium',
    mitigation: 'Startup taint declared where nodes are born; tolerations of the agent unchanged; time to ready watched.',
    checks: ['1.preflight-2', '4.taint'],
  },
  {
    id: 'hubble-storage',
    title: 'Hubble: storage and lost events',
    phases: [1, 2],
    likelihood: 'medium',
    impact: 'low',
    mitigation: 'Tuples instead of raw flows; buffers sized to the rate; what is lost is counted and shown.',
    checks: ['1.nodes', '1.preflight-25'],
  },
  {
    id: 'load-balancer',
    title: 'Load balancer controller: targets turn unhealthy',
    phases: [2, 4],
    likelihood: 'low',
    impact: 'high',
    mitigation: 'Health checks allowed by policy; webhook in reach; local traffic policy rehearsed in DEV.',
    checks: ['0.preflight-23', '4.preflight-31'],
  },
];
