import type { Impact } from './model.ts';

/** What the migration does to the components of the platform, phase by phase. */
export const IMPACTS: readonly Impact[] = [
  {
    component: 'Karpenter',
    phases: {
      1: { level: 'medium', text: 'NodePools get the startup taint; new nodes wait for the agent before they take pods.' },
      4: {
        level: 'high',
        text: 'A new NodePool with Cilium as the only CNI; every node is replaced, and pods per node are counted anew.',
      },
    },
  },
  {
    component: 'aws-load-balancer-controller',
    phases: {
      1: { level: 'low', text: 'Targets stay as they are: pods keep their addresses from the VPC.' },
      2: {
        level: 'medium',
        text: 'Its webhook must stay in reach of the API server, and health checks of load balancers must be allowed.',
      },
      4: {
        level: 'high',
        text: 'Target type ip needs ENI addresses of Cilium; local traffic policy is balanced by Cilium instead of kube-proxy.',
      },
    },
  },
  {
    component: 'Envoy Gateway',
    phases: {
      1: { level: 'low', text: 'Restarted as every workload.' },
      2: { level: 'medium', text: 'Ingress from the world and egress to every backend must be allowed by name.' },
      3: { level: 'medium', text: 'Paths through the gateway authenticate as the gateway, not as the client behind it.' },
      4: { level: 'medium', text: 'Client addresses depend on how services are balanced without kube-proxy.' },
    },
  },
  {
    component: 'SPIRE',
    phases: {
      2: { level: 'medium', text: 'Agents must reach the server, and workloads the agent’s socket.' },
      3: {
        level: 'high',
        text: 'Cilium becomes a client: entries for cilium and cilium-operator, a socket directory of its own.',
      },
      4: { level: 'low', text: 'Agents attest again on the new nodes.' },
    },
  },
  {
    component: 'NATS',
    phases: {
      1: { level: 'medium', text: 'Long connections break once when pods restart; clients reconnect.' },
      2: { level: 'medium', text: 'Routes between servers and the monitoring port need rules of their own.' },
      3: { level: 'medium', text: 'WireGuard takes CPU per byte: measure throughput of the busiest stream.' },
    },
  },
  {
    component: 'kube-prometheus-stack',
    phases: {
      1: { level: 'low', text: 'New targets: agents, operator, Hubble.' },
      2: { level: 'high', text: 'Scrapes go to every namespace: the first thing a default deny cuts.' },
      3: { level: 'low', text: 'Scrapes of host ports stay in clear unless nodes are encrypted too.' },
    },
  },
  {
    component: 'Argo CD',
    phases: {
      1: {
        level: 'medium',
        text: 'Owns the Application of Cilium; generated certificates of Hubble must be left out of the comparison.',
      },
      2: {
        level: 'medium',
        text: 'Must reach repositories and API servers through its own policies, or nothing can be taken back.',
      },
      4: { level: 'low', text: 'Moves to new nodes as every workload.' },
    },
  },
];
