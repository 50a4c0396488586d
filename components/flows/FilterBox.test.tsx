// @vitest-environment happy-dom
import { cleanup, fireEvent, render, screen, within } from '@testing-library/react';
import { afterEach, expect, test, vi } from 'vitest';
import { FilterBox } from './FilterBox.tsx';

afterEach(cleanup);

const seen = { namespace: ['payments', 'gateway'], port: ['5432'] };

function aBox(value = '') {
  const onApply = vi.fn<(filter: string) => void>();
  const view = render(<FilterBox value={value} onApply={onApply} seen={() => seen} label="Filter" placeholder="" />);
  const input = screen.getByRole<HTMLInputElement>('combobox', { name: 'Filter' });
  const type = (text: string) => {
    input.focus();
    fireEvent.change(input, { target: { value: text } });
    input.setSelectionRange(text.length, text.length);
    fireEvent.select(input);
  };
  const press = (key: string) => fireEvent.keyDown(input, { key });
  return { input, onApply, press, type, view };
}

const options = () =>
  within(screen.getByRole('listbox', { name: 'Completions' }))
    .getAllByRole('option')
    .map((option) => option.textContent);

test('keys are completed with what they ask, then values that were seen', () => {
  const { input, type, press } = aBox();
  type('to-n');
  expect(options()[0]).toContain('to-ns:');
  press('ArrowDown');
  expect(input.getAttribute('aria-activedescendant')).toBe(screen.getAllByRole('option')[0]?.id);
  press('Enter');
  expect(input.value).toBe('to-ns:');
  expect(options()).toEqual(['payments', 'gateway']);
});

test('choosing a value applies the filter and makes room for the next term', () => {
  const { input, onApply, type, press } = aBox();
  type('ns:pay');
  press('ArrowDown');
  press('Tab');
  expect(onApply).toHaveBeenLastCalledWith('ns:payments');
  expect(input.value).toBe('ns:payments ');
});

test('Enter applies what was typed', () => {
  const { onApply, type, press } = aBox();
  type('ns:payments port:5432');
  press('Enter');
  expect(onApply).toHaveBeenCalledExactlyOnceWith('ns:payments port:5432');
});

test('a filter that cannot be read is not applied: each problem is told with its place', () => {
  const { input, onApply, type, press } = aBox();
  type('ns:payments port:99999 verdct:DROPPED');
  press('Enter');
  expect(onApply).not.toHaveBeenCalled();
  expect(input.getAttribute('aria-invalid')).toBe('true');
  const problems = within(screen.getByRole('alert'));
  expect(problems.getAllByRole('listitem')).toHaveLength(2);
  expect(problems.getByText('at 18')).toBeDefined();
  expect(problems.getByText(/Did you mean verdict:/)).toBeDefined();
});

test('Escape closes the completions first, then takes back what was typed', () => {
  const { input, type, press } = aBox('ns:gateway');
  type('ns:gateway po');
  press('Escape');
  expect(screen.queryByRole('option')).toBeNull();
  expect(input.value).toBe('ns:gateway po');
  press('Escape');
  expect(input.value).toBe('ns:gateway');
});

test('a filter that is changed from outside, by a chip or a link, is taken over', () => {
  const { input, view } = aBox('ns:gateway');
  view.rerender(<FilterBox value="verdict:DROPPED" onApply={() => undefined} seen={() => seen} label="Filter" placeholder="" />);
  expect(input.value).toBe('verdict:DROPPED');
});

test('a link with a bad filter shows its problem at once', () => {
  aBox('verdict:DROPED');
  expect(screen.getByRole('alert').textContent).toContain('DROPPED');
});
