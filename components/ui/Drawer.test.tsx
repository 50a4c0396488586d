// @vitest-environment happy-dom
import { cleanup, fireEvent, render, screen } from '@testing-library/react';
import { useState } from 'react';
import { afterEach, expect, test, vi } from 'vitest';
import { Drawer, DRAWER_SLOT } from './Drawer.tsx';

afterEach(() => {
  cleanup();
  document.body.replaceChildren();
});

function Page() {
  const [open, setOpen] = useState(false);
  return (
    <>
      <button type="button" onClick={() => setOpen(true)}>
        gateway/web-bff
      </button>
      <input aria-label="Filter" />
      {open && (
        <Drawer
          kind="Edge"
          title="web-bff to payments-db"
          onClose={() => setOpen(false)}
          footer={<button type="button">Open in Flows</button>}
        >
          detail
        </Drawer>
      )}
    </>
  );
}

function openDrawer() {
  render(<Page />);
  const opener = screen.getByRole('button', { name: 'gateway/web-bff' });
  opener.focus();
  fireEvent.click(opener);
  return { opener, drawer: screen.getByRole('complementary', { name: 'web-bff to payments-db' }) };
}

test('an opened drawer takes the focus, and gives it back to what opened it', () => {
  const { opener, drawer } = openDrawer();
  expect(document.activeElement).toBe(drawer);
  fireEvent.click(screen.getByRole('button', { name: 'Close' }));
  expect(screen.queryByRole('complementary')).toBeNull();
  expect(document.activeElement).toBe(opener);
});

test('Esc closes the drawer from inside it and from the page', () => {
  openDrawer();
  fireEvent.keyDown(document.body, { key: 'Escape' });
  expect(screen.queryByRole('complementary')).toBeNull();
});

test('Esc in a field of the page stays with the field', () => {
  openDrawer();
  fireEvent.keyDown(screen.getByRole('textbox', { name: 'Filter' }), { key: 'Escape' });
  expect(screen.queryByRole('complementary')).not.toBeNull();
});

test('Esc that closed something above the drawer does not close the drawer too', () => {
  openDrawer();
  const event = new KeyboardEvent('keydown', { key: 'Escape', bubbles: true, cancelable: true });
  event.preventDefault();
  document.body.dispatchEvent(event);
  expect(screen.queryByRole('complementary')).not.toBeNull();
});

test('the drawer stands in the room that the frame makes for it', () => {
  const slot = document.createElement('div');
  slot.id = DRAWER_SLOT;
  document.body.append(slot);
  render(
    <Drawer title="A drop" onClose={vi.fn<() => void>()}>
      why
    </Drawer>,
  );
  expect(slot.contains(screen.getByRole('complementary', { name: 'A drop' }))).toBe(true);
});
