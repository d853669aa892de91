// What mutate.mjs changes: comparisons, conditions, arithmetic and literals, found with a parser.
import { parse } from 'acorn';

const swapped = {
  '<': '<=',
  '<=': '<',
  '>': '>=',
  '>=': '>',
  '===': '!==',
  '!==': '===',
  '+': '-',
  '-': '+',
  '*': '/',
  '/': '*',
  '%': '*',
  '&&': '||',
  '||': '&&',
};
const swappedCalls = { some: 'every', every: 'some', min: 'max', max: 'min', floor: 'ceil', ceil: 'floor' };

/** Every mutant of a module: `[start, end)` of its text becomes `becomes`. */
export function mutantsOf(path, text) {
  const mutants = [];
  const change = (node, becomes) => mutants.push({ path, start: node.start, end: node.end, becomes });
  visit(parse(text, { ecmaVersion: 'latest', sourceType: 'module' }), (node, parent) => {
    const of = (child) => text.slice(child.start, child.end);
    switch (node.type) {
      case 'BinaryExpression':
      case 'LogicalExpression': {
        if (node.operator === '??') change(node, of(node.left));
        const other = swapped[node.operator];
        // Adding to a text is not arithmetic.
        if (other !== undefined && !isText(node)) change(node, `${of(node.left)} ${other} ${of(node.right)}`);
        break;
      }
      case 'ConditionalExpression':
        change(node, of(node.consequent));
        change(node, of(node.alternate));
        break;
      case 'IfStatement':
        change(node.test, 'true');
        change(node.test, 'false');
        break;
      case 'UnaryExpression':
        if (node.operator === '!') change(node, of(node.argument));
        break;
      case 'MemberExpression': {
        const other = node.computed ? undefined : swappedCalls[node.property.name];
        if (other !== undefined && parent?.type === 'CallExpression') change(node.property, other);
        break;
      }
      case 'Literal':
        mutateLiteral(node, parent, change);
        break;
      default:
    }
  });
  return mutants;
}

function mutateLiteral(node, parent, change) {
  const isName = /^(Import|Export)/.test(parent?.type ?? '') || parent?.directive !== undefined;
  const isKey = parent?.type === 'Property' && parent.key === node;
  if (isName || isKey) return;
  if (typeof node.value === 'boolean') change(node, String(!node.value));
  if (typeof node.value === 'number') change(node, String(node.value + 1));
  if (typeof node.value === 'string' && node.value !== '') change(node, "''");
}

function isText({ left, right, operator }) {
  return operator === '+' && [left, right].some((side) => side.type === 'TemplateLiteral' || isString(side));
}

function isString(node) {
  return node.type === 'Literal' && typeof node.value === 'string';
}

function visit(node, each, parent) {
  each(node, parent);
  for (const value of Object.values(node)) {
    for (const child of [value].flat()) if (typeof child?.type === 'string') visit(child, each, node);
  }
}

/** A sample that the seed decides alone: the same seed, the same mutants while the code is the same. */
export function sample(mutants, count, seed) {
  const random = generator(seed);
  return mutants
    .map((mutant) => ({ mutant, place: random() }))
    .sort((a, b) => a.place - b.place)
    .slice(0, count)
    .map(({ mutant }) => mutant);
}

/** mulberry32: small, and the same everywhere. */
function generator(seed) {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}
