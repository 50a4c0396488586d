import { expect, test } from 'vitest';
import { aDnsFlow } from '#lib/testing/flows.ts';
import { LearnedNames } from './learned-names.ts';

function anAnswer(query: string, ips: string[], cnames: string[] = [], rcode = 0) {
  const flow = aDnsFlow(query, rcode);
  const { l7 } = flow;
  return l7?.dns ? { ...flow, l7: { ...l7, dns: { ...l7.dns, ips, cnames } } } : flow;
}

test('answers teach names, CNAMEs included, in lower case without the final dot', () => {
  const names = new LearnedNames();
  names.learn(anAnswer('WWW.Example.com.', ['192.0.2.1', '192.0.2.2'], ['edge.example.net.']));
  names.learn(anAnswer('api.example.com.', ['192.0.2.1']));
  expect(names.namesOf('192.0.2.1')).toEqual(['www.example.com', 'edge.example.net', 'api.example.com']);
  expect(names.namesOf('192.0.2.9')).toEqual([]);
  expect([...(names.addressesByName.get('www.example.com') ?? [])]).toEqual(['192.0.2.1', '192.0.2.2']);
});

test('queries, empty answers and names that do not exist teach nothing', () => {
  const names = new LearnedNames();
  for (const flow of [aDnsFlow('a.example.'), anAnswer('b.example.', []), anAnswer('c.example.', ['192.0.2.1'], [], 3)])
    names.learn(flow);
  expect(names.addressesByName.size).toBe(0);
});

test('a flood of names is kept within bounds', () => {
  const names = new LearnedNames();
  for (let at = 0; at < 50_010; at++) names.learn(anAnswer(`n${at}.example.`, ['192.0.2.1']));
  expect(names.addressesByName.size).toBe(50_000);
});
