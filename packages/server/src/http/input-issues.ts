import type { z } from '@hono/zod-openapi';
import type { InputIssue } from './problem.ts';

type ZodIssue = z.ZodError['issues'][number];

/** What a schema found wrong, in the words of problems. */
export function issuesOf(place: InputIssue['in'], error: z.ZodError | undefined): readonly InputIssue[] {
  return (error?.issues ?? []).flatMap(unfold).map((issue) => ({
    in: place,
    path: issue.path.map(String).join('.'),
    code: issue.code ?? 'invalid',
    message: issue.message,
  }));
}

/** A union says only that nothing fits: the branch that came furthest says what is probably meant. */
function unfold(issue: ZodIssue): readonly ZodIssue[] {
  if (issue.code !== 'invalid_union') return [issue];
  const branches = issue.errors.filter((branch) => branch.length > 0);
  const best = [...branches].sort((a, b) => depth(b) - depth(a) || a.length - b.length)[0];
  if (best === undefined) return [issue];
  // Issues inside a union have the union's own place left out of their paths.
  return best.flatMap((inner) => unfold({ ...inner, path: [...issue.path, ...inner.path] }));
}

function depth(branch: readonly { readonly path: readonly PropertyKey[] }[]): number {
  return Math.max(...branch.map((issue) => issue.path.length));
}
