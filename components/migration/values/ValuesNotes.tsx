'use client';
import { useState } from 'react';
import type { GeneratedValues } from '#lib/api/preflight.ts';
import { visibleText } from '#lib/flow/text.ts';
import { citationOf } from '#components/policies/lint/lint-view.ts';
import { Card } from '#components/ui/Card.tsx';
import { CopyButton } from '#components/ui/CopyButton.tsx';
import { exact } from '#components/ui/format.ts';
import { Mark } from '#components/ui/Mark.tsx';
import { SearchBox } from '#components/ui/SearchBox.tsx';
import { findNotes } from './values-view.ts';

/** Why each value is what it is, with who says so. */
export function ValuesNotes({ notes }: { notes: GeneratedValues['notes'] }) {
  const [find, setFind] = useState('');
  const shown = findNotes(notes, find);
  return (
    <Card flush title="Why" hint={`${exact(notes.length)} ${notes.length === 1 ? 'value' : 'values'}`}>
      {notes.length > 6 && (
        <div className="border-b border-line px-4 py-2">
          <SearchBox label="Find a value" value={find} onChange={setFind} placeholder="path, value, reason" className="w-full" />
        </div>
      )}
      {shown.length === 0 && (
        <p className="px-4 py-3 text-13 text-ink-2">{notes.length === 0 ? 'This phase sets no value.' : 'No value matches.'}</p>
      )}
      <ul>
        {shown.map(({ path, value, why, url }) => (
          <li key={`${path} ${why}`} className="border-t border-line px-4 py-2 first:border-t-0">
            <p className="font-mono text-12 wrap-anywhere">
              {visibleText(path)}
              {value !== '' && <span className="text-ink-3">: {visibleText(value)}</span>}
            </p>
            <p className="text-13 text-ink-2">{visibleText(why)}</p>
            {url !== undefined && (
              <p className="text-12">
                <Citation url={url} />
              </p>
            )}
          </li>
        ))}
      </ul>
    </Card>
  );
}

/** Facts of the cluster that stand in the text as placeholders, each with the command that tells it. */
export function MissingFacts({ missing }: { missing: GeneratedValues['missing'] }) {
  return (
    <Card flush title="Missing facts" hint="they stand in the text as <name>">
      <ul>
        {missing.map(({ name, hint }) => (
          <li key={name} className="flex flex-col gap-1 border-t border-line px-4 py-2 first:border-t-0">
            <p className="flex items-center gap-2 text-13">
              <Mark name="advice" />
              <span className="font-mono text-12">&lt;{visibleText(name)}&gt;</span>
            </p>
            {hint !== '' && (
              <p className="flex items-start gap-1">
                <code className="min-w-0 flex-1 font-mono text-12 wrap-anywhere text-ink-2">{visibleText(hint)}</code>
                <CopyButton look="quiet" text={hint} label={`Copy how to find ${name}`} />
              </p>
            )}
          </li>
        ))}
      </ul>
    </Card>
  );
}

function Citation({ url }: { url: string }) {
  const { text, href } = citationOf(url);
  return href === undefined ? (
    text
  ) : (
    <a
      href={href}
      target="_blank"
      rel="noopener noreferrer"
      className="ring-focus rounded-sm text-accent-text wrap-anywhere hover:underline"
    >
      {text}
    </a>
  );
}
