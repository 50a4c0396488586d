// @vitest-environment happy-dom
import { cleanup, render, screen } from '@testing-library/react';
import { afterEach, expect, test } from 'vitest';
import { Delta, Num, Percent } from './Num.tsx';

afterEach(cleanup);

test('a large number is humanised and exact on hover', () => {
  render(<Num value={1_932_361} unit="flows" />);
  expect(screen.getByTitle('1,932,361 flows').textContent).toBe('1.93\u00a0M flows');
});

test('zero is shown as 0', () => {
  render(<Num value={0} />);
  expect(screen.getByText('0')).toBeTruthy();
});

test('an unknown number is a dash that says why, never 0', () => {
  const { container } = render(<Num value={undefined} why="the node does not report" />);
  expect(container.textContent).toBe('–unknown: the node does not report');
  expect(screen.getByTitle('the node does not report')).toBeTruthy();
});

test('a share says its denominator on hover, and of nothing it is unknown', () => {
  const { rerender, container } = render(<Percent part={1} of={4} />);
  expect(screen.getByTitle('1 of 4').textContent).toBe('25.0\u00a0%');
  rerender(<Percent part={0} of={0} why="no flows" />);
  expect(container.textContent).toContain('unknown: no flows');
});

test('a change is alarming only where more is bad, and says what it is compared with', () => {
  const { rerender } = render(<Delta now={176} before={100} comparable />);
  expect(screen.getByTitle('176 against 100 in the window before').className).toContain('text-drop-text');
  rerender(<Delta now={176} before={100} comparable bad="none" />);
  expect(screen.getByTitle('176 against 100 in the window before').className).not.toContain('text-drop-text');
});
