'use client';
import type { Topology } from '#lib/topology/topology.ts';
import { visibleText } from '#lib/flow/text.ts';
import type { Console } from '#components/live/use-console.ts';
import { Button } from '#components/ui/Button.tsx';
import { Drawer } from '#components/ui/Drawer.tsx';
import { Empty } from '#components/ui/Faces.tsx';
import { EdgeDrawer } from './EdgeDrawer.tsx';
import type { Card, Line } from './model.ts';
import { GroupDrawer, LineDrawer, NodeDrawer } from './NodeDrawer.tsx';
import type { Selection } from './selection.ts';

interface Props {
  readonly selection: Selection;
  readonly topology: Topology;
  readonly lines: readonly Line[];
  readonly view: Console;
  readonly onClose: () => void;
  readonly onEdge: (key: string) => void;
  readonly onFocus: (cardId: string) => void;
  readonly onUnfold: (card: Card) => void;
}

/** The drawer for whatever is selected. */
export function SelectionDrawer({ selection, onFocus, onUnfold, lines, ...common }: Props) {
  switch (selection.kind) {
    case 'none':
      return null;
    case 'edge':
      return <EdgeDrawer key={selection.edge.key} edge={selection.edge} {...common} />;
    case 'line':
      return <LineDrawer key={selection.line.id} line={selection.line} {...common} />;
    case 'node': {
      const card = selection.cards[0];
      return <NodeDrawer key={selection.node.id} node={selection.node} {...common} onFocus={card && (() => onFocus(card.id))} />;
    }
    case 'group':
      return (
        <GroupDrawer
          key={selection.card.id}
          card={selection.card}
          lines={lines}
          {...common}
          onUnfold={() => onUnfold(selection.card)}
        />
      );
    case 'away':
      return (
        <Drawer
          kind="Not in this window"
          title={<span className="font-mono text-13 wrap-anywhere">{visibleText(selection.id)}</span>}
          onClose={common.onClose}
        >
          <Empty
            title="It was not seen between these times"
            action={<Button onClick={() => void common.view.setRange('3h')}>Look at the last 3 h</Button>}
          >
            The link names something that this map does not hold now. It may be seen again, or in a longer time.
          </Empty>
        </Drawer>
      );
  }
}
