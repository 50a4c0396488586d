import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { AddressBook, networkOf } from './address-book.ts';
import { BaselineBuilder, type BaselineLimits } from './baseline.ts';
import { parseFormat } from './format.ts';

const START = 1_782_864_000;
const NOW = START * 1000 + 86_400_000;
const always = { from: Number.NEGATIVE_INFINITY, to: Number.POSITIVE_INFINITY, ports: undefined };
const node = (id: string) => ({ id, namespace: id.split('/')[0] ?? '', workload: id.split('/')[1] ?? '' });

const BOOK = new AddressBook();
BOOK.add('10.0.0.1', { node: node('shop/web'), ...always });
BOOK.add('10.0.0.2', { node: node('shop/web'), ...always });
BOOK.add('10.0.0.9', { node: node('shop/db'), ...always, ports: new Set([5432]) });
BOOK.add('2001:db8::1', { node: node('shop/web'), ...always });

const line = (source: string, destination: string, rest = `40000 443 6 1 100 ${START} ${START + 59} ACCEPT OK`) =>
  `2 1 eni-1 ${source} ${destination} ${rest}`;

function build(
  lines: readonly string[],
  { book = BOOK, limits = {}, format }: { book?: AddressBook; limits?: Partial<BaselineLimits>; format?: string } = {},
) {
  const parsed = format === undefined ? undefined : parseFormat(format);
  const builder = new BaselineBuilder(book, NOW, parsed?.ok ? parsed.format : undefined, limits);
  builder.reader.push(new TextEncoder().encode(lines.join('\n')));
  builder.reader.end();
  const baseline = builder.finish();
  const tuples = [...baseline.tuples()];
  expect(tuples).toHaveLength(baseline.size);
  return { ...baseline, tuples, places: builder.places, reader: builder.reader };
}
const short = ({ tuples }: ReturnType<typeof build>) =>
  tuples.map(
    ({ tuple: { source, destination, protocol, port, verdict }, records, bytes }) =>
      `${source.node} > ${destination.node} ${protocol}/${port} ${verdict} ${records} ${bytes}`,
  );

describe('tuples', () => {
  test('both ways of a connection, and all pods of a workload, are one', () => {
    const answer = line('10.0.0.9', '10.0.0.2', `5432 45000 6 1 900 ${START} ${START} ACCEPT OK`);
    const question = line('10.0.0.1', '10.0.0.9', `40000 5432 6 1 100 ${START} ${START} ACCEPT OK`);
    expect(short(build([question, answer]))).toEqual(['shop/web > shop/db TCP/5432 FORWARDED 2 1000']);
  });

  test('what was rejected is dropped for a reason of its own, apart from what was not', () => {
    const built = build([line('10.0.0.1', '10.0.0.9'), line('10.0.0.1', '10.0.0.9').replace('ACCEPT', 'REJECT')]);
    expect(built.tuples.map(({ tuple }) => `${tuple.verdict} ${tuple.drop_reason} ${tuple.origin}`).toSorted()).toEqual([
      'DROPPED VPC_REJECT vpc-flow-logs',
      'FORWARDED  vpc-flow-logs',
    ]);
    expect([built.accepted, built.rejected]).toEqual([1, 1]);
  });

  test('who is not known is a network, and a service of AWS is named where the log names it', () => {
    const format = 'srcaddr dstaddr srcport dstport protocol start action pkt-dst-aws-service';
    const to = (address: string, service: string) => `10.0.0.1 ${address} 40000 443 6 ${START} ACCEPT ${service}`;
    const built = build([to('52.95.1.1', 'S3'), to('52.95.2.1', 'AMAZON'), to('203.0.113.7', '-')], { format });
    expect(short(built).toSorted()).toEqual([
      'shop/web > aws:S3 TCP/443 FORWARDED 1 0',
      'shop/web > cidr:203.0.113.0/24 TCP/443 FORWARDED 1 0',
      'shop/web > cidr:52.95.2.0/24 TCP/443 FORWARDED 1 0',
    ]);
    expect(built.coverage).toMatchObject({ bothKnown: 1, oneKnown: 2, noneKnown: 0 });
    expect(built.coverage.unknown.map(({ address, as }) => `${address} ${as}`)).toEqual([
      '203.0.113.7 cidr:203.0.113.0/24',
      '52.95.2.1 cidr:52.95.2.0/24',
    ]);
  });

  test('IPv6 and IPv4 of a pod are the pod', () => {
    expect(short(build([line('2001:DB8::1', '2001:db9:0:1ff::7'), line('10.0.0.1', '2001:db9:0:100::8')]))).toEqual([
      'shop/web > cidr:2001:db9:0:100::/56 TCP/443 FORWARDED 2 200',
    ]);
  });

  test('ports that clients get are folded into one tuple that says so', () => {
    const rest = (port: number) => `45000 ${port} 17 1 1 ${START} ${START} ACCEPT OK`;
    const built = build([1, 2, 3].map((i) => line('10.0.0.1', '10.0.0.2', rest(50_000 + i))));
    expect(built.tuples).toMatchObject([{ records: 3, tuple: { port: 0, other: true } }]);
  });

  test('an address belongs to whoever had it then', () => {
    const book = new AddressBook();
    book.add('10.0.0.5', { node: node('old/pod'), from: START - 100, to: START, ports: undefined });
    book.add('10.0.0.5', { node: node('new/pod'), from: START + 100, to: Number.POSITIVE_INFINITY, ports: undefined });
    const at = (time: number) => line('10.0.0.5', '192.0.2.1', `40000 443 6 1 1 ${time} ${time} ACCEPT OK`);
    const built = build([at(START - 50), at(START + 50), at(START + 100)], { book });
    expect(built.tuples.map(({ tuple }) => tuple.source.node).toSorted()).toEqual(['cidr:10.0.0.0/24', 'new/pod', 'old/pod']);
  });
});

describe('coverage and places', () => {
  test('minutes are counted that a record is of', () => {
    const at = (from: number, to: number) => line('10.0.0.1', '10.0.0.9', `40000 443 6 1 1 ${from} ${to} ACCEPT OK`);
    const built = build([at(START, START + 59), at(START + 120, START + 239), at(START + 120, START + 130)]);
    expect(built.coverage).toMatchObject({ minutesSeen: 3, minutesTotal: 4 });
    expect([built.from, built.to]).toEqual([START * 1000, (START + 239) * 1000]);
    expect(built.tuples).toMatchObject([{ first: START * 1000, last: (START + 239) * 1000 }]);
    expect(build([at(START, START + 59), at(START, START + 179)]).coverage).toMatchObject({ minutesSeen: 3, minutesTotal: 3 });
  });

  test('a file of nothing has no window', () => {
    const built = build([]);
    expect(built).toMatchObject({ tuples: [], coverage: { minutesSeen: 0, minutesTotal: 0 } });
    expect(built).not.toHaveProperty('from');
  });

  test('the first twenty broken lines are kept', () => {
    const built = build(Array.from({ length: 30 }, () => 'broken'));
    expect(built.places).toHaveLength(20);
    expect(built.places[19]).toEqual({ line: 20, reason: '14 fields were expected, there are 1' });
    expect(built.reader.broken).toBe(30);
  });

  test('a record of the future is broken', () => {
    const late = START + 3 * 86_400;
    expect(build([line('10.0.0.1', '10.0.0.9', `1 2 6 1 1 ${late} ${late} ACCEPT OK`)]).places).toEqual([
      { line: 1, reason: 'end is in the future' },
    ]);
  });
});

test('of unknown addresses those with most records are listed, fifty at most', () => {
  fc.assert(
    fc.property(fc.array(fc.nat(120), { maxLength: 200 }), (ends) => {
      const counts = new Map<string, number>();
      for (const end of ends) counts.set(`192.0.2.${end}`, (counts.get(`192.0.2.${end}`) ?? 0) + 1);
      const expected = [...counts].toSorted(([a, m], [b, n]) => n - m || (a < b ? -1 : 1)).slice(0, 50);
      const { coverage } = build(ends.map((end) => line('10.0.0.1', `192.0.2.${end}`)));
      expect(coverage.unknown.map(({ address, records }) => [address, records])).toEqual(expected);
    }),
  );
});

test('whatever the limits, the sums over tuples are those over records', () => {
  const address = fc.tuple(fc.integer({ min: 0, max: 3 }), fc.integer({ min: 0, max: 255 })).map(([c, d]) => `10.0.${c}.${d}`);
  const one = fc.record({
    source: address,
    destination: address,
    port: fc.integer({ min: 1, max: 65_535 }),
    bytes: fc.nat(9999),
  });
  const few = {
    tuples: fc.integer({ min: 1, max: 8 }),
    nodes: fc.integer({ min: 1, max: 5 }),
    addresses: fc.integer({ min: 0, max: 5 }),
  };
  fc.assert(
    fc.property(fc.array(one, { maxLength: 60 }), fc.record(few), (records, limits) => {
      const rest = (port: number, bytes: number) => `40000 ${port} 6 2 ${bytes} ${START} ${START} ACCEPT OK`;
      const lines = records.map(({ source, destination, port, bytes }) => line(source, destination, rest(port, bytes)));
      const built = build(lines, { limits });
      const sum = (pick: (tuple: (typeof built.tuples)[number]) => number) =>
        built.tuples.reduce((all, each) => all + pick(each), 0);
      expect(sum((tuple) => tuple.records)).toBe(records.length);
      expect(sum((tuple) => tuple.bytes)).toBe(records.reduce((all, { bytes }) => all + bytes, 0));
      expect(sum((tuple) => tuple.packets)).toBe(records.length * 2);
      expect(built.tuples.length).toBeLessThanOrEqual(limits.tuples + 1);
      expect(new Set(built.tuples.map(({ id }) => id)).size).toBe(built.tuples.length);
      const { bothKnown, oneKnown, noneKnown } = built.coverage;
      expect(bothKnown + oneKnown + noneKnown).toBe(records.length);
    }),
  );
});

test('networks of addresses', () => {
  expect(['198.51.100.77', '2001:db8:1:2345::1'].map(networkOf)).toEqual(['cidr:198.51.100.0/24', 'cidr:2001:db8:1:2300::/56']);
});
