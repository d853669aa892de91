import { initialStatus, machineTransitions, type MachineTransition } from './machine-transitions.ts';
import { table } from './table.ts';
import { words } from './words.ts';

/** The states and what leads from one to another, as a Mermaid diagram: one arrow per pair of states. */
export function stateDiagram(): string {
  const transitions = machineTransitions();
  const arrows = new Map<string, Set<string>>();
  for (const transition of transitions) {
    if (transition.to === null || transition.to === transition.from) continue;
    const arrow = `${transition.from} --> ${transition.to}`;
    arrows.set(arrow, (arrows.get(arrow) ?? new Set()).add(triggerOf(transition.event)));
  }
  const left = new Set(transitions.flatMap(({ from, to }) => (to !== null && to !== from ? [from] : [])));
  const final = [...new Set(transitions.map(({ from }) => from))].filter((status) => !left.has(status));
  return [
    '```mermaid',
    'stateDiagram-v2',
    `  [*] --> ${initialStatus()}: create`,
    ...[...arrows].map(([arrow, triggers]) => `  ${arrow}: ${[...triggers].join(', ')}`),
    ...final.map((status) => `  ${status} --> [*]`),
    '```',
  ].join('\n');
}

/** Every transition of every state, in the order in which the machine tries them. */
export function transitionTable(): string {
  return table(
    ['state', 'when', 'if', 'then', 'what is decided'],
    machineTransitions().map(({ from, to, event, guard, actions }) => [
      from,
      triggerOf(event),
      guardText(guard),
      to === null ? 'stays' : `→ ${to}`,
      actions.map(words).join(', '),
    ]),
  );
}

/** `fact.settled` → "payment settled", `deadline.term-end` → "term end is due"; a command keeps its name. */
function triggerOf(event: MachineTransition['event']): string {
  const [kind, name] = event.split('.');
  if (name === undefined) return event;
  return kind === 'deadline' ? `${words(name)} is due` : `payment ${words(name)}`;
}

function guardText(guard: MachineTransition['guard']): string {
  if (guard === null) return '';
  return guard === 'allowed' ? 'no reason speaks against it' : words(guard);
}
