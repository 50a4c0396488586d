'use client';
import { parseAsInteger, parseAsString, parseAsStringLiteral, useQueryStates } from 'nuqs';
import { useMemo } from 'react';
import type { PolicyDetail } from '#lib/api/policies.ts';
import { useNarrow } from '#components/flows/use-narrow.ts';
import { useConsole } from '#components/live/use-console.ts';
import { Button } from '#components/ui/Button.tsx';
import { Card } from '#components/ui/Card.tsx';
import { Empty } from '#components/ui/Faces.tsx';
import { exact } from '#components/ui/format.ts';
import { Segmented } from '#components/ui/Segmented.tsx';
import { cx } from '#components/ui/cx.ts';
import { FindingItem } from '../lint/FindingItem.tsx';
import { windowWords } from '../window-words.ts';
import { Endpoints } from './Endpoints.tsx';
import { PolicyFacts } from './PolicyFacts.tsx';
import { RulesTable } from './RulesTable.tsx';
import { VersionDiff } from './VersionDiff.tsx';
import { Versions } from './Versions.tsx';
import { YamlText } from './YamlText.tsx';
import { DIFF_VIEWS } from './diff-views.ts';
import { chosenLine, factsByLine } from './policy-lines.ts';

const OWN = {
  /** A line of the text that is marked, from 1. */
  line: parseAsInteger,
  /** A rule that is marked, by its path. */
  rule: parseAsString,
  /** Hash of an old version laid beside the one in force. */
  compare: parseAsString,
  diff: parseAsStringLiteral(DIFF_VIEWS).withDefault('split'),
};

/** A policy that was found: facts, text, rules, findings, what it selects, its versions. `old` greys what is not of now. */
export function PolicyBody({ detail, old }: { detail: PolicyDetail; old: boolean }) {
  const view = useConsole();
  // Two texts side by side need a desk.
  const narrow = useNarrow();
  const [own, setOwn] = useQueryStates(OWN, { history: 'replace' });
  const window = windowWords({ ...view, capture: null }, detail);
  const facts = useMemo(() => factsByLine(detail), [detail]);
  const line = chosenLine(detail, own.line, own.rule);
  const { summary, rules, endpoints, versions, findings } = detail;
  const chosenRule = rules.find((rule) => rule.line !== undefined && rule.line === line)?.path ?? own.rule ?? undefined;
  return (
    <div className={cx('flex flex-col gap-3', old && 'stale')}>
      <PolicyFacts summary={summary} window={window} />
      <div className="grid items-start gap-3 xl:grid-cols-[minmax(0,1fr)_minmax(0,1fr)]">
        <Card
          flush
          title={own.compare === null ? 'Text' : 'Change'}
          hint={own.compare === null ? `flows at each rule, ${window}` : undefined}
          className={cx(own.compare !== null && 'xl:col-span-2')}
          aside={
            own.compare !== null && (
              <>
                {!narrow && (
                  <Segmented
                    label="Difference"
                    size="sm"
                    value={own.diff}
                    onChange={(diff) => void setOwn({ diff })}
                    options={[
                      { value: 'split', label: 'Side by side' },
                      { value: 'unified', label: 'One below the other' },
                    ]}
                  />
                )}
                <Button size="sm" onClick={() => void setOwn({ compare: null })}>
                  Back to the text
                </Button>
              </>
            )
          }
        >
          {own.compare === null ? (
            <YamlText
              yaml={detail.yaml}
              facts={facts}
              chosen={line}
              onChoose={(next) => void setOwn({ line: next ?? null, rule: null })}
              window={window}
            />
          ) : (
            <VersionDiff api={view.api} detail={detail} hash={own.compare} view={narrow ? 'unified' : own.diff} />
          )}
        </Card>
        <div className={cx('flex min-w-0 flex-col gap-3', own.compare !== null && 'xl:contents')}>
          <Card flush title="Rules" hint={`${exact(rules.length)}, ${window}`}>
            {rules.length === 0 ? (
              <Empty title="It has no rules">
                {summary.valid
                  ? 'It closes the directions it names for what it selects and lets nothing through.'
                  : 'A policy that is not in force has no rules that count.'}
              </Empty>
            ) : (
              <RulesTable
                rules={rules}
                chosen={chosenRule}
                window={window}
                onChoose={({ path, line: at }) =>
                  void setOwn(path === chosenRule ? { line: null, rule: null } : { line: at ?? null, rule: path })
                }
              />
            )}
          </Card>
          {findings.length > 0 && (
            <Card flush title="Findings" hint={`${exact(findings.length)} of lint`}>
              <ul>
                {findings.map((finding) => (
                  <FindingItem key={finding.id} finding={finding} named={false} />
                ))}
              </ul>
            </Card>
          )}
          <Card flush title="Selects" hint={`${exact(summary.selects.endpoints)} endpoints now`}>
            {endpoints.length === 0 ? (
              <Empty title="It selects nothing">No endpoint that is known has the labels that it asks for.</Empty>
            ) : (
              <Endpoints endpoints={endpoints} total={summary.selects.endpoints} />
            )}
          </Card>
          <Card flush title="Versions" hint={exact(versions.length)}>
            <Versions
              versions={versions}
              compared={own.compare}
              onCompare={(compare) => void setOwn({ compare, line: null, rule: null })}
            />
          </Card>
        </div>
      </div>
    </div>
  );
}
