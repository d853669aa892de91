import { lifecycleDocument } from './lifecycle-document.ts';
import { withPolicyTable } from './policy-table.ts';

/** A page that is generated, or a page with a generated part: `text` is given what is there and answers what should be. */
export type GeneratedDocument = { readonly path: string; readonly text: (before: string) => string };

/** Everything that `tools/lifecycle-document.mjs` writes. */
export const documents: readonly GeneratedDocument[] = [
  { path: 'docs/lifecycle.md', text: () => lifecycleDocument() },
  { path: 'docs/policy-profiles.md', text: withPolicyTable },
];
