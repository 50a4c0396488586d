/** One measured figure. */
export interface Figure {
  readonly name: string;
  readonly value: number;
  readonly unit: string;
  /** What it is measured against, e.g. `0.18 of the hubble client`. */
  readonly ratio?: string;
  /** The bound it should hold, e.g. `<= 0.25`; compared by `holds`. */
  readonly bound?: { readonly op: '<=' | '>='; readonly value: number };
}

/** Collects figures and prints each as it comes. */
export class Report {
  readonly figures: Figure[] = [];
  #section = '';

  section(name: string): void {
    this.#section = name;
    console.log(`\n${name}`);
  }

  add(figure: Figure): void {
    this.figures.push({ ...figure, name: `${this.#section}: ${figure.name}` });
    console.log(`  ${line(figure)}`);
  }
}

const line = (figure: Figure): string =>
  `${figure.name.padEnd(62)} ${digits(figure.value).padStart(10)} ${figure.unit}${figure.ratio ? `  (${figure.ratio})` : ''}${
    figure.bound ? `  ${holds(figure) ? 'ok' : 'MISSED'}: wants ${figure.bound.op} ${digits(figure.bound.value)}` : ''
  }`;

const holds = ({ value, bound }: Figure): boolean => !bound || (bound.op === '<=' ? value <= bound.value : value >= bound.value);

const digits = (value: number): string =>
  Number.isNaN(value)
    ? '–'
    : value >= 100
      ? Math.round(value).toLocaleString('en')
      : value >= 10
        ? value.toFixed(1)
        : value.toFixed(2);

/** A table for `docs/performance.md`. */
export function markdown(figures: readonly Figure[], machine: string): string {
  const rows = figures.map(
    (figure) =>
      `| ${figure.name} | ${digits(figure.value)} ${figure.unit} | ${figure.ratio ?? ''} | ${
        figure.bound ? `${figure.bound.op} ${digits(figure.bound.value)}: ${holds(figure) ? 'held' : '**missed**'}` : ''
      } |`,
  );
  return ['Machine: ' + machine, '', '| figure | value | against | wanted |', '|---|---|---|---|', ...rows, ''].join('\n');
}
