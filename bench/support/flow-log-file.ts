import { createWriteStream } from 'node:fs';
import { once } from 'node:events';

/** Pods of the generated cluster: 20 namespaces of 15 workloads with 10 pods each. */
const [NAMESPACES, WORKLOADS, PODS] = [20, 15, 10];
const PORTS = [443, 8080, 5432, 53, 9090, 6379, 50_051];
const BLOCK = 20_000;

export interface BenchPod {
  readonly namespace: string;
  readonly workload: string;
  readonly name: string;
  readonly ip: string;
}

export const benchPods = (): BenchPod[] =>
  Array.from({ length: NAMESPACES * WORKLOADS * PODS }, (_, index) => {
    const workload = Math.floor(index / PODS);
    const name = `w${workload % WORKLOADS}`;
    return {
      namespace: `team-${Math.floor(workload / WORKLOADS)}`,
      workload: name,
      name: `${name}-${index % PODS}`,
      ip: `10.20.${index >> 8}.${index & 255}`,
    };
  });

/**
 * Writes `lines` lines of the default format, about 120 bytes each, always the same for the same number: pods that call pods (both directions are told),
 * one in ten an address outside, of which there are a million; one in fifty rejected.
 */
export async function writeFlowLogs(path: string, lines: number, startSeconds: number): Promise<void> {
  const random = randomFrom(7);
  const pods = benchPods();
  const out = createWriteStream(path, { highWaterMark: 1 << 22 });
  out.write(
    'version account-id interface-id srcaddr dstaddr srcport dstport protocol packets bytes start end action log-status\n',
  );
  for (let done = 0; done < lines; done += BLOCK) {
    const block: string[] = [];
    for (let at = done; at < Math.min(lines, done + BLOCK); at += 1) {
      const client = pods[random(pods.length)]?.ip ?? '';
      const server =
        random(10) === 0 ? `${11 + random(80)}.${random(113)}.${random(113)}.7` : (pods[random(pods.length)]?.ip ?? '');
      const port = PORTS[random(PORTS.length)] ?? 443;
      const high = 32_768 + random(28_000);
      const time = startSeconds + Math.floor((at * 86_400) / lines);
      const ends = random(2) === 0 ? `${client} ${server} ${high} ${port}` : `${server} ${client} ${port} ${high}`;
      const counted = `${1 + random(400)} ${60 + random(500_000)} ${time} ${time + 59}`;
      block.push(
        `2 123456789012 eni-0${(at % 4096).toString(16).padStart(16, '0')} ${ends} 6 ${counted} ${random(50) === 0 ? 'REJECT' : 'ACCEPT'} OK`,
      );
    }
    if (!out.write(`${block.join('\n')}\n`)) await once(out, 'drain');
  }
  out.end();
  await once(out, 'finish');
}

/** A linear congruential generator: numbers below `n`. */
function randomFrom(seed: number): (n: number) => number {
  let state = seed;
  return (n) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return Math.floor((state / 4_294_967_296) * n);
  };
}
