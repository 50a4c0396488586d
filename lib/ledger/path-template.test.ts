import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { templateOfPath } from './path-template.ts';

test.each([
  ['http://ledger:9090/v1/orders/812', '/v1/orders/{number}'],
  ['/v1/orders/812/card-token?x=1', '/v1/orders/{number}/card-token'],
  ['/u/7f9ceec0-9145-4f7b-8000-000000000001', '/u/{uuid}'],
  ['/blob/deadbeef01', '/blob/{hex}'],
  ['/deadbeef', '/deadbeef'],
  ['/facade/face', '/facade/face'],
  ['/day/2026-03-02', '/day/{date}'],
  ['/by/ann@example.com', '/by/{email}'],
  ['/s/eyJhbGciOiJIUzI1NiJ9', '/s/{token}'],
  ['/aegis.ledger.v1.Ledger/Append', '/aegis.ledger.v1.Ledger/Append'],
  ['/api/v1/query_range', '/api/v1/query_range'],
  ['/a/b/c/d/e/f/g/h/i/j', '/a/b/c/d/e/f/g/h/…'],
  ['/caf%C3%A9', '/café'],
  ['/__proto__/constructor', '/__proto__/constructor'],
  ['http://host', ''],
  ['/broken%zz', ''],
  ['*', '*'],
  ['/', '/'],
])('%s is of the shape %s', (url, template) => expect(templateOfPath(url)).toBe(template));

test('no path makes a shape that is long', () => {
  fc.assert(
    fc.property(fc.string({ maxLength: 5000 }), (path) => {
      expect(templateOfPath(`/${path}`).length).toBeLessThan(700);
    }),
  );
});
