import { memo } from 'react';
import { visibleText } from '#lib/flow/text.ts';
import { type YamlRole, yamlSpans } from './yaml-colours.ts';

const TONES: Record<YamlRole, string | undefined> = {
  key: 'text-code-key',
  number: 'text-code-num',
  dim: 'text-code-dim',
  text: undefined,
};

/** One line of YAML in its colours. */
export const YamlLine = memo(function YamlLine({ line }: { line: string }) {
  return (
    <>
      {yamlSpans(line).map(({ text, role }, index) => {
        const tone = TONES[role];
        const shown = visibleText(text);
        return tone === undefined ? (
          shown
        ) : (
          // oxlint-disable-next-line react/no-array-index-key -- a part is its place in the line
          <span key={index} className={tone}>
            {shown}
          </span>
        );
      })}
    </>
  );
});
