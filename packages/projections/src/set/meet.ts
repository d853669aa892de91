import { paymentLinks } from '../models/payment-links.ts';
import { customerPrefix } from '../models/payment-references.ts';
import { paymentInbox, paymentReferences, referenceSteps, type ReferenceStep } from '../models/payments.ts';
import type { Query } from '../sql/types.ts';
import type { RowMap } from './row.ts';

/** Object → charge → payment → invoice → subscription: no chain is longer. */
const chainLengthMax = 5;

/**
 * *Link learnt* and *fact waiting* meet: in the transaction that writes either, every payment that one of them touches is
 * looked up again. The answer depends only on what is in the tables, so it is the same however events were batched.
 *
 * The best reference wins (they sort by how much they prove), then the link that was learnt first; a customer counts only
 * while one subscription has it.
 */
export async function meet(query: Query, schema: string, rows: RowMap): Promise<void> {
  // Rows of this table hold steps: only its projection writes them.
  const steps = rows.changed(referenceSteps).map((row) => (row.body as ReferenceStep).from);
  const references = [...rows.changed(paymentLinks), ...rows.changed(paymentReferences)].map((row) => row.key);
  const payments = rows.changed(paymentInbox).map((row) => row.stream);
  if (references.length === 0 && payments.length === 0 && steps.length === 0) return;
  await query(meetStatement(schema), [[...new Set([...references, ...steps])], payments, customerPrefix]);
}

/** The same for every payment: once, after a set was filled without looking any payment up. */
export async function meetAll(query: Query, schema: string): Promise<void> {
  await query(
    `update ${schema}.payments p
        set candidate = case when p.status = 'parked' then (${candidate(schema, '$1')}) end
      where p.status = 'parked' or p.candidate is not null`,
    [customerPrefix],
  );
}

function meetStatement(schema: string): string {
  return `
    with recursive touched (ref, depth) as (
      select unnest($1::text[]) collate "C", 0
      union
      select s.narrow, touched.depth + 1
        from ${schema}.reference_steps s join touched on s.wide = touched.ref
       where touched.depth < ${chainLengthMax}
    )
    update ${schema}.payments p
       set candidate = case when p.status = 'parked' then (${candidate(schema, '$3')}) end
     where p.stream in (
             select stream from ${schema}.payment_references where key in (select ref from touched)
             union select unnest($2::text[]) collate "C")
       and (p.status = 'parked' or p.candidate is not null)`;
}

function candidate(schema: string, customers: string): string {
  return `
    with recursive reach (ref, depth) as (
      select r.key, 0 from ${schema}.payment_references r where r.stream = p.stream
      union
      select s.wide, reach.depth + 1
        from ${schema}.reference_steps s join reach on s.narrow = reach.ref
       where reach.depth < ${chainLengthMax}
    )
    select l.stream
      from reach join ${schema}.payment_links l on l.key = reach.ref
     where left(reach.ref, length(${customers}::text)) <> ${customers}::text
        or not exists (
             select from ${schema}.payment_links other where other.key = reach.ref and other.stream <> l.stream)
     order by reach.ref, l.position, l.stream
     limit 1`;
}
