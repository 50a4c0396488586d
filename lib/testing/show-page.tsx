import { render } from '@testing-library/react';
import { NuqsTestingAdapter } from 'nuqs/adapters/testing';
import type { ReactNode } from 'react';
import { SWRConfig } from 'swr';

/** Draws a page at an address with this search, nothing being known from before; gives the searches it has gone to since. */
export function showPage(page: ReactNode, search = ''): readonly string[] {
  const changes: string[] = [];
  render(
    <SWRConfig value={{ provider: () => new Map() }}>
      <NuqsTestingAdapter searchParams={search} hasMemory onUrlUpdate={({ queryString }) => changes.push(queryString)}>
        {page}
      </NuqsTestingAdapter>
    </SWRConfig>,
  );
  return changes;
}
