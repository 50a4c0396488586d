/** One measurement: from a client pod of one node to a server pod of another. */
export interface Measurement {
  readonly client: string;
  readonly server: string;
  readonly gigabits: number;
  /** Largest segment in bytes: shows the MTU of the path. */
  readonly mss: number;
  /** Unix milliseconds. */
  readonly at: number;
}

const SECONDS = 10;

/** `iperf3 -c SERVER -t 10 --json`. */
export function iperf3({ client, server, gigabits, mss, at }: Measurement): string {
  const bits = gigabits * 1e9;
  const bytes = Math.round((bits * SECONDS) / 8);
  const sum = (sender: boolean): object => ({
    start: 0,
    end: SECONDS,
    seconds: SECONDS,
    bytes,
    bits_per_second: bits,
    ...(sender && { retransmits: 41 }),
    sender: true,
  });
  return `${JSON.stringify(
    {
      start: {
        connected: [{ socket: 5, local_host: client, local_port: 47_112, remote_host: server, remote_port: 5201 }],
        version: 'iperf 3.18',
        system_info: 'Linux iperf3-client 6.1.158-180.294.amzn2023.aarch64 #1 SMP aarch64',
        timestamp: { time: new Date(at).toUTCString(), timesecs: Math.floor(at / 1000) },
        connecting_to: { host: server, port: 5201 },
        tcp_mss_default: mss,
        test_start: {
          protocol: 'TCP',
          num_streams: 1,
          blksize: 131_072,
          omit: 0,
          duration: SECONDS,
          bytes: 0,
          blocks: 0,
          reverse: 0,
        },
      },
      intervals: Array.from({ length: SECONDS }, (_, i) => ({
        sum: {
          start: i,
          end: i + 1,
          seconds: 1,
          bytes: Math.round(bytes / SECONDS),
          bits_per_second: bits,
          omitted: false,
          sender: true,
        },
      })),
      end: {
        sum_sent: sum(true),
        sum_received: sum(false),
        cpu_utilization_percent: { host_total: 38.2, remote_total: 41.7 },
        sender_tcp_congestion: 'cubic',
        receiver_tcp_congestion: 'cubic',
      },
    },
    null,
    2,
  )}\n`;
}
