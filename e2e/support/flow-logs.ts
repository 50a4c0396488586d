/** A day and a bit of VPC Flow Logs in the default format, from every other address to the first: one line for each minute and pair. */
export function flowLogsOf([server = '', ...clients]: readonly string[], now: number): string {
  const lines = [
    'version account-id interface-id srcaddr dstaddr srcport dstport protocol packets bytes start end action log-status',
  ];
  const from = Math.floor(now / 60_000) * 60 - 25 * 3600;
  for (let minute = 0; minute < 25 * 60; minute += 1)
    for (const [index, client] of clients.entries()) {
      const start = from + minute * 60;
      lines.push(
        `2 123456789012 eni-0a1b2c3d ${client} ${server} ${40_000 + index} 8080 6 12 9000 ${start} ${start + 59} ACCEPT OK`,
      );
    }
  return `${lines.join('\n')}\n`;
}

/** The same format between two addresses outside: `records` lines and one REJECT, a minute each; with a broken line in the middle on demand. */
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
