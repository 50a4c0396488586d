/** Milliseconds of processor time that `work` takes: on a busy machine the clock tells of others. */
export function cpuMs(work: () => void): number {
  const before = process.cpuUsage();
  work();
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1000;
}
