import fc from 'fast-check';
import { expect, test } from 'vitest';
import { yamlSpans } from './yaml-colours.ts';

/** `key<app>` for a key, `#<...>` for what is dim, numbers in `n<>`; text as it is. */
const drawn = (line: string) =>
  yamlSpans(line)
    .map(({ text, role }) => ({ key: `k<${text}>`, dim: `d<${text}>`, number: `n<${text}>`, text })[role])
    .join('');

test.each([
  ['  - matchLabels:', '  d<- >k<matchLabels>d<:>'],
  ['    app: "checkout-api" # who calls', '    k<app>d<:> "checkout-api" d<# who calls>'],
  [
    '- ports: [{ port: "9090", protocol: TCP }]',
    'd<- >k<ports>d<:> d<[>d<{ >k<port>d<:> "9090"d<, >k<protocol>d<:> TCP d<}>d<]>',
  ],
  ['k8s:io.kubernetes.pod.namespace: payments', 'k<k8s:io.kubernetes.pod.namespace>d<:> payments'],
  ['endPort: 9099', 'k<endPort>d<:> n<9099>'],
  ['enabled: true', 'k<enabled>d<:> n<true>'],
  ['cidr: 10.0.0.0/8', 'k<cidr>d<:> 10.0.0.0/8'],
  ['path: "/v1/#x: y"', 'k<path>d<:> "/v1/#x: y"'],
  ['url: http://a#b', 'k<url>d<:> http://a#b'],
  ['# all of it: a comment', 'd<# all of it: a comment>'],
  ['"quoted key": 1', 'k<"quoted key">d<:> n<1>'],
])('%j', (line, expected) => expect(drawn(line)).toBe(expected));

test('no line loses a character', () => {
  const piece = fc.constantFrom('#', ' ', ':', '- ', '"', "'", '\\', '{', '}', ',', 'a', '1', '\t');
  const lines = fc.oneof(
    fc.string(),
    fc.array(piece).map((parts) => parts.join('')),
  );
  fc.assert(
    fc.property(lines, (line) => {
      expect(
        yamlSpans(line)
          .map(({ text }) => text)
          .join(''),
      ).toBe(line);
    }),
  );
});

test('a long line of nothing but openings is read once', () => {
  const before = performance.now();
  yamlSpans('{ "'.repeat(100_000));
  yamlSpans('a'.repeat(300_000));
  expect(performance.now() - before).toBeLessThan(500);
});
