/**
 * The commands of a section of the README with the output that it shows for them.
 *
 * @module
 */

/** Commands, and what they are said to print and to end with. */
export type ReadmeBlock = {
  /** As it stands in the README. */
  readonly commands: string;
  /** Line in the README where the block begins. */
  readonly line: number;
  readonly expected: readonly string[];
  readonly exitCode: number;
};

/**
 * Every `sh` block below the heading, each with the `text` block that follows it.
 *
 * @throws Error when there is no such heading
 */
export function readmeBlocks(markdown: string, heading: string): readonly ReadmeBlock[] {
  const lines = markdown.split('\n');
  const start = lines.indexOf(`## ${heading}`);
  if (start === -1) throw new Error(`the README has no section "${heading}"`);
  const blocks: ReadmeBlock[] = [];
  for (const fence of fencesOf(lines, start + 1)) {
    const last = blocks.at(-1);
    if (fence.language === 'sh') {
      const commands = fence.content.join('\n');
      const exitCode = Number(/# ends with (\d+)$/m.exec(commands)?.[1] ?? 0);
      blocks.push({ commands, line: fence.line, expected: [], exitCode });
    } else if (fence.language === 'text' && last?.expected.length === 0) {
      blocks[blocks.length - 1] = { ...last, expected: fence.content };
    } else {
      throw new Error(`README line ${fence.line}: a block "${fence.language}" that no command leads to`);
    }
  }
  return blocks;
}

type Fence = { readonly language: string; readonly line: number; readonly content: readonly string[] };

/** Fenced blocks from a line on, up to the next heading of the second level. */
function fencesOf(lines: readonly string[], from: number): Fence[] {
  const fences: Fence[] = [];
  let open: { language: string; line: number; content: string[] } | undefined;
  for (const [index, text] of lines.entries()) {
    if (index < from) continue;
    if (open === undefined && text.startsWith('## ')) break;
    if (open !== undefined && text !== '```') open.content.push(text);
    else if (open !== undefined) {
      fences.push(open);
      open = undefined;
    } else if (text.startsWith('```')) open = { language: text.slice(3), line: index + 1, content: [] };
  }
  return fences;
}

/** The first expected line that the output does not show after the ones before it; undefined when it shows all. */
export function missingLine(output: string, expected: readonly string[]): string | undefined {
  let rest = squeezed(output);
  for (const line of expected) {
    if (line.trim() === '') continue;
    const match = patternOf(line).exec(rest);
    if (match === null) return line;
    rest = rest.slice(match.index + match[0].length);
  }
  return undefined;
}

/** `…` stands for anything within a line, and any run of blanks for any other: columns move with their content. */
function patternOf(line: string): RegExp {
  const parts = squeezed(line.trim())
    .split('…')
    .map((part) => part.replaceAll(/[.*+?^${}()|[\]\\]/g, String.raw`\$&`));
  return new RegExp(parts.join('.*?'));
}

function squeezed(text: string): string {
  return text.replaceAll(/[ \t]+/g, ' ');
}
