import { expect, test } from 'vitest';
import { NOW, anInboxItem } from '#lib/testing/tracker-answers.ts';
import { itemHref, sortedInbox, waitingFor } from './inbox-view.ts';

test('what I may decide comes first, and of it what lapses first', () => {
  const late = anInboxItem({ request: 'late', until: NOW + 9e6 });
  const soon = anInboxItem({ request: 'soon', until: NOW + 1e6 });
  const own = anInboxItem({ kind: 'own', mine: false });
  const other = anInboxItem({ mine: false, reason: 'you requested it' });
  const items = [late, own, other, soon];
  expect(sortedInbox(items)).toEqual({ mine: [soon, late], asked: [own], others: [other] });
  expect(waitingFor({ items })).toBe(2);
});

test('an item leads to its phase in its own cluster', () => {
  expect(itemHref(anInboxItem())).toBe('/c/aegis-production/migration?phase=3&env=PRD');
});
