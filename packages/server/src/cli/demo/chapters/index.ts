import type { Chapter } from '../chapter.ts';
import { buying } from './buying.ts';
import { catalogueChapter } from './catalogue.ts';
import { actions, disabled, expiry } from './ending.ts';
import { unknown, unreadable } from './inbox.ts';
import { outOfOrder } from './out-of-order.ts';
import { payingChapters } from './paying.ts';
import { proof } from './proof.ts';
import { refund } from './refund.ts';
import { reactivationChapters } from './returning.ts';

/** The chapters in the order in which they build on each other. */
export function allChapters(csvPath: string | undefined): readonly Chapter[] {
  return [
    catalogueChapter(csvPath),
    buying,
    ...payingChapters(),
    outOfOrder,
    unknown,
    unreadable,
    expiry,
    disabled,
    actions,
    ...reactivationChapters(),
    refund,
    proof,
  ];
}
