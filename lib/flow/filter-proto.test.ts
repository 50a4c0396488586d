import { describe, expect, test } from 'vitest';
import { hubbleCommand } from './filter-command.ts';
import { toProtoFilters } from './filter-proto.ts';
import { parseFilter } from './filter-text.ts';
import type { FlowQuery } from './filter.ts';

const queryOf = (text: string): FlowQuery => {
  const parsed = parseFilter(text);
  if (!parsed.ok) throw new Error(parsed.problems.map(({ message }) => message).join(' '));
  return parsed.query;
};

const whitelist = (text: string) => toProtoFilters(queryOf(text)).whitelist;

describe('at a relay', () => {
  test.each([
    ['verdict:DROPPED reason:POLICY_DENIED', [{ verdict: ['DROPPED'], drop_reason_desc: [133] }]],
    ['ns:payments', [{ source_pod: ['payments/'] }, { destination_pod: ['payments/'] }]],
    [
      'pod:ledger* port:9090',
      [
        { source_pod: ['/ledger'], source_port: ['9090'] },
        { destination_pod: ['/ledger'], destination_port: ['9090'] },
      ],
    ],
    ['from-ns:a to-ns:b', [{ source_pod: ['a/'], destination_pod: ['b/'] }]],
    ['from-ns:a,b from-pod:x,b/y', [{ source_pod: ['a/x', 'b/x', 'b/y'] }]],
    [
      'from-workload:a/x,b/y,z',
      [
        { source_workload: [{ name: 'x' }], source_pod: ['a/'] },
        { source_workload: [{ name: 'y' }], source_pod: ['b/'] },
        { source_workload: [{ name: 'z' }] },
      ],
    ],
    ['from-label:a=b label:c', [{ source_label: ['a=b,c'] }, { source_label: ['a=b'], destination_label: ['c'] }]],
    [
      'ip:10.0.0.0/8 from-ip:10.1.0.0/16',
      [{ source_ip: ['10.1.0.0/16'] }, { source_ip: ['10.1.0.0/16'], destination_ip: ['10.0.0.0/8'] }],
    ],
    ['type:trace:to-stack,drop', [{ event_type: [{ type: 4, match_sub_type: true, sub_type: 3 }, { type: 1 }] }]],
    ['type:drop,l7 layer:l7', [{ event_type: [{ type: 129 }] }]],
    ['reason:L7_DENIED,POLICY_DENY', [{ drop_reason_desc: [181] }, { event_type: [{ type: 129 }], drop_reason_desc: [0] }]],
    ['flag:SYN+ACK,FIN ipv:6', [{ tcp_flags: [{ SYN: true, ACK: true }, { FIN: true }], ip_version: ['IPv6'] }]],
    ['reason:DROP_REASON_133,drop_reason_207', [{ drop_reason_desc: [133, 207] }]],
    ['status:5xx reply:no', [{ http_status_code: ['5+'], reply: [false] }]],
  ])('%s', (text, filters) => expect(whitelist(text)).toEqual(filters));

  test('what is taken away is the blacklist', () => {
    expect(toProtoFilters(queryOf('-ns:a -(verdict:AUDIT port:1)'))).toEqual({
      whitelist: [],
      blacklist: [
        { source_pod: ['a/'] },
        { destination_pod: ['a/'] },
        { verdict: ['AUDIT'], source_port: ['1'] },
        { verdict: ['AUDIT'], destination_port: ['1'] },
      ],
    });
  });

  test.each(['from-ns:a from-pod:b/x', 'reason:L7_DENIED type:drop', 'layer:sock type:drop', 'ns:a pod:b/x'])(
    '%s can match nothing, and is refused rather than sent empty',
    (text) => {
      expect(() => whitelist(text)).toThrow('No flow can match');
    },
  );

  test('an alternative that can match nothing is left out beside one that can', () => {
    expect(whitelist('from-ns:a from-pod:b/x or uuid:1')).toEqual([{ uuid: ['1'] }]);
  });

  test('an empty filter is never sent', () => {
    expect(() => toProtoFilters({ include: [{ namespace: [] }], exclude: [] })).toThrow('every flow');
    expect(() => toProtoFilters({ include: [], exclude: [{}] })).toThrow('every flow');
    expect(() => toProtoFilters({ include: [{ dropReason: ['NOPE'] }], exclude: [] })).toThrow('no drop reason');
  });
});

describe('as a command', () => {
  test.each([
    ['', 'hubble observe --follow'],
    [
      'ns:payments verdict:DROPPED port:5432 -pod:probe*',
      'hubble observe --follow --namespace payments --verdict DROPPED --port 5432 --not --pod /probe',
    ],
    ['label:"app in (a, b)"', "hubble observe --follow --label 'app in (a, b)'"],
    ["path:it's", String.raw`hubble observe --follow --http-path 'it'\''s'`],
    [
      'layer:sock direction:egress identity:world',
      'hubble observe --follow --identity 2 --type trace-sock --traffic-direction egress',
    ],
    ['flag:SYN+ACK encrypted:no ipv:6', 'hubble observe --follow --ip-version v6 --unencrypted --tcp-flags SYN,ACK'],
    ['reply:yes', `hubble observe --follow --allowlist '{"reply":[true]}'`],
    [
      'workload:a/x',
      `hubble observe --follow --allowlist '{"source_workload":[{"name":"x"}],"source_pod":["a/"]}' --allowlist '{"destination_workload":[{"name":"x"}],"destination_pod":["a/"]}'`,
    ],
    [
      'reason:L7_DENIED',
      `hubble observe --follow --allowlist '{"event_type":[{"type":129}],"drop_reason_desc":["DROP_REASON_UNKNOWN"]}'`,
    ],
    [
      '-verdict:FORWARDED -type:trace',
      `hubble observe --follow --denylist '{"verdict":["FORWARDED"]}' --denylist '{"event_type":[{"type":4}]}'`,
    ],
  ])('%s', (text, command) => {
    const words = (line: string) => line.split(' --').toSorted();
    expect(words(hubbleCommand(queryOf(text)))).toEqual(words(command));
  });

  test('nothing of a value reaches the shell', () => {
    const command = hubbleCommand(queryOf('uuid:"$(rm -rf ~);`x`\' \u202e"'));
    expect(command).toBe(String.raw`hubble observe --follow --uuid '$(rm -rf ~);` + '`x`' + String.raw`'\'' \u{202e}'`);
  });
});
