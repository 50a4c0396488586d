// @vitest-environment happy-dom
import { cleanup, fireEvent, render, screen } from '@testing-library/react';
import { afterEach, expect, test } from 'vitest';
import { Popover } from './Popover.tsx';

afterEach(cleanup);

function open() {
  render(
    <>
      <Popover label="Clusters" trigger={<button type="button">Choose</button>}>
        <input aria-label="Name" />
      </Popover>
      <button type="button">Elsewhere</button>
    </>,
  );
  const button = screen.getByRole('button', { name: 'Choose' });
  fireEvent.click(button);
  return button;
}
const shown = () => screen.queryByRole('dialog', { name: 'Clusters' }) !== null;

test('a press on the button opens and closes it, and the button says so', () => {
  const button = open();
  expect(shown()).toBe(true);
  expect(button.getAttribute('aria-expanded')).toBe('true');
  expect(button.getAttribute('aria-controls')).toBe(screen.getByRole('dialog').id);
  fireEvent.pointerDown(button);
  fireEvent.click(button);
  expect(shown()).toBe(false);
  expect(button.getAttribute('aria-expanded')).toBe('false');
});

test('the focus goes in, and Escape brings it back', () => {
  const button = open();
  expect(document.activeElement).toBe(screen.getByLabelText('Name'));
  fireEvent.keyDown(screen.getByLabelText('Name'), { key: 'Escape' });
  expect(shown()).toBe(false);
  expect(document.activeElement).toBe(button);
});

test('a press elsewhere closes it, one inside does not', () => {
  open();
  fireEvent.pointerDown(screen.getByLabelText('Name'));
  expect(shown()).toBe(true);
  fireEvent.pointerDown(screen.getByRole('button', { name: 'Elsewhere' }));
  expect(shown()).toBe(false);
});

test('the focus may move on, which closes it and takes nothing back', () => {
  open();
  const elsewhere = screen.getByRole('button', { name: 'Elsewhere' });
  elsewhere.focus();
  fireEvent.focusIn(elsewhere);
  expect(shown()).toBe(false);
  expect(document.activeElement).toBe(elsewhere);
});
