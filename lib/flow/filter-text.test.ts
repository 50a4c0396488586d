import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { FILTER_CASES } from '#lib/testing/filter-cases.ts';
import { FILTER_KEYS } from './filter-keys.ts';
import { isEmptyFilter } from './filter-sides.ts';
import { formatFilter, parseFilter } from './filter-text.ts';
import type { FlowQuery } from './filter.ts';

const queryOf = (text: string): FlowQuery => {
  const parsed = parseFilter(text);
  if (!parsed.ok) throw new Error(parsed.problems.map(({ message }) => message).join(' '));
  return parsed.query;
};

const problemsOf = (text: string): [string, string][] => {
  const parsed = parseFilter(text);
  return parsed.ok ? [] : parsed.problems.map(({ message, from, to }) => [text.slice(from, to), message]);
};

test('terms are ANDed, values ORed, a dash takes away', () => {
  expect(queryOf('ns:payments verdict:dropped port:5432,5433 port:5434 -pod:probe* -ns:kube-system -pod:canary')).toEqual({
    include: [{ namespace: ['payments'], verdict: ['DROPPED'], port: [5432, 5433, 5434] }],
    exclude: [{ pod: ['probe*', 'canary'] }, { namespace: ['kube-system'] }],
  });
});

test('no text is no filter', () => {
  expect(queryOf('  ')).toEqual({ include: [], exclude: [] });
  expect(formatFilter({ include: [], exclude: [] })).toBe('');
});

test('or separates alternatives, parentheses group what is taken away', () => {
  expect(queryOf('ns:a port:1 or to-ns:b -(ns:c port:2)')).toEqual({
    include: [{ namespace: ['a'], port: [1] }, { destinationNamespace: ['b'] }],
    exclude: [{ namespace: ['c'], port: [2] }],
  });
});

test('quotes hold spaces, commas and quotes; parentheses in a pattern need none', () => {
  expect(queryOf('label:"app in (a, b)",tier=core path:^/v1/(a|b)$ url:"say \\"hi\\" \\\\d"')).toEqual({
    include: [{ label: ['app in (a, b)', 'tier=core'], httpPath: ['^/v1/(a|b)$'], httpUrl: ['say "hi" \\d'] }],
    exclude: [],
  });
});

test.each([
  ['namespace:a', 'ns:a'],
  ['identity:world,reserved:host,24587', 'identity:world,host,24587'],
  ['status:5XX,404', 'status:5+,404'],
  ['type:TRACE:to-endpoint type:4:11 type:129', 'type:trace:to-endpoint,trace:to-network,l7'],
  ['ip:2001:DB8:0::1,10.0.0.0/08', 'ip:2001:db8::1,10.0.0.0/8'],
  ['flag:ack+syn', 'flag:SYN+ACK'],
  ['reply:true encrypted:0', 'reply:yes encrypted:no'],
  ['reason:drop_reason_207,l7_denied', 'reason:DROP_REASON_207,L7_DENIED'],
  ['verdict:DROPPED ns:a ns:a', 'ns:a verdict:DROPPED'],
])('%s is written %s', (text, canonical) => expect(formatFilter(queryOf(text))).toBe(canonical));

describe('what is not understood is a problem at its place', () => {
  test.each([
    ['vredict:DROPPED', 'vredict:DROPPED', /no key “vredict”. Did you mean verdict:/],
    ['ns:a verdict:DROPED', 'DROPED', /no verdict. Did you mean DROPPED/],
    ['reason:POLICY_DENYED', 'POLICY_DENYED', /Did you mean POLICY_DENIED or POLICY_DENY/],
    ['port:99999', '99999', /0 to 65535/],
    ['port:80-90', '80-90', /no port/],
    ['ns:', 'ns:', /Write a value after ns:/],
    ['ns:a,,b', 'ns:a,', /Write a value/],
    ['ns:,a', 'ns:', /Write a value/],
    ['ns:pay*', 'pay*', /whole name/],
    ['pod:a*b', 'a*b', /at the end only/],
    ['workload:a*', 'a*', /whole name/],
    ['ip:10.0.0', '10.0.0', /no IP address/],
    ['dns:*.example.com', '*.example.com', /ends in/],
    ['label:""', '""', /cannot be empty/],
    ['identity:wrld', 'wrld', /world/],
    ['type:L3_L4', 'L3_L4', /write layer:l3_l4/],
    ['path:"unclosed', '"unclosed', /not closed/],
    ['ledger', 'ledger', /ns:ledger, pod:ledger/],
    ['dropped', 'dropped', /Write verdict:DROPPED/],
    ['port', 'port', /Write a value after port:/],
    ['ns:a or', 'or', /nothing after/],
    ['or ns:a', 'or', /nothing before/],
    ['(ns:a)', '(', /only group what is taken away/],
    ['-(ns:a', '-(ns:a', /not closed/],
    ['-()', '-()', /nothing in these/],
    ['type:drop status:404', 'type:drop status:404', /L7 events only/],
    ['encrypted:maybe', 'maybe', /neither yes nor no/],
    ['status:999', '999', /status such as 404/],
    ['node:a/b/c', 'a/b/c', /node/],
    ['flag:SYN+NOPE', 'SYN+NOPE', /no TCP flag/],
  ])('%s', (text, place, message) => {
    const found = problemsOf(text);
    expect(found.map(([where]) => where)).toContain(place);
    expect(found.map(([, what]) => what).join('\n')).toMatch(message);
  });

  test('several problems are told at once', () => expect(problemsOf('nss:a port:x -foo').length).toBe(3));

  test('hostile text in a message is made visible', () => {
    expect(problemsOf('ns:\u202ex/')[0]?.[1]).not.toContain('\u202e');
    expect(problemsOf('a\u202eb')[0]?.[1]).toContain('\\u{202e}');
  });

  test('a filter that is too long is refused', () => {
    expect(parseFilter('a'.repeat(5000)).ok).toBe(false);
    expect(parseFilter(`port:${Array.from({ length: 300 }, (_, port) => port).join(',')}`).ok).toBe(false);
  });
});

test('every key reads its own example, and has help', () => {
  for (const { key, example, help } of FILTER_KEYS) {
    expect(queryOf(`${key}:${example}`).include).toHaveLength(1);
    expect(help).not.toBe('');
  }
});

/** A query in canonical form: each key at most once taken away alone, values read by their own key. */
const arbFilter = fc
  .uniqueArray(fc.constantFrom(...FILTER_KEYS), { minLength: 1, maxLength: 4 })
  .chain((keys) =>
    fc.tuple(
      ...keys.map((key) =>
        fc
          .array(
            fc.oneof(fc.string(), fc.constantFrom(...(key.values ?? []), key.example.replaceAll('"', ''), 'a b,c"d(e)f\\g')),
            { minLength: 1, maxLength: 3 },
          )
          .map((texts) => {
            const values = texts.flatMap((text) => {
              const read = key.read(text);
              return read.ok ? [read.value] : [];
            });
            const distinct = new Map(values.map((value) => [key.write(value), value]));
            return [key.field, [...distinct.values()]] as const;
          }),
      ),
    ),
  )
  .map((fields) => Object.fromEntries(fields.filter(([, values]) => values.length > 0)))
  .filter((filter) => Object.keys(filter).length > 0 && !('eventType' in filter));

test('what is written is read back the same', () => {
  fc.assert(
    fc.property(
      fc.array(arbFilter, { maxLength: 3 }),
      fc.array(
        arbFilter.filter((filter) => Object.keys(filter).length > 1),
        { maxLength: 2 },
      ),
      (include, exclude) => {
        const query = { include, exclude } as FlowQuery;
        const text = formatFilter(query);
        fc.pre(text.length <= 4096);
        expect(queryOf(text)).toEqual(query);
      },
    ),
  );
});

test('every filter of the shared table survives being written and read', () => {
  for (const { filter } of FILTER_CASES) expect(queryOf(formatFilter(queryOf(filter)))).toEqual(queryOf(filter));
});

test('no text whatever makes it throw, and no place lies outside the text', () => {
  const arbSyntax = fc
    .array(fc.constantFrom('ns', ':', ',', '"', '\\', '(', ')', '-', ' or ', ' ', 'label', 'path', 'a', '*', '\u202e', '!='), {
      maxLength: 20,
    })
    .map((parts) => parts.join(''));
  fc.assert(
    fc.property(fc.oneof(fc.string({ unit: 'binary' }), arbSyntax), (text) => {
      const parsed = parseFilter(text);
      for (const { from, to } of parsed.ok ? [] : parsed.problems) {
        expect(from).toBeGreaterThanOrEqual(0);
        expect(to).toBeGreaterThanOrEqual(from);
        expect(to).toBeLessThanOrEqual(text.length);
      }
      const filters = parsed.ok ? [...parsed.query.include, ...parsed.query.exclude] : [];
      expect(filters.some(isEmptyFilter)).toBe(false);
    }),
    { numRuns: 500 },
  );
});
