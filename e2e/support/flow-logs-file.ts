/** A file of AWS VPC Flow Logs in the default format: `records` between two addresses outside and one REJECT, a minute each. */
export function flowLogsFile(records: number, { broken = false } = {}) {
  const start = Math.floor(Date.now() / 60_000) * 60 - records * 60;
  const lines = Array.from({ length: records }, (_, index) => {
    const from = start + index * 60;
    const action = index === 0 ? 'REJECT' : 'ACCEPT';
    return `2 123456789012 eni-0a1b 198.51.100.7 203.0.113.9 ${40_000 + index} 443 6 10 840 ${from} ${from + 59} ${action} OK`;
  });
  if (broken) lines.splice(Math.floor(records / 2), 0, '2 123456789012 eni-0a1b 198.51.100.7');
  return { name: broken ? 'broken.log' : 'monday.log', mimeType: 'text/plain', buffer: Buffer.from(`${lines.join('\n')}\n`) };
}
