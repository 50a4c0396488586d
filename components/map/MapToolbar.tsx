'use client';
import {
  ChevronDown,
  Download,
  EyeOff,
  Folders,
  HelpCircle,
  Layers,
  Maximize,
  Minus,
  Plus,
  Search,
  Table2,
  Waypoints,
} from 'lucide-react';
import { type ReactNode, useEffect, useRef, useState } from 'react';
import { LEVELS, type Level } from '#lib/topology/topology.ts';
import { Button } from '#components/ui/Button.tsx';
import { Menu, MenuCheck, MenuChoice, MenuChoices, MenuItem, MenuLabel, MenuSeparator } from '#components/ui/Menu.tsx';
import { Popover } from '#components/ui/Popover.tsx';
import { SearchBox } from '#components/ui/SearchBox.tsx';
import { Segmented } from '#components/ui/Segmented.tsx';
import type { MapExport } from './export.ts';
import { type Overlay, OVERLAYS } from './overlays.ts';
import type { MapState } from './use-map-state.ts';
import type { Viewport } from './viewport.ts';

export const OVERLAY_WORDS: Readonly<Record<Overlay, string>> = {
  verdict: 'Verdict',
  encryption: 'Encryption',
  auth: 'Auth',
  policy: 'Policy',
  change: 'Change',
  'what-if': 'What-if',
};
const LEVEL_WORDS: Readonly<Record<Level, string>> = { namespace: 'Namespace', workload: 'Workload', pod: 'Pod' };

interface ToolbarProps {
  readonly state: MapState;
  readonly level: Level;
  readonly onOverlay: (overlay: Overlay) => void;
  /** What is wrong with the find or hide text; empty when nothing is. */
  readonly problem: string;
  readonly found: string;
  readonly onTidy: () => void;
  readonly onExport: (kind: MapExport) => void;
  readonly onHelp: () => void;
}

/** Find, overlay, level, view. Where there is little room, find and hide open as a row of their own from the menu of all else. */
export function MapToolbar({ state, level, onOverlay, problem, found, onTidy, onExport, onHelp }: ToolbarProps) {
  const overlays = overlaysOf(state).map((value) => ({ value, label: OVERLAY_WORDS[value] }));
  const table = state.view === 'table';
  const [opened, setOpened] = useState(false);
  const searching = opened || state.find !== '' || state.hide !== '';
  const more = <MoreItems state={state} onTidy={onTidy} onExport={onExport} onHelp={onHelp} />;
  return (
    <div className="@container relative z-10 shrink-0 border-line md:border-b md:bg-surface">
      <div className="flex min-h-11 flex-nowrap items-center gap-2 px-3 py-2 md:px-4 md:py-0">
        <h1 className="text-14 font-title max-md:sr-only">Map</h1>
        <SearchBox
          label="Find on the map"
          value={state.find}
          onChange={(find) => void state.set({ find: find === '' ? null : find })}
          placeholder="Find, e.g. ns:payments"
          className="hidden w-56 min-w-40 shrink @min-[640px]:flex"
          aria-invalid={problem !== '' || undefined}
          aria-describedby="map-find-note"
        />
        <span className="hidden @min-[640px]:inline-flex">
          <HidePopover state={state} />
        </span>
        <output
          id="map-find-note"
          className={`hidden max-w-48 truncate text-12 @min-[1080px]:inline ${problem === '' ? 'text-ink-3' : 'text-drop-text'}`}
          title={problem || found}
        >
          {problem || found}
        </output>
        <span className="hidden @min-[900px]:inline-flex">
          <Segmented label="Overlay" value={state.overlay} onChange={onOverlay} options={overlays} />
        </span>
        <span className="inline-flex md:hidden">
          <Segmented
            label="View"
            value={state.view}
            onChange={(view) => void state.set({ view })}
            options={[
              { value: 'map', label: 'Map' },
              { value: 'table', label: 'Table' },
            ]}
            className="md:hidden"
          />
        </span>
        <span className="hidden flex-1 md:inline" />
        <Menu
          trigger={
            <Button aria-label={`Level: ${LEVEL_WORDS[level]}`}>
              <Layers size={14} aria-hidden="true" className="text-ink-3" />
              {LEVEL_WORDS[level]}
              <ChevronDown size={14} aria-hidden="true" className="text-ink-3" />
            </Button>
          }
        >
          <MenuChoices
            value={level}
            onValueChange={(next) => state.setLevel(LEVELS.find((known) => known === next) ?? 'workload')}
          >
            {LEVELS.map((value) => (
              <MenuChoice key={value} value={value}>
                {LEVEL_WORDS[value]}
              </MenuChoice>
            ))}
          </MenuChoices>
        </Menu>
        <span className="flex-1 md:hidden" />
        <OverlayMenu className="@min-[900px]:hidden" overlay={state.overlay} overlays={overlays} onOverlay={onOverlay}>
          <MenuItem className="min-[840px]:hidden" onSelect={() => setOpened(true)}>
            <Search size={14} aria-hidden="true" /> Find or hide
          </MenuItem>
          <span className="md:hidden">{more}</span>
        </OverlayMenu>
        <Button className="max-md:hidden" aria-pressed={table} onClick={() => void state.set({ view: table ? 'map' : 'table' })}>
          {table ? <Waypoints size={14} aria-hidden="true" /> : <Table2 size={14} aria-hidden="true" />}
          {table ? 'Map' : 'Table'}
        </Button>
        <span className="max-md:hidden">
          <Menu
            align="end"
            trigger={
              <Button size="icon" aria-label="More for this map">
                <ChevronDown size={14} aria-hidden="true" />
              </Button>
            }
          >
            {more}
          </Menu>
        </span>
      </div>
      {searching && <SearchRow state={state} problem={problem} found={found} opened={opened} onClose={() => setOpened(false)} />}
    </div>
  );
}

/** Find and hide below the toolbar, where that has no room for them. */
function SearchRow({ state, problem, found, opened, onClose }: SearchRowProps) {
  const box = useRef<HTMLInputElement>(null);
  // Only when a person has just asked for it, and after the menu has given its focus back: a link with a search must not open the keyboard.
  useEffect(() => {
    if (!opened) return undefined;
    const timer = setTimeout(() => box.current?.focus(), 50);
    return () => clearTimeout(timer);
  }, [opened]);
  const clear = () => {
    void state.set({ find: null, hide: null });
    onClose();
  };
  return (
    <search aria-label="Find or hide on the map" className="block px-3 pb-2 @min-[640px]:hidden">
      <div className="flex items-center gap-2">
        <SearchBox
          label="Find"
          ref={box}
          value={state.find}
          onChange={(find) => void state.set({ find: find === '' ? null : find })}
          placeholder="Find"
          className="min-w-0 flex-1"
          aria-invalid={problem !== '' || undefined}
        />
        <SearchBox
          label="Hide"
          value={state.hide}
          onChange={(hide) => void state.set({ hide: hide === '' ? null : hide })}
          placeholder="Hide"
          className="min-w-0 flex-1"
        />
        <Button onClick={clear}>{state.find === '' && state.hide === '' ? 'Close' : 'Clear'}</Button>
      </div>
      {(problem !== '' || found !== '') && (
        <output className={`block pt-1 text-12 ${problem === '' ? 'text-ink-3' : 'text-drop-text'}`}>{problem || found}</output>
      )}
    </search>
  );
}
interface SearchRowProps extends Pick<ToolbarProps, 'state' | 'problem' | 'found'> {
  readonly opened: boolean;
  readonly onClose: () => void;
}

/** What is wanted now and then: folds, platform lines, a new layout, exports, keys. */
function MoreItems({ state, onTidy, onExport, onHelp }: Pick<ToolbarProps, 'state' | 'onTidy' | 'onExport' | 'onHelp'>) {
  return (
    <>
      <MenuLabel>Fold</MenuLabel>
      <MenuItem onSelect={() => state.foldAll('folded')}>
        <Folders size={14} aria-hidden="true" /> Fold all namespaces
      </MenuItem>
      <MenuItem onSelect={() => state.foldAll('open')}>Unfold all</MenuItem>
      <MenuItem onSelect={() => state.foldAll('auto')}>As suits the size</MenuItem>
      <MenuCheck checked={state.platform} onCheckedChange={(platform) => void state.set({ platform: platform || null })}>
        Show DNS, scrapes and probes as lines
      </MenuCheck>
      <MenuSeparator />
      <MenuItem onSelect={onTidy}>Lay out anew</MenuItem>
      <MenuSeparator />
      <MenuLabel>Export</MenuLabel>
      {(['png', 'svg', 'json'] as const).map((kind) => (
        <MenuItem key={kind} onSelect={() => onExport(kind)}>
          <Download size={14} aria-hidden="true" /> {kind.toUpperCase()}
        </MenuItem>
      ))}
      <MenuSeparator />
      <MenuItem onSelect={onHelp}>
        <HelpCircle size={14} aria-hidden="true" /> Keys
      </MenuItem>
    </>
  );
}

/** A what-if is there once a candidate was brought along. */
const overlaysOf = ({ overlay, candidate }: Pick<MapState, 'overlay' | 'candidate'>): readonly Overlay[] =>
  OVERLAYS.filter((value) => value !== 'what-if' || candidate !== null || overlay === 'what-if');

interface OverlayMenuProps {
  readonly overlay: Overlay;
  readonly overlays: readonly { readonly value: Overlay; readonly label: string }[];
  readonly onOverlay: (overlay: Overlay) => void;
  readonly className: string;
  /** Further items, below the overlays. */
  readonly children?: ReactNode;
}

function OverlayMenu({ overlay, overlays, onOverlay, className, children }: OverlayMenuProps) {
  return (
    <span className={className}>
      <Menu
        align="end"
        trigger={
          <Button aria-label={`Overlay: ${OVERLAY_WORDS[overlay]}`}>
            {OVERLAY_WORDS[overlay]}
            <ChevronDown size={14} aria-hidden="true" className="text-ink-3" />
          </Button>
        }
      >
        <MenuChoices value={overlay} onValueChange={(next) => onOverlay(OVERLAYS.find((known) => known === next) ?? 'verdict')}>
          {overlays.map(({ value, label }) => (
            <MenuChoice key={value} value={value}>
              {label}
            </MenuChoice>
          ))}
        </MenuChoices>
        {children}
      </Menu>
    </span>
  );
}

function HidePopover({ state }: { state: MapState }) {
  return (
    <Popover
      label="Hide edges"
      trigger={
        <Button
          size="icon"
          aria-label={state.hide === '' ? 'Hide edges' : `Hide edges: ${state.hide}`}
          aria-pressed={state.hide !== ''}
          className={state.hide === '' ? '' : 'bg-accent-tint text-accent-text'}
        >
          <EyeOff size={14} aria-hidden="true" />
        </Button>
      }
      className="w-72 p-3"
    >
      <p className="mb-2 text-12 text-ink-3">Edges that match are taken away, also from the table and the counts.</p>
      <SearchBox
        label="Hide"
        value={state.hide}
        onChange={(hide) => void state.set({ hide: hide === '' ? null : hide })}
        placeholder="Hide, e.g. port:9102"
      />
    </Popover>
  );
}

/** Nearer, further, all: at the right edge of the canvas. */
export function ZoomButtons({ viewport }: { viewport: Viewport | undefined }) {
  const button = (label: string, icon: ReactNode, onClick: () => void) => (
    <Button size="icon" aria-label={label} title={label} onClick={onClick}>
      {icon}
    </Button>
  );
  return (
    <div className="absolute top-3 right-3 z-10 flex flex-col gap-1 max-md:hidden">
      {button('Zoom in', <Plus size={14} aria-hidden="true" />, () => viewport?.zoom(1.25))}
      {button('Zoom out', <Minus size={14} aria-hidden="true" />, () => viewport?.zoom(0.8))}
      {button('Fit the map', <Maximize size={14} aria-hidden="true" />, () => viewport?.fit())}
    </div>
  );
}
