// Mutants of a source file: the same file with one operator, one literal or one condition changed.
import { parseSync } from 'oxc-parser';

const SWAPS = {
  '===': '!==',
  '!==': '===',
  '<': '<=',
  '<=': '<',
  '>': '>=',
  '>=': '>',
  '+': '-',
  '-': '+',
  '*': '+',
  '%': '*',
  '&&': '||',
  '||': '&&',
  '??': '&&',
};

/** `start` and `end` say what `text` replaces; `context` is the line it stands on. */
export function mutantsOf(file, source) {
  const mutants = [];
  const add = (start, end, text) => {
    const lineStart = source.lastIndexOf('\n', start) + 1;
    const lineEnd = source.indexOf('\n', start);
    mutants.push({
      start,
      end,
      text,
      original: source.slice(start, end),
      line: source.slice(0, start).split('\n').length,
      context: source.slice(lineStart, lineEnd).trim(),
    });
  };
  walk(parseSync(file, source).program, undefined, (node, parent) => mutate(node, parent, source, add));
  return mutants;
}

function mutate(node, parent, source, add) {
  switch (node.type) {
    case 'BinaryExpression':
    case 'LogicalExpression': {
      const swap = SWAPS[node.operator];
      if (!swap || isText(node)) return;
      const at = source.indexOf(node.operator, node.left.end);
      // `a ?? b && c` is no expression: the pair stays in brackets.
      if (node.type === 'LogicalExpression')
        add(
          node.start,
          node.end,
          `((${source.slice(node.left.start, node.left.end)}) ${swap} (${source.slice(node.right.start, node.right.end)}))`,
        );
      else add(at, at + node.operator.length, swap);
      return;
    }
    case 'UnaryExpression':
      if (node.operator === '!') add(node.start, node.start + 1, '!!');
      return;
    case 'ConditionalExpression':
    case 'IfStatement':
      // Operators and calls in a condition are changed themselves.
      if (['BinaryExpression', 'LogicalExpression', 'UnaryExpression'].includes(node.test.type)) return;
      add(node.test.start, node.test.end, 'true');
      add(node.test.start, node.test.end, 'false');
      return;
    case 'Literal':
      if (typeof node.value === 'boolean') add(node.start, node.end, String(!node.value));
      else if (typeof node.value === 'number' && parent.type !== 'TSLiteralType')
        add(node.start, node.end, String(node.value + 1));
      else if (node.value === 'yes' || node.value === 'no')
        if (parent.type !== 'TSLiteralType') add(node.start, node.end, node.value === 'yes' ? "'no'" : "'yes'");
      return;
    case 'CallExpression': {
      const name = node.callee.property?.name;
      const other = { some: 'every', every: 'some', find: 'findLast', min: 'max', max: 'min', startsWith: 'endsWith' }[name];
      if (other) add(node.callee.property.start, node.callee.property.end, other);
      return;
    }
  }
}

/** Concatenation of texts has no other operator. */
const isText = (node) =>
  node.operator === '+' &&
  [node.left, node.right].some(({ type, value }) => type === 'TemplateLiteral' || typeof value === 'string');

function walk(node, parent, visit) {
  if (!node || typeof node.type !== 'string' || /^TS(?!As|NonNull|Satisfies)/.test(node.type)) return;
  visit(node, parent);
  for (const value of Object.values(node)) {
    if (Array.isArray(value)) for (const item of value) walk(item, node, visit);
    else if (value && typeof value === 'object') walk(value, node, visit);
  }
}
