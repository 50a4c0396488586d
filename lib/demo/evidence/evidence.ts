import type { UploadKind } from '#lib/migration/model.ts';
import { parts } from '../demo.ts';
import type { World } from '../world.ts';
import { ciliumStatus } from './cilium-status.ts';
import { connectivityJUnit } from './connectivity.ts';
import { encryptionStatus } from './encryption-status.ts';
import { helmValues } from './helm-values.ts';
import { iperf3 } from './iperf3.ts';
import { agentConf, spireEntries } from './spire.ts';

/** A file as a person of the platform would upload it. */
export interface DemoFile {
  readonly kind: UploadKind;
  readonly fileName: string;
  readonly text: string;
}

/** What a demo cluster is: its values, what agents say, how they encrypt, and its SPIRE. Empty for a cluster that is none of the demo's. */
export function demoEvidence(cluster: string): readonly DemoFile[] {
  const world = worldOf(cluster);
  if (!world) return [];
  return [
    { kind: 'helm-values', fileName: 'values.yaml', text: helmValues(world) },
    { kind: 'cilium-status', fileName: 'cilium-status.json', text: ciliumStatus(world) },
    { kind: 'encryption-status', fileName: 'encryption-status.json', text: encryptionStatus(world) },
    { kind: 'agent-conf', fileName: 'agent.conf', text: agentConf(world) },
    { kind: 'spire-entries', fileName: 'entries.json', text: spireEntries(world) },
  ];
}

/** What somebody has to run: the connectivity test, and throughput before and after WireGuard. `at` is when, in Unix milliseconds. */
export function demoTrials(cluster: string, at: number): readonly DemoFile[] {
  const world = worldOf(cluster);
  const [from, to] = world?.nodes ?? [];
  if (!from || !to) return [];
  const between = { client: from.healthIp, server: to.healthIp };
  const HOUR = 3_600_000;
  return [
    { kind: 'connectivity-junit', fileName: 'connectivity.xml', text: connectivityJUnit(at - HOUR) },
    // Jumbo frames: 9001 bytes, less 52 of headers; WireGuard takes 60 of them.
    {
      kind: 'iperf3-before',
      fileName: 'iperf3-before.json',
      text: iperf3({ ...between, gigabits: 9.53, mss: 8949, at: at - 2 * HOUR }),
    },
    { kind: 'iperf3-after', fileName: 'iperf3-after.json', text: iperf3({ ...between, gigabits: 8.94, mss: 8889, at }) },
  ];
}

/** Names of the demo clusters. */
export const demoClusterNames = (): string[] => parts(1).map(({ world }) => world.cluster);

const worldOf = (cluster: string): World | undefined => parts(1).find(({ world }) => world.cluster === cluster)?.world;
