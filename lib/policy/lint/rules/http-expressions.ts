// Cilium: path is Envoy's `:path`, query string included; host is the authority, port included; both match as a whole.
import { RE2JS } from 're2js';
import { listOf, recordOf } from '../../schema/problems.ts';
import { type LintContext, writtenEntries } from '../context.ts';
import type { LintRule } from '../rule.ts';

const source = 'https://docs.cilium.io/en/stable/security/policy/layer7/';
const withHttp = (rule: string): string =>
  `endpointSelector: {}\ningress:\n  - toPorts:\n      - ports:\n          - port: "80"\n            protocol: TCP\n        rules:\n          http:\n            - ${rule}\n`;

function* httpRules(context: LintContext) {
  for (const { policy, path, fields, isDeny } of writtenEntries(context))
    if (!isDeny)
      for (const [index, item] of listOf(fields['toPorts']).entries())
        for (const [position, rule] of listOf(recordOf(recordOf(item)['rules'])['http']).entries())
          yield { policy: policy.ref, path: `${path}.toPorts[${index}].rules.http[${position}]`, rule: recordOf(rule) };
}

export const pathWithoutQuery: LintRule = {
  id: 'path-without-query',
  severity: 'note',
  title: 'matches paths without a query string only',
  why: 'The expression must match the whole of the path, and the query string is part of it: /items does not match /items?page=2.',
  fix: 'End it with (\\?.*)? where a query string may follow.',
  source,
  example: { bad: withHttp('path: /v1/items'), good: withHttp('path: /v1/items(\\?.*)?') },
  *check(context) {
    for (const { policy, path, rule } of httpRules(context)) {
      const pattern = rule['path'];
      // What ends in .* or [^/]* or names the question mark itself takes a query string.
      if (typeof pattern === 'string' && /^[\w/.{}$^-]*[\w/}$-]$/.test(pattern) && pattern !== '')
        yield {
          policy,
          path: `${path}.path`,
          message: `${JSON.stringify(pattern.slice(0, 80))} does not match with a query string behind it`,
        };
    }
  },
};

export const hostExpression: LintRule = {
  id: 'host-expression',
  severity: 'warning',
  title: 'has an expression for hosts that means something else',
  why: 'host is an expression for the whole authority, port included: an unescaped dot is any character. It is not compiled when the policy is checked, so one that is no expression is found out by the proxy only.',
  fix: 'Escape the dots, and allow a port where there may be one: api\\.example\\.com(:[0-9]+)?',
  source,
  example: { bad: withHttp('host: api.example.com'), good: withHttp('host: api\\.example\\.com(:[0-9]+)?') },
  *check(context) {
    for (const { policy, path, rule } of httpRules(context)) {
      const pattern = rule['host'];
      if (typeof pattern !== 'string' || pattern === '') continue;
      const place = { policy, path: `${path}.host` };
      if (!isExpression(pattern))
        yield { ...place, severity: 'error', message: 'this is no expression of RE2: no request matches' };
      else if (/(^|[^\\])\.(?![*+?{])/.test(pattern))
        yield { ...place, message: 'a dot that is not escaped matches any character' };
    }
  },
};

function isExpression(pattern: string): boolean {
  try {
    RE2JS.compile(pattern);
    return true;
  } catch {
    return false;
  }
}
