// @vitest-environment happy-dom
import { act, cleanup, fireEvent, render, screen } from '@testing-library/react';
import { afterEach, expect, test } from 'vitest';
import { ApiFailure } from '#components/live/api.ts';
import { Confirm } from './Confirm.tsx';

afterEach(cleanup);

const ask = (action: () => Promise<unknown>, typeName?: string) => {
  render(<Confirm button="Revoke" question="Revoke grafana?" effect="It stops at once." action={action} typeName={typeName} />);
  fireEvent.click(screen.getByRole('button', { name: 'Revoke' }));
};

test('the first press only asks, naming object and effect, with the focus on the safe answer', () => {
  let ran = 0;
  ask(async () => (ran += 1));
  expect(ran).toBe(0);
  expect(screen.getByRole('group', { name: 'Revoke grafana?' }).textContent).toContain('It stops at once.');
  expect(document.activeElement).toBe(screen.getByRole('button', { name: 'Cancel' }));
});

test('the second press does it and the question goes', async () => {
  let ran = 0;
  ask(async () => (ran += 1));
  await act(async () => fireEvent.click(screen.getByRole('button', { name: 'Revoke' })));
  expect(ran).toBe(1);
  expect(screen.queryByRole('group')).toBeNull();
});

test('a failure is said in place and the question stays', async () => {
  ask(async () => {
    throw new ApiFailure({ type: '/problems/conflict', title: 'conflict', status: 409, detail: 'Someone was faster.' });
  });
  await act(async () => fireEvent.click(screen.getByRole('button', { name: 'Revoke' })));
  expect(screen.getByRole('alert').textContent).toContain('Someone was faster.');
});

test('where the name is asked for, only the name opens the button', () => {
  ask(async () => undefined, 'aegis-production');
  const button = screen.getByRole<HTMLButtonElement>('button', { name: 'Revoke' });
  expect(button.disabled).toBe(true);
  fireEvent.change(screen.getByRole('textbox'), { target: { value: 'aegis-production' } });
  expect(button.disabled).toBe(false);
});
